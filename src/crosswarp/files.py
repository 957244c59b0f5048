"""Files that are whole or not there, and fingerprints to tell whether to redo them."""

import errno
import hashlib
import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from crosswarp.errors import InputError, StorageError

FINGERPRINT_LENGTH = 16
"""Hexadecimal digits kept of a SHA-256: 64 bits, enough to tell runs apart."""


_STORAGE = {
    errno.ENOSPC: "no space is left; free some",
    errno.EDQUOT: "the quota is used up; free some space",
    errno.EFBIG: "a file grew over the limit of this machine; raise it",
    errno.EROFS: "the file system is read-only; choose another folder",
    errno.EACCES: "no permission to write; choose another folder",
}
"""What the system says of a folder that takes no more, and what to do."""


@contextmanager
def storage_named(folder: Path) -> Iterator[None]:
    """Turn the system's refusal to write into one line.

    Args:
        folder: Named in the line.

    Raises:
        StorageError: If the disk is full, over quota or read-only.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _STORAGE:
            raise
        what = _STORAGE[error.errno]
        msg = f"{folder}: {what}, then give the same command again"
        raise StorageError(msg) from error


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a temporary name beside ``path`` and rename it when the block succeeds.

    The suffixes are kept, since NIfTI and figure writers choose by them.

    Args:
        path: Final name. Its folder is made when it is not there.

    Yields:
        The name to write to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _temporary(path)
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def written_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder beside ``path`` that takes its place on success.

    Args:
        path: Final name; an older folder of that name is replaced.

    Yields:
        The folder to write into.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _temporary(path)
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        yield temporary
        if path.exists():
            shutil.rmtree(path)
        temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _temporary(path: Path) -> Path:
    """Name a file or folder that no other process writes, on whatever machine."""
    return path.with_name(f".part-{socket.gethostname()}-{os.getpid()}-{path.name}")


def write_json(path: Path, value: object) -> None:
    """Write ``value`` as sorted, indented JSON, whole or not at all."""
    text = json.dumps(value, indent=2, sort_keys=True, allow_nan=False) + "\n"
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def read_settings(path: Path) -> dict[str, Any]:
    """Read a YAML file of settings by name.

    Raises:
        FileNotFoundError: If there is no such file.
        InputError: If it is not YAML, or holds something else.
    """
    try:
        settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        msg = f"{path} is not a YAML file: {' '.join(str(error).split())}"
        raise InputError(msg) from error
    if not isinstance(settings, dict):
        msg = f"{path} should hold settings by name, got {settings!r:.60}"
        raise InputError(msg)
    return settings


def read_json(path: Path) -> Any:  # noqa: ANN401 - what a JSON file holds
    """Read a JSON file.

    Raises:
        InputError: If the file is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        msg = f"{path} is not a JSON file ({error}); delete it to have it made again"
        raise InputError(msg) from error


def fingerprint(*parts: object) -> str:
    """Digest JSON-like values, so that equal inputs and settings give equal text.

    Args:
        *parts: Numbers, text, lists and dictionaries. A path is refused: what
            counts is what the file holds (`file_digest`), not where it lies.

    Example:
        >>> fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
        True
    """
    text = json.dumps(parts, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:FINGERPRINT_LENGTH]


def file_digest(path: Path) -> str:
    """Digest the bytes of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:FINGERPRINT_LENGTH]


def folder_digest(folder: Path) -> str:
    """Digest the bytes and the relative names of all files in a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return fingerprint(
        [[path.relative_to(folder).as_posix(), file_digest(path)] for path in files]
    )
