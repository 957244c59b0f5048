"""What was made from what: records by digest, and whether they still hold.

A stage that writes several files writes its record last. The record names each of
them with its size and digest, and the digest of each file that they were made from:
old and new files beside each other do not pass for one result, whenever a process
was killed.
"""

import errno
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from crosswarp.documents import read_object
from crosswarp.errors import MixedError
from crosswarp.files import file_digest, make_folder, write_json

PRODUCTS: Final = "products"
"""Key of a record: what was written, by name, each with its size and digest."""

SOURCES: Final = "made_from"
"""Key of a record: digests of what was read, by name."""

STATE: Final = "state"
"""Key of a record whose stage was begun and has not ended; absent from others."""

BEGUN: Final = "begun"

Kind: TypeAlias = Literal["damaged", "gone", "changed", "mixed", "unfinished"]


@dataclass(frozen=True)
class Finding:
    """What `crosswarp verify` has to say of one file or folder.

    Attributes:
        path: From the folder that is verified.
        kind: ``damaged``: it cannot be read, or has another size than was written;
            ``gone``: it was recorded and is not there; ``changed``: its bytes are not
            those that were written; ``mixed``: it was made from other files than those
            that are there now; ``unfinished``: work on it was begun and did not end.
        says: What was found, in a phrase.
        mend: The command that mends it.
    """

    path: str
    kind: Kind
    says: str
    mend: str


def products_of(folder: Path, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Describe files that were written.

    Args:
        folder: From which the names count.
        names: Of files that are there.

    Returns:
        By name, ``bytes`` (the size) and ``sha256`` (`file_digest`).
    """
    return {
        name: {
            "bytes": (folder / name).stat().st_size,
            "sha256": file_digest(folder / name),
        }
        for name in sorted(names)
    }


def files_in(folder: Path) -> list[str]:
    """Name all files in a folder and below it, from the folder on."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in found)


def sources_of(paths: Mapping[str, Path]) -> dict[str, str | None]:
    """Digest what was read, by name; None for a file that is not there."""
    return {
        name: file_digest(path) if path.is_file() else None
        for name, path in sorted(paths.items())
    }


def begin_record(path: Path, content: Mapping[str, Any] | None = None) -> None:
    """Say that a stage works, before it changes anything.

    Until `write_record` takes the place of this, nobody reads what is there. (A record
    that was only deleted would leave files of which nobody knows whose they are.)

    Args:
        path: Of the record.
        content: What else to say.
    """
    write_json(path, {**(content or {}), STATE: BEGUN})


def is_begun(record: Mapping[str, Any]) -> bool:
    """Whether the stage of a record has begun and not ended."""
    return record.get(STATE) == BEGUN


def write_record(
    path: Path,
    content: Mapping[str, Any],
    *,
    products: Iterable[str] = (),
    sources: Mapping[str, str | None] | None = None,
) -> dict[str, Any]:
    """Write a record: the last file of a stage, which says that it is complete.

    Args:
        path: Of the record, in the folder from which the names of products count.
        content: All else that it says.
        products: Files that the stage wrote.
        sources: What it read, as `sources_of` had it *before* the work: what changes
            meanwhile is not what the products were made from.

    Returns:
        The record as written.
    """
    make_folder(path.parent)
    made = {PRODUCTS: products_of(path.parent, products), SOURCES: dict(sources or {})}
    record = {**content, **made}
    write_json(path, record)
    return record


def changed_products(
    folder: Path, record: Mapping[str, Any], *, by_digest: bool = True
) -> list[str]:
    """Compare the files of a stage with its record.

    Args:
        folder: From which the names count.
        record: Content of the record.
        by_digest: Whether all bytes are read; sizes are compared always.

    Returns:
        A phrase for each that is not as recorded; none when all are, or when the
        record is an earlier version's and names none.
    """
    faults = faults_of(folder, record, by_digest=by_digest)
    return [f"{name} {says}" for name, _, says in faults]


def faults_of(
    folder: Path, record: Mapping[str, Any], *, by_digest: bool = True
) -> list[tuple[str, Kind, str]]:
    """Name, kind and phrase of each file that is not as a stage recorded it.

    See `changed_products`.
    """
    listed = record.get(PRODUCTS)
    faults: list[tuple[str, Kind, str]] = []
    for name, made in (listed if isinstance(listed, dict) else {}).items():
        path, made = folder / name, made if isinstance(made, dict) else {}
        if not _is_there(path):
            faults.append((name, "gone", "is gone"))
        elif path.stat().st_size != made.get("bytes"):
            size = path.stat().st_size
            says = f"has {size} bytes in place of {made.get('bytes')}"
            faults.append((name, "damaged", says))
        elif by_digest and file_digest(path) != made.get("sha256"):
            faults.append((name, "changed", "was changed after it was written"))
    return faults


def _is_there(path: Path) -> bool:
    """Whether there is such a file; there is none of a name that no file can have."""
    try:
        return path.is_file()
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        return False


def changed_sources(
    record: Mapping[str, Any], sources: Mapping[str, str | None]
) -> list[str]:
    """Name what is not any more what a stage read.

    Args:
        record: Content of the record.
        sources: Digests of now; names that the record does not have are passed over.
    """
    listed = record.get(SOURCES)
    known = listed if isinstance(listed, dict) else {}
    return [name for name in sources if name in known and known[name] != sources[name]]


def require_whole(
    path: Path, sources: Mapping[str, str | None], command: str
) -> dict[str, Any]:
    """Read a record, and refuse it when its files do not belong together.

    Args:
        path: Of the record.
        sources: Digests, as they are now, of what its stage read.
        command: That makes it anew.

    Raises:
        MixedError: Naming what changed, and the command.
    """
    record = read_object(path)
    again = f"run `{command}` again"
    if not record:
        msg = f"{path.name} cannot be read; {again}"
        raise MixedError(msg)
    if is_begun(record):
        msg = (
            f"`{command}` was begun and has not ended: what lies beside {path.name} may"
            f" be of before and after; {again}"
        )
        raise MixedError(msg)
    stale = changed_sources(record, sources)
    if stale:
        msg = f"{path.name} was not made from the present {', '.join(stale)}; {again}"
        raise MixedError(msg)
    faults = changed_products(path.parent, record)
    if faults:
        msg = f"what {path.name} records is not what is there: {faults[0]}; {again}"
        raise MixedError(msg)
    return record
