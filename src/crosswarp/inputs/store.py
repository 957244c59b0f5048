"""All maps of an analysis in two arrays that processes share."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from crosswarp.disks import require_space, reserve
from crosswarp.execution.progress import Progress, SilentProgress
from crosswarp.files import written_folder
from crosswarp.inputs.duplicates import HeadsSeen
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.samples import read_maps
from crosswarp.inputs.scan_files import ScanFiles
from crosswarp.types.arrays import ScalarMap, StoredMaps
from crosswarp.types.maps import OF_SCAN

STORED: Final = np.float16
"""Eleven bits: 0.0005 at 1, finer than the noise of either map, at half the memory."""

MAPS: Final = ("t1w", "jsm")


@dataclass(frozen=True)
class MapStore:
    """Maps of many scans, in the order of the samples.

    They are mapped from files: processes that read them share one copy in memory,
    and the system lets go of what does not fit.

    Attributes:
        t1w: Aligned T1w images.
        jsm: Log-Jacobian maps of the scans.
    """

    t1w: StoredMaps
    jsm: StoredMaps

    def __reduce__(self) -> tuple[Any, ...]:
        """Send another process the folder, not the maps."""
        # mypy sees arrays; `open_store` maps them from files.
        name: Any = getattr(self.t1w, "filename", None)
        if name is None:
            return (MapStore, (self.t1w, self.jsm))
        return (open_store, (Path(name).parent,))


def write_store(
    folder: Path,
    samples: Sequence[ScanFiles],
    grid: Grid,
    progress: Progress | None = None,
) -> None:
    """Read every map, cut the box out and keep it in one file a kind.

    Args:
        folder: To write to; an older one is replaced.
        samples: In the order to keep.
        grid: That all maps must be on.
        progress: Told of every scan.

    Raises:
        ScanError: If a map cannot be read or is not finite.
        ShapeError: If a map is on another grid.
        LeakageError: If two participants have the same head.
        StorageError: If the disk has no space for all maps; it is looked for before
            the first is read, and taken.
    """
    progress = progress or SilentProgress()
    shape = (len(samples), *grid.seen_extent)
    size = len(MAPS) * math.prod(grid.seen_extent) * np.dtype(STORED).itemsize
    require_space(folder, len(samples), size)
    progress.stage("read maps", len(samples))
    heads = HeadsSeen(grid.resolution, grid.mirror)
    with written_folder(folder) as temporary:
        arrays = {name: _new_array(temporary / f"{name}.npy", shape) for name in MAPS}
        for row, files in enumerate(samples):
            for name, values in zip(MAPS, read_maps(files, grid), strict=True):
                arrays[name][row] = values
            heads.add(files.scan.participant_id, *_head(files, grid, arrays, row))
            progress.advance(files.scan.label)
        heads.check(lambda row: _head(samples[row], grid, arrays, row))
        for array in arrays.values():
            array.flush()
    progress.done()


def _head(
    files: ScanFiles, grid: Grid, arrays: Mapping[str, np.ndarray], row: int
) -> tuple[ScalarMap, ScalarMap]:
    """Give the scan's own two maps, by which heads are compared, as stored."""
    if files.maps == OF_SCAN:
        return arrays["t1w"][row], arrays["jsm"][row]
    own = read_maps(files.as_scanned, grid)
    return own[0].astype(STORED), own[1].astype(STORED)


def open_store(folder: Path) -> MapStore:
    """Open what `write_store` wrote, to read."""
    t1w, jsm = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in MAPS)
    return MapStore(t1w, jsm)


def _new_array(path: Path, shape: tuple[int, ...]) -> np.memmap:
    size = math.prod(shape) * np.dtype(STORED).itemsize
    header = {"descr": np.dtype(STORED).str, "fortran_order": False, "shape": shape}
    with path.open("xb") as file:
        # numpy has no types for its own format.
        np.lib.format.write_array_header_1_0(file, header)  # type: ignore[no-untyped-call]
        reserve(file, file.tell() + size)
    array: np.memmap = np.lib.format.open_memmap(  # type: ignore[no-untyped-call]
        path, mode="r+"
    )
    return array
