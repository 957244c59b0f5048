"""What a search for raw scans gives."""

from dataclasses import dataclass, field
from pathlib import Path

from crosswarp.bids.ids import ScanId


@dataclass(frozen=True, order=True)
class RawScan:
    """One raw T1w image.

    Attributes:
        scan: Whose it is.
        path: Its NIfTI file; or the folder or zip archive of a DICOM examination; or a
            zip archive with its NIfTI file.
        series: Number or SeriesInstanceUID of the DICOM series to take; by rules when
            None.
        inside: Of a folder, those folders below it whose files belong to the scan; of
            an archive, such members or their folders. All when empty.
        given: Brain mask and transform that another program made from it; none for a
            scan that is still to be preprocessed.
    """

    scan: ScanId
    path: Path
    series: int | str | None = None
    inside: tuple[str, ...] = ()
    given: tuple[Path, ...] = ()


@dataclass(frozen=True)
class FoundScans:
    """What a data set holds; nothing is passed over in silence.

    Attributes:
        scans: One a session, sorted.
        problems: Sessions whose T1w image cannot be told, and why.
        left_out: Sentences on what has no T1w image, or that BIDS does not know.
        root: Of the BIDS data set; None for scans outside one.
        place: File or folder that was searched; None when nobody did.
        out_of_reach: Of ``problems``, the sessions that the machine did not give; it
            may do so later.
    """

    scans: list[RawScan]
    problems: list[tuple[ScanId, str]]
    left_out: list[str]
    root: Path | None = None
    place: Path | None = None
    out_of_reach: list[ScanId] = field(default_factory=list)
