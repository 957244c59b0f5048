"""Raw scans, whatever they are stored as."""

from pathlib import Path

from crosswarp.bids.flat import is_dicom_source
from crosswarp.derivatives.dicom import read_dicom
from crosswarp.derivatives.reading import read_t1w
from crosswarp.files import file_digest, folder_digest
from crosswarp.types.arrays import SpatialMap


def read_source(path: Path, series: int | None = None) -> SpatialMap:
    """Read a raw scan.

    Args:
        path: A NIfTI file; or a folder or zip archive of a DICOM examination.
        series: Number of the DICOM series to take; chosen by rules when None.

    Raises:
        ScanError: If it cannot be used; says why.
    """
    return read_dicom(path, series) if is_dicom_source(path) else read_t1w(path)


def source_digest(path: Path) -> str:
    """Digest what a raw scan is stored as."""
    return folder_digest(path) if path.is_dir() else file_digest(path)
