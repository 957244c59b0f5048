"""DICOM files to one T1w image, by dcm2niix."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Final

from crosswarp.derivatives.dicom.archive import unpack
from crosswarp.derivatives.dicom.choice import check_slices, choose_t1w
from crosswarp.derivatives.dicom.series import Series, read_series
from crosswarp.derivatives.reading import read_t1w
from crosswarp.errors import MissingPackageError, ScanError
from crosswarp.files import storage_named
from crosswarp.types.arrays import SpatialMap

MOST_SECONDS: Final = 600.0
"""For dcm2niix; a series of 200 slices takes one."""


def read_dicom(source: Path, number: int | None = None) -> SpatialMap:
    """Read the T1w image of a DICOM examination.

    Args:
        source: A folder with the files of one person, at any depth, or a zip of one.
        number: Of the series to take; chosen by `choose_t1w` when None.

    Returns:
        As `read_t1w` gives a NIfTI file.

    Raises:
        ScanError: If the T1w series cannot be told, is not whole, or cannot be
            converted; says why, and nothing of the person.
        MissingPackageError: If pydicom or dcm2niix is not installed.
        StorageError: If there is no room for temporary files.
    """
    with (
        storage_named(Path(gettempdir())),
        TemporaryDirectory(prefix="crosswarp-dicom-") as name,
    ):
        working = Path(name)
        folder = source
        if source.is_file():
            folder = working / "unpacked"
            folder.mkdir()
            unpack(source, folder)
        series = choose_t1w(read_series(_files(folder)), number)
        check_slices(series)
        return read_t1w(_convert(series, working))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _convert(series: Series, working: Path) -> Path:
    """Convert the files of one series, under names that say nothing."""
    images, made = working / "images", working / "converted"
    images.mkdir()
    made.mkdir()
    for number, path in enumerate(series.files):
        (images / f"{number:06d}.dcm").symlink_to(path.resolve())
    # Without a sidecar (-b n) nothing of the header but geometry is kept; -ba y would
    # anonymise one. -m n: slices of one series that do not fit stay apart, and two
    # images are refused below.
    options = ["-b", "n", "-ba", "y", "-z", "n", "-m", "n", "-w", "2"]
    name = f"dicom_series_{series.number}"
    command = [*_program(), *options, "-f", name, "-o", str(made), str(images)]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        msg = f"series {series.number}: dcm2niix took longer than {MOST_SECONDS:g} s"
        raise ScanError(msg) from error
    niftis = sorted(made.glob("*.nii"))
    if len(niftis) != 1:
        # Its words may quote the header, so they are not passed on.
        msg = (
            f"series {series.number}: dcm2niix made {len(niftis)} images of it instead"
            f" of one (exit code {done.returncode}); images may be damaged, copy the"
            " series again"
        )
        raise ScanError(msg)
    return niftis[0]


def _program() -> list[str]:
    try:
        import dcm2niix
    except ImportError as error:
        msg = "reading DICOM needs more: pip install 'crosswarp[dicom]'"
        raise MissingPackageError(msg) from error
    return [str(dcm2niix.bin)]
