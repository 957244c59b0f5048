"""One stage's record held against the files that are there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crosswarp.documents import read_object
from crosswarp.files import UNFINISHED
from crosswarp.provenance import Finding, changed_sources, faults_of, is_begun


@dataclass(frozen=True)
class Place:
    """What is verified, and from where it is named.

    Attributes:
        root: Folder that `crosswarp verify` was given, from which paths are shown.
        folder: Of the output.
    """

    root: Path
    folder: Path

    def shown(self, name: str) -> str:
        """Name a file of the output from the root on.

        A damaged record may name a file anywhere: that one is named as it is.
        """
        path = self.folder / name
        inside = path.is_relative_to(self.root)
        return (path.relative_to(self.root) if inside else path).as_posix()


def of_record(
    place: Place,
    name: str,
    now: Mapping[str, str | None],
    mend: str,
) -> Iterator[Finding]:
    """Hold a record, if there is one, against all bytes that it names.

    Args:
        place: Place of the record.
        name: Name of the record's file.
        now: Digests, as they are now, of what its stage read.
        mend: Command that makes it anew.

    Yields:
        What is not as it says.
    """
    path = place.folder / name
    if not path.is_file():
        return
    record = read_object(path)
    if not record:
        yield Finding(place.shown(name), "damaged", "cannot be read", mend)
        return
    if is_begun(record):
        says = "its stage was begun and has not ended"
        yield Finding(place.shown(name), "unfinished", says, mend)
        return
    yield from of_products(place, path.parent, record, mend)
    stale = changed_sources(record, now)
    if stale:
        says = f"was not made from the present {', '.join(stale)}"
        yield Finding(place.shown(name), "mixed", says, mend)


def of_lost_record(
    place: Place, name: str, product: str, mend: str
) -> Iterator[Finding]:
    """Tell when a record is gone whose stage has left something.

    Args:
        place: Place of the record.
        name: Name of the record's file.
        product: File or folder that is never there without the record.
        mend: Command that makes both anew.
    """
    if (place.folder / product).exists() and not (place.folder / name).exists():
        yield Finding(place.shown(name), "gone", "is gone", mend)


def of_products(
    place: Place, folder: Path, record: Mapping[str, Any], mend: str
) -> Iterator[Finding]:
    """Name each product that is gone, damaged or changed."""
    for name, kind, says in faults_of(folder, record):
        yield Finding(Place(place.root, folder).shown(name), kind, says, mend)


def of_unfinished(place: Place, mend: str, *names: str) -> Iterator[Finding]:
    """Name what killed processes have left.

    Args:
        place: Looked into, to its end.
        mend: Command that sweeps it.
        names: Patterns of names, beside those of files that were being written.
    """
    says = "left by a process that was ended, or one that works now"
    for pattern in (f"{UNFINISHED}*", *names):
        for path in sorted(place.folder.rglob(pattern)):
            shown = path.relative_to(place.root).as_posix()
            yield Finding(shown, "unfinished", says, mend)
