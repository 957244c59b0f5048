"""JSON and YAML files, and other bytes from outside: read within bounds."""

from crosswarp.documents.reading import (
    JSON_BYTES,
    UNREADABLE,
    object_in,
    object_of,
    path_from,
    read_as,
    read_bytes,
    read_json,
    read_object,
    read_record,
    read_settings,
    read_yaml,
)

__all__ = [
    "JSON_BYTES",
    "UNREADABLE",
    "object_in",
    "object_of",
    "path_from",
    "read_as",
    "read_bytes",
    "read_json",
    "read_object",
    "read_record",
    "read_settings",
    "read_yaml",
]
