"""JSON and YAML files as they are read: one place, so that none is trusted too far.

A file may come from anybody, or be what a disk made of one. Its size, depth, number
of values (aliases counted as often as they are used) and the digits of its numbers
are bounded before anything is built from it, and whatever is wrong becomes one line
that names the file. Nothing else in this package parses JSON or YAML.
"""

import os
import pickle
import stat
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from crosswarp.documents.json_text import parsed_json
from crosswarp.documents.yaml_text import parsed_yaml
from crosswarp.errors import InputError, MissingDerivativeError
from crosswarp.files import printable

JSON_BYTES: Final = 16 * 2**20
"""Largest JSON file: the longest of ours has a hundredth of it."""

YAML_BYTES: Final = 2**18
"""Largest YAML file, which people write by hand."""

DEPTH: Final = 50
"""Brackets in brackets; the deepest file of ours has 8."""

DIGITS: Final = 300
"""Digits of a whole number: any such number is a float, too."""

PATH_BYTES: Final = 4096
"""Length of a path, with the byte that ends it, which Linux refuses if longer."""

NAME_BYTES: Final = 255
"""Longest name of a file or folder that file systems take."""

UNREADABLE: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    pickle.PickleError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What libraries raise on bytes that are not what they were written for.

Around a call of a library that parses a file, and nothing else: there any of these says
that the file is not sound. Too little memory is not among them.
"""

Model = TypeVar("Model", bound=BaseModel)


def read_bytes(path: Path, limit: int) -> bytes:
    """Read a regular file that is not larger than a limit.

    A pipe is not waited for, and a device not read to its end.

    Args:
        path: Of the file.
        limit: Limit in bytes.

    Raises:
        MissingDerivativeError: If there is no such file.
        InputError: If it is no regular file, cannot be read or is larger.
    """
    try:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(number, "rb") as file:  # noqa: PTH123 - a number, not a path
            regular = stat.S_ISREG(os.fstat(number).st_mode)
            content = file.read(limit + 1) if regular else b""
    except (FileNotFoundError, NotADirectoryError) as error:
        msg = f"there is no {path}"
        raise MissingDerivativeError(msg) from error
    except (OSError, ValueError) as error:
        what = error.strerror if isinstance(error, OSError) else error
        msg = f"{printable(str(path))} cannot be read: {what}"
        raise InputError(msg) from error
    if not regular:
        msg = f"{path} is not a regular file; put a file in its place"
        raise InputError(msg)
    if len(content) > limit:
        msg = f"{path} has more than {limit} bytes, which no such file needs"
        raise InputError(msg)
    return content


def read_settings(path: Path) -> dict[str, Any]:
    """Read a YAML file of settings by name.

    Raises:
        MissingDerivativeError: If there is no such file (a FileNotFoundError, too).
        InputError: If it is not YAML, or holds something else.
    """
    settings = read_yaml(path)
    if not isinstance(settings, dict) or not all(isinstance(k, str) for k in settings):
        msg = f"{path} should hold settings by name, got {settings!r:.60}"
        raise InputError(msg)
    return settings


def read_yaml(path: Path) -> Any:  # noqa: ANN401 - what a YAML file holds
    """Read a YAML file of text, finite numbers, truth values, lists and mappings.

    A date stays text. Other types of YAML, an alias of what it lies in, and a key
    that is there twice are refused.

    Raises:
        MissingDerivativeError: If there is no such file (a FileNotFoundError, too).
        InputError: If it is not such a file.
    """
    content = read_bytes(path, YAML_BYTES)
    try:
        return parsed_yaml(_decoded(content), depth=DEPTH, digits=DIGITS)
    except ValueError as error:
        msg = f"{path} is not a YAML file: {_one_line(error)}"
        raise InputError(msg) from error


def read_json(path: Path, mend: str = "delete it to have it made again") -> Any:  # noqa: ANN401 - what a JSON file holds
    """Read a JSON file.

    ``NaN``, ``Infinity``, numbers that are too large for a float, and keys that are
    there twice are refused.

    Args:
        path: Of the file.
        mend: What the message tells to do when it is not such a file.

    Raises:
        MissingDerivativeError: If there is no such file (a FileNotFoundError, too).
        InputError: If the file is not JSON.
    """
    content = read_bytes(path, JSON_BYTES)
    try:
        return parsed_json(_decoded(content), depth=DEPTH, digits=DIGITS, strict=True)
    except ValueError as error:
        msg = f"{path} is not a JSON file ({_one_line(error)}); {mend}"
        raise InputError(msg) from error


def read_record(
    path: Path, mend: str = "delete it to have it made again"
) -> dict[str, Any]:
    """Read a JSON file that has to hold an object.

    Raises:
        MissingDerivativeError: If there is no such file (a FileNotFoundError, too).
        InputError: If the file is not JSON, or holds something else.
    """
    found = read_json(path, mend)
    if not isinstance(found, dict):
        msg = f"{path} should hold values by name, got {found!r:.60}; {mend}"
        raise InputError(msg)
    return found


def read_as(
    path: Path,
    kind: type[Model],
    mend: str = "delete it to have it made again",
    called: str = "as it was written",
) -> Model:
    """Read a JSON file that has to hold what a class describes.

    Args:
        path: Of the file.
        kind: A pydantic model.
        mend: What the message tells to do when the file holds something else.
        called: What the message says that it is not.

    Raises:
        MissingDerivativeError: If there is no such file (a FileNotFoundError, too).
        InputError: If the file is not JSON, or not of that kind: the first fault, in
            one line that names the file.
    """
    try:
        return kind.model_validate(read_record(path, mend))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "all of it"
        what = str(first["msg"]).removeprefix("Value error, ")
        msg = f"{path} is not {called}: {place}: {_one_line(what)}; {mend}"
        raise InputError(msg) from error


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON object that anybody may have written; empty where it is none."""
    return object_in(path) or {}


def object_in(path: Path) -> dict[str, Any] | None:
    """Read a JSON object that anybody may have written; None where it is none.

    Other programs write ``NaN`` for nothing, and keys twice: the first is None here,
    and the last value of a key counts.
    """
    try:
        return object_of(read_bytes(path, JSON_BYTES))
    except (OSError, ValueError):
        return None


def object_of(content: bytes) -> dict[str, Any] | None:
    """Read a JSON object as `object_in` does, from bytes: of a member of an archive.

    Args:
        content: Not longer than `JSON_BYTES`; longer ones are none.
    """
    if len(content) > JSON_BYTES:
        return None
    try:
        text = _decoded(content)
        found = parsed_json(text, depth=DEPTH, digits=DIGITS, strict=False)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def path_from(folder: Path, text: str) -> Path:
    """Find a path that a file names.

    Args:
        folder: Folder of the file, from which relative paths count.
        text: As it is written. ``~`` and ``$HOME`` at its start are the home folder.

    Raises:
        InputError: If no file can have that name.

    Example:
        >>> path_from(Path("study"), "maps").as_posix()
        'study/maps'
    """
    if text.startswith("$"):
        text = os.path.expandvars(text)
    path = folder / os.path.expanduser(text)  # noqa: PTH111 - ~nobody stays as it is
    if not _can_be(path):
        msg = f"no file can have the path {printable(text):.60}"
        raise InputError(msg)
    return path


def _can_be(path: Path) -> bool:
    """Whether the system can be asked for a path: it refuses some by errors."""
    try:
        stored = os.fsencode(path)
    except UnicodeEncodeError:
        return False
    names = stored.split(b"/")
    short = len(stored) < PATH_BYTES and all(len(n) <= NAME_BYTES for n in names)
    return short and b"\0" not in stored


def _decoded(content: bytes) -> str:
    """Decode UTF-8, with the mark at its start that some editors write.

    Raises:
        ValueError: If it is something else.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"byte {error.start} is not UTF-8 text; save it as UTF-8"
        raise ValueError(msg) from error


def _one_line(error: object) -> str:
    """Shorten what a library says, which may hold all of the file."""
    return printable(" ".join(str(error).split()))[:200]
