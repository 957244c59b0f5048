"""Maps smoothed by a Gaussian, as group comparisons of voxels smooth them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from scipy.ndimage import gaussian_filter

from crosswarp.disks import reserve, storage_named
from crosswarp.types.arrays import StoredMaps

SIGMAS: Final = float(np.sqrt(8 * np.log(2)))
"""Full width at half maximum of a Gaussian, in standard deviations: 2.355."""

REACH: Final = 3.0
"""Standard deviations beyond which the Gaussian is cut off."""


@contextmanager
def smoothed(
    maps: StoredMaps,
    fwhm_mm: float,
    spacing: tuple[float, float, float],
    scratch: Path,
) -> Iterator[StoredMaps]:
    """Smooth the map of every scan; one scan at a time is in memory.

    The maps end at the box that networks see; beyond it they count as 0, as the
    outside of the brain does.

    Args:
        maps: Maps of all scans.
        fwhm_mm: Full width at half maximum of the Gaussian; 0 gives the maps.
        spacing: Millimetres between voxels along each axis.
        scratch: Folder for a file that is gone after the block.

    Yields:
        Smoothed maps of the precision of `maps`, mapped from the file.

    Raises:
        StorageError: If the disk of `scratch` has no space for them.
    """
    if fwhm_mm == 0:
        yield maps
        return
    sigmas = fwhm_mm / SIGMAS / np.array(spacing)
    with storage_named(scratch), tempfile.TemporaryFile(dir=scratch) as file:
        reserve(file, maps.size * maps.dtype.itemsize)
        whole = np.memmap(file, dtype=maps.dtype, mode="r+", shape=maps.shape)
        for row, values in enumerate(maps):
            whole[row] = gaussian_filter(
                np.asarray(values, dtype=np.float32),
                sigmas,
                mode="constant",
                truncate=REACH,
            )
        yield whole
