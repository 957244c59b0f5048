"""What series a set of DICOM files holds, as far as geometry and contrast go."""

import logging
import re
import warnings
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crosswarp.errors import MissingPackageError, ScanError

if TYPE_CHECKING:
    from pydicom import Dataset

LEAST_IMAGES: Final = 40
"""Slices below which a series is no volume of the head: localizers have 3 to 30."""

LONGEST_ECHO_MS: Final = 20.0
"""Echo time above which a head is not T1-weighted."""

T1_WORDS: Final = (
    "t1",
    "mprage",
    "mp-rage",
    "mp2rage",
    "spgr",
    "fspgr",
    "bravo",
    "tfl",
    "tfe",
)
OTHER_WORDS: Final = (
    *("t2", "flair", "dwi", "dti", "diff", "adc", "bold", "fmri", "epi", "asl"),
    *("swi", "pd", "tof", "mra", "angio", "fieldmap", "field", "localizer", "scout"),
    *("survey", "mip", "perf"),
)
"""Words of a description that name a contrast; all else in it is never shown."""

_TAGS: Final = (
    *("Modality", "SeriesInstanceUID", "SeriesNumber", "PatientID", "PatientName"),
    *("ImageType", "SeriesDescription", "ProtocolName", "ImageOrientationPatient"),
    *("ImagePositionPatient", "NumberOfFrames", "EchoTime", "Rows", "Columns"),
    "PixelSpacing",
)


@dataclass(frozen=True)
class Series:
    """Images that were taken together.

    Attributes:
        number: As the scanner counts them; 0 when it does not.
        modality: ``MR``, ``CT``, …
        files: Of the images, in the order of their names.
        images: Slices: files, or frames of a file that has many.
        words: Of `T1_WORDS` and `OTHER_WORDS`, in the description.
        echo_ms: Echo time; None when it is not said.
        original: Taken by the scanner, not computed from other images.
        localizer: Marked as one.
        places: Of the slices: orientation (6 numbers), position (3) and matrix with
            pixel spacing (4); empty when one file has many slices.
    """

    number: int
    modality: str
    files: tuple[Path, ...]
    images: int
    words: tuple[str, ...]
    echo_ms: float | None
    original: bool
    localizer: bool
    places: tuple[tuple[float, ...], ...]

    @property
    def is_head_volume(self) -> bool:
        """Whether it may be a T1w volume, if nothing else was named."""
        other = set(self.words) & set(OTHER_WORDS)
        long_echo = self.echo_ms is not None and self.echo_ms > LONGEST_ECHO_MS
        return (
            self.modality == "MR"
            and not self.localizer
            and self.images >= LEAST_IMAGES
            and not other
            and not long_echo
        )

    @cached_property
    def is_named_t1(self) -> bool:
        """Whether its description says so."""
        return bool(set(self.words) & set(T1_WORDS))

    def __str__(self) -> str:
        words = f", {' '.join(self.words)}" if self.words else ""
        kind = "" if self.original else ", derived"
        echo = "" if self.echo_ms is None else f", TE {self.echo_ms:g} ms"
        return (
            f"series {self.number} ({self.modality}, {self.images} images{kind}"
            f"{echo}{words})"
        )


def read_series(files: Iterable[Path]) -> list[Series]:
    """Sort DICOM files into series; other files are passed over.

    Args:
        files: Any.

    Returns:
        In the order of their numbers.

    Raises:
        ScanError: If no file is DICOM, or they are of more than one person.
        MissingPackageError: If pydicom is not installed.
    """
    groups: dict[str, list[tuple[Path, Any]]] = defaultdict(list)
    people = set()
    for path in sorted(files):
        header = _header(path)
        if header is None:
            continue
        who = _text(header, "PatientID") or _text(header, "PatientName")
        people.add(who)
        groups[_text(header, "SeriesInstanceUID")].append((path, header))
    if not groups:
        msg = "no DICOM image was found; give the folder or the archive that has them"
        raise ScanError(msg)
    if len(people) > 1:
        # Whose they are is not for a ledger.
        msg = f"DICOM images of {len(people)} people; give those of one alone"
        raise ScanError(msg)
    found = [_series(group) for group in groups.values()]
    return sorted(found, key=lambda series: (series.number, series.files))


def _header(path: Path) -> "Dataset | None":
    try:
        import pydicom
    except ImportError as error:
        msg = "reading DICOM needs more: pip install 'crosswarp[dicom]'"
        raise MissingPackageError(msg) from error
    # Its warnings quote values of the header.
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            # Values that break the standard; each is checked where it is used.
            warnings.simplefilter("ignore")
            header = pydicom.dcmread(
                path, stop_before_pixels=True, specific_tags=list(_TAGS)
            )
    except Exception:  # noqa: BLE001 - pydicom raises anything on what is not DICOM
        return None
    # A DICOMDIR, a report or a presentation state has no images.
    return header if "Rows" in header else None


def _series(group: list[tuple[Path, Any]]) -> Series:
    first = group[0][1]
    kind = [str(word).upper() for word in first.get("ImageType", None) or []]
    described = " ".join(_text(first, t) for t in ("SeriesDescription", "ProtocolName"))
    frames = sum(int(_number(h, "NumberOfFrames") or 1) for _, h in group)
    many = frames > len(group)
    return Series(
        int(_number(first, "SeriesNumber") or 0),
        _text(first, "Modality") or "unknown",
        tuple(path for path, _ in group),
        frames,
        _words(described),
        _number(first, "EchoTime"),
        not kind or kind[0] != "DERIVED",
        "LOCALIZER" in kind,
        () if many else tuple(_place(header) for _, header in group),
    )


def _words(described: str) -> tuple[str, ...]:
    """Pick the words that name a contrast; ``t1_mprage_sag`` has two."""
    parts = re.split(r"[^a-z0-9-]+", described.lower())
    pieces = {*parts, *(piece for part in parts for piece in part.split("-"))}
    # t1w, t1weighted, mprage1, 3dt1
    return tuple(
        word
        for word in (*T1_WORDS, *OTHER_WORDS)
        if any(re.fullmatch(rf"(3d)?{word}(w|weighted)?\d?", p) for p in pieces)
    )


def _place(header: "Dataset") -> tuple[float, ...]:
    """Orientation, position, matrix, spacing: 13 numbers, not a number where absent."""
    wanted = (
        ("ImageOrientationPatient", 6),
        ("ImagePositionPatient", 3),
        ("PixelSpacing", 2),
    )
    numbers: list[float] = []
    for tag, count in wanted:
        try:
            values = [float(v) for v in header.get(tag, None) or []]
        except (TypeError, ValueError):
            values = []
        numbers += values if len(values) == count else [np.nan] * count
    rows, columns = (_number(header, tag) for tag in ("Rows", "Columns"))
    return (*numbers, rows or np.nan, columns or np.nan)


def _text(header: "Dataset", tag: str) -> str:
    return str(header.get(tag, "") or "").strip()


def _number(header: "Dataset", tag: str) -> float | None:
    try:
        return float(header.get(tag, None))
    except (TypeError, ValueError):
        return None
