"""What one scan was given as: a file, or a folder or archive with nothing else."""

from pathlib import Path

from crosswarp.bids.dataset import FoundScans, RawScan, find_scans
from crosswarp.bids.images import is_header_of_pair, other_of_pair
from crosswarp.bids.left_out import refuse_empty
from crosswarp.bids.series import SeriesChoice
from crosswarp.bids.walk import is_derivative_folder
from crosswarp.errors import InputError
from crosswarp.outputs import DRAWN


def find_one(
    scan: Path, out: Path, series: SeriesChoice | None = None
) -> tuple[FoundScans, RawScan]:
    """Find the only scan of a file, an archive or a folder.

    Args:
        scan: NIfTI file; either file of a pair ``.hdr`` and ``.img``; zip archive or
            folder of one DICOM examination, or with one NIfTI image.
        out: Folder of the outputs, where no scans are looked for.
        series: The series to take of a DICOM examination; chosen by rules when None.

    Returns:
        What was found, and the scan.

    Raises:
        InputError: If there is none or more than one, or maps were given.
    """
    if _has_maps(scan):
        msg = (
            f"{scan} holds finished maps; predict takes one raw scan here: give the"
            " folder to crosswarp predict, which answers for all scans in it"
        )
        raise InputError(msg)
    image = other_of_pair(scan) if is_header_of_pair(scan) else None
    found = find_scans(image or scan, series=series, excluding=[out])
    refuse_empty(found, scan)
    if len(found.scans) == 1 and not found.problems:
        return found, found.scans[0]
    labels = [raw.scan.label for raw in found.scans]
    labels += [one.label for one, _ in found.problems]
    hint = "give one of them" if scan.is_dir() else "unpack it and give one"
    msg = (
        f"{scan.name} holds {len(labels)} scans, {', '.join(labels[:3])}"
        f"{', …' if len(labels) > 3 else ''}; predict takes one here: {hint}, or a"
        " folder with all of them to crosswarp predict"
    )
    raise InputError(msg)


def holds_one_scan(place: Path, out: Path) -> bool:
    """Whether a folder is that of one scan, not of a cohort.

    A BIDS data set and a folder of maps are those of a cohort, however small.

    Args:
        place: Folder that was given.
        out: Folder of the outputs, where no scans are looked for.
    """
    if not place.is_dir() or _has_maps(place) or any(place.glob("sub-*/")):
        return False
    try:
        found = find_scans(place, excluding=[out])
    except InputError:
        # Who looks for a cohort there says what is lacking.
        return False
    return len(found.scans) == 1 and not found.problems


def _has_maps(place: Path) -> bool:
    return place.is_dir() and (DRAWN.is_here(place) or is_derivative_folder(place))
