"""All maps of an analysis in two arrays that processes share."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from crosswarp.disks import require_space, reserve
from crosswarp.execution.progress import Progress, SilentProgress
from crosswarp.files import written_folder
from crosswarp.inputs.duplicates import HeadsSeen
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.samples import ScanFiles, read_map
from crosswarp.types.arrays import StoredMaps

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
            for name, path in (("t1w", files.t1w), ("jsm", files.jsm)):
                arrays[name][row] = read_map(path, grid)
            images = (arrays[name][row] for name in MAPS)
            heads.add(files.scan.participant_id, *images)
            progress.advance(files.scan.label)
        heads.check(lambda row: (arrays["t1w"][row], arrays["jsm"][row]))
        for array in arrays.values():
            array.flush()
    progress.done()


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
