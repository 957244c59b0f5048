"""DICOM files to one T1w image, by dcm2niix."""

import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from crosswarp.errors import MachineError, MissingPackageError, ScanError, StorageError
from crosswarp.execution.temporary import temporary_folder
from crosswarp.machine import ended_by_machine
from crosswarp.readers.dicom.choice import choose_t1w
from crosswarp.readers.dicom.frames import link_or_rewrite
from crosswarp.readers.dicom.geometry import (
    check_continuous,
    check_placed,
    check_slices,
)
from crosswarp.readers.dicom.series import Series, read_series
from crosswarp.readers.reading import NotedScan, read_t1w

MOST_SECONDS: Final = 600.0
"""For dcm2niix; a series of 200 slices takes one."""


def read_dicom(files: Iterable[Path], wanted: int | str | None = None) -> NotedScan:
    """Read the T1w image of a DICOM examination.

    Args:
        files: Of one person; what is not DICOM is passed over.
        wanted: Number or SeriesInstanceUID of the series to take; chosen by
            `choose_t1w` when None.

    Returns:
        The image, and notes on which series it is, and which were passed over and why.

    Raises:
        ScanError: If the T1w series cannot be told, is not whole, or cannot be
            converted; says why, and nothing of the person.
        MissingPackageError: If pydicom or dcm2niix is not installed.
        MachineError: If dcm2niix was ended from outside, or took too long.
        StorageError: If there is no room for temporary files.
    """
    chosen = choose_t1w(read_series(files), wanted)
    check_slices(chosen.series)
    with temporary_folder("dicom-") as working:
        scan = read_t1w(_convert(chosen.series, working))
    check_placed(chosen.series, scan)
    check_continuous(chosen.series, scan)
    return NotedScan(scan, chosen.notes)


def _convert(series: Series, working: Path) -> Path:
    """Convert the files of one series, under names that say nothing."""
    images, made = working / "images", working / "converted"
    images.mkdir()
    made.mkdir()
    frames = series.images > len(series.files)
    for number, path in enumerate(series.files):
        link_or_rewrite(path, images / f"{number:06d}.dcm", frames=frames)
    # Without a sidecar (-b n) nothing of the header but geometry is kept; -ba y would
    # anonymise one. -m n: slices of one series that do not fit stay apart, and two
    # images are refused below.
    options = ["-b", "n", "-ba", "y", "-z", "n", "-m", "n", "-w", "2"]
    name = f"dicom_series_{series.number}"
    command = [*_program(), *options, "-f", name, "-o", str(made), str(images)]
    exit_code = _run(command, series)
    niftis = sorted(made.glob("*.nii"))
    if len(niftis) != 1:
        _check_room(working, series)
        # Its words may quote the header, so they are not passed on.
        msg = (
            f"series {series.number}: dcm2niix made {len(niftis)} images of it instead"
            f" of one (exit code {exit_code}); images may be damaged, copy the"
            " series again"
        )
        raise ScanError(msg)
    return niftis[0]


def _run(command: Sequence[str], series: Series) -> int:
    """Run dcm2niix; return its exit code."""
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
        raise MachineError(msg) from error
    except OSError as error:
        msg = (
            f"dcm2niix cannot be started ({error.strerror}): pip install"
            " --force-reinstall dcm2niix"
        )
        raise MissingPackageError(msg) from error
    if ended_by_machine(done.returncode):
        msg = (
            f"series {series.number}: dcm2niix was ended by signal {-done.returncode};"
            " often the machine has run out of memory"
        )
        raise MachineError(msg)
    return done.returncode


def _check_room(folder: Path, series: Series) -> None:
    """Refuse a folder without room for the image: dcm2niix says so to nobody."""
    needed = sum(path.stat().st_size for path in series.files)
    free = shutil.disk_usage(folder).free
    if free < needed:
        msg = (
            f"the temporary folder has {free / 1e6:.0f} MB free, dcm2niix needs about"
            f" {needed / 1e6:.0f} MB; free some, or name another folder in TMPDIR"
        )
        raise StorageError(msg)


def _program() -> list[str]:
    try:
        import dcm2niix
    except ImportError as error:
        msg = "reading DICOM needs more: pip install 'crosswarp[dicom]'"
        raise MissingPackageError(msg) from error
    return [str(dcm2niix.bin)]
