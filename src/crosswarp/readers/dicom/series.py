"""What series a set of DICOM files holds, as far as geometry and contrast go."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from crosswarp.bids.dicom_files import read_header, tag_number, tag_text
from crosswarp.errors import ScanError
from crosswarp.readers.dicom.frames import pixel_digest
from crosswarp.readers.dicom.people import count_people
from crosswarp.readers.dicom.places import (
    PLACE_TAGS,
    Place,
    echo_times,
    frame_count,
    frame_kinds,
    frames_described,
    places_of,
)
from crosswarp.readers.dicom.words import T1_WORDS, after_contrast, words_in

if TYPE_CHECKING:
    from pydicom import Dataset

_TAGS: Final = (
    *("Modality", "SeriesInstanceUID", "SeriesNumber", "PatientID", "PatientName"),
    *("StudyInstanceUID", "StudyDate"),
    *("ImageType", "SeriesDescription", "ProtocolName", "EchoTime"),
    *("ContrastBolusAgent", "BitsAllocated", "SamplesPerPixel", "BodyPartExamined"),
    *PLACE_TAGS,
)
_UNCOMPRESSED: Final = ("", "1.2.840.10008.1.2", "1.2.840.10008.1.2.1")
"""Transfer syntaxes in which pixels take as many bytes as the header says."""

_SHOWN_KINDS: Final = ("ND", "NORM", "DIS2D", "DIS3D", "UNI")


@dataclass(frozen=True)
class Series:
    """Images that were taken together.

    Attributes:
        number: As the scanner counts them; 0 when it does not.
        modality: ``MR``, ``CT``, …
        files: Of the images, in the order of their names; each image once.
        images: Slices: files, or frames of a file that has many.
        words: Of `words.ALL_WORDS`, in the description.
        echo_ms: Longest echo time; None when it is not said.
        original: Taken by the scanner, not computed from other images.
        localizer: Marked as one.
        places: Of the slices: orientation (6 numbers), position (3) and pixel spacing
            with matrix (4); not a number where it is not said.
        uid: SeriesInstanceUID of the series.
        visit: Time of the examination, to separate visits; never shown.
        kinds: Words of the image type, upper case.
        contrast_agent: Taken after one.
        echoes: Number of echo times.
        flaw: What is wrong with its files; empty when nothing is.
        body_part: What was examined, in upper case; empty when it is not said.
    """

    number: int
    modality: str
    files: tuple[Path, ...]
    images: int
    words: tuple[str, ...]
    echo_ms: float | None
    original: bool
    localizer: bool
    places: tuple[Place, ...]
    uid: str = ""
    visit: str = ""
    kinds: tuple[str, ...] = ()
    contrast_agent: bool = False
    echoes: int = 1
    flaw: str = ""
    body_part: str = ""

    @cached_property
    def is_named_t1(self) -> bool:
        """Whether its description says so."""
        return self.is_uni or bool(set(self.words) & set(T1_WORDS))

    @property
    def is_uni(self) -> bool:
        """Whether it is the uniform image of an MP2RAGE, which is T1-weighted."""
        return "uni" in self.words or "UNI" in self.kinds

    def __str__(self) -> str:
        words = f", {' '.join(self.words)}" if self.words else ""
        kind = "" if self.original else ", derived"
        echo = "" if self.echo_ms is None else f", TE {self.echo_ms:g} ms"
        made = " ".join(word for word in _SHOWN_KINDS if word in self.kinds)
        return (
            f"series {self.number} ({self.modality}, {self.images} images{kind}"
            f"{echo}{words}{', ' if made else ''}{made}"
            f"{', after a contrast agent' if self.contrast_agent else ''})"
        )


def read_series(files: Iterable[Path]) -> list[Series]:
    """Sort DICOM files into series; other files are passed over.

    Args:
        files: Paths of any files.

    Returns:
        In the order of their numbers.

    Raises:
        ScanError: If no file is DICOM, or they are of more than one person.
        MissingPackageError: If pydicom is not installed.
    """
    groups: dict[tuple[str, str], list[tuple[Path, Any]]] = defaultdict(list)
    headers = []
    for path in sorted(files):
        header = read_header(path, _TAGS)
        if header is None:
            continue
        headers.append(header)
        # Some programs give all series of an examination one UID.
        of = (tag_text(header, "SeriesInstanceUID"), tag_text(header, "SeriesNumber"))
        groups[of].append((path, header))
    if not groups:
        msg = "no DICOM image was found; give the folder or the archive that has them"
        raise ScanError(msg)
    people = count_people(headers)
    if people > 1:
        # Whose they are is not for a ledger.
        msg = (
            f"DICOM images of {people} people; put the files of each person into a"
            " folder of their own"
        )
        raise ScanError(msg)
    found = [_series(group) for group in groups.values()]
    return sorted(found, key=lambda series: (series.number, series.files))


def _series(group: list[tuple[Path, Any]]) -> Series:
    group, places = _each_once(group)
    first = group[0][1]
    kinds = _kinds(first)
    name, protocol = (tag_text(first, t) for t in ("SeriesDescription", "ProtocolName"))
    # On some scanners the protocol is named after all that is in it.
    described = name if words_in(name) else f"{name} {protocol}"
    echoes = set().union(*(echo_times(header) for _, header in group))
    return Series(
        int(tag_number(first, "SeriesNumber") or 0),
        tag_text(first, "Modality") or "unknown",
        tuple(path for path, _ in group),
        sum(frame_count(header) for _, header in group),
        words_in(described),
        max(echoes, default=None),
        "DERIVED" not in kinds[:1],
        "LOCALIZER" in kinds,
        places,
        uid=tag_text(first, "SeriesInstanceUID"),
        visit=tag_text(first, "StudyDate") or tag_text(first, "StudyInstanceUID"),
        kinds=kinds,
        contrast_agent=after_contrast(described, tag_text(first, "ContrastBolusAgent")),
        echoes=len(echoes),
        flaw=_flaw(group),
        body_part=tag_text(first, "BodyPartExamined").strip().upper(),
    )


def _kinds(header: "Dataset") -> tuple[str, ...]:
    said = [str(word).upper() for word in header.get("ImageType", None) or []]
    return (*said, *sorted(frame_kinds(header) - set(said)))


def _each_once(
    group: list[tuple[Path, Any]],
) -> tuple[list[tuple[Path, Any]], tuple[Place, ...]]:
    """Leave out files that are copies of an image, as of an examination sent twice.

    Copies lie at one place and have the same pixels; their UIDs may differ, since
    programs that take names out give new ones. Unless all that lie at one place are
    copies, they are volumes of their own, and none is left out: air is alike in all.
    """
    places = [places_of(header) for _, header in group]
    times = Counter(places)
    images = {
        (place, pixel_digest(path) if times[place] > 1 else ""): (path, header)
        for (path, header), place in zip(reversed(group), reversed(places), strict=True)
    }
    if len(images) == len(times):
        group = list(reversed(images.values()))
        places = [place for place, _ in reversed(images)]
    return group, tuple(place for some in places for place in some)


def _flaw(group: list[tuple[Path, Any]]) -> str:
    """Say what is wrong with the files of a series, before a voxel is read."""
    for _, header in group:
        described = frames_described(header)
        if described is not None and described != frame_count(header):
            return f"a file of {frame_count(header)} frames describes {described}"
    short = sum(path.stat().st_size < _least_bytes(header) for path, header in group)
    return f"{short} of {len(group)} files cut short" if short else ""


def _least_bytes(header: "Dataset") -> float:
    """Bytes of a file up to its last pixel; 0 when pixels are compressed."""
    meta = getattr(header, "file_meta", None)
    syntax = "" if meta is None else str(meta.get("TransferSyntaxUID", ""))
    if syntax not in _UNCOMPRESSED:
        return 0.0
    rows, columns, bits, samples = (
        tag_number(header, tag) or 0.0
        for tag in ("Rows", "Columns", "BitsAllocated", "SamplesPerPixel")
    )
    pixels = frame_count(header) * rows * columns * max(samples, 1) * bits / 8
    return float(header.header_bytes + pixels)
