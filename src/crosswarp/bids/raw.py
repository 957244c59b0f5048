"""What a search for raw scans gives."""

from dataclasses import dataclass
from pathlib import Path

from crosswarp.bids.ids import ScanId


@dataclass(frozen=True, order=True)
class RawScan:
    """One raw T1w image.

    Attributes:
        scan: Whose it is.
        path: Its NIfTI file; or the folder or zip archive of a DICOM examination.
        series: Number of the DICOM series to take; by rules when None.
    """

    scan: ScanId
    path: Path
    series: int | None = None


@dataclass(frozen=True)
class FoundScans:
    """What a data set holds; nothing is passed over in silence.

    Attributes:
        scans: One a session, sorted.
        problems: Sessions whose T1w image cannot be told, and why.
        left_out: Sentences on what has no T1w image, or that BIDS does not know.
        root: Of the BIDS data set; None for scans outside one.
    """

    scans: list[RawScan]
    problems: list[tuple[ScanId, str]]
    left_out: list[str]
    root: Path | None = None
