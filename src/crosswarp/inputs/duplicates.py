"""One head under two names: it would be in training and test at once."""

import hashlib
from typing import Final

import numpy as np

from crosswarp.errors import LeakageError
from crosswarp.types.arrays import ScalarMap

BLOCK_MM: Final = 4
"""Maps are compared by the means of cubes of this size."""

SAME_HEAD: Final = 0.955
"""Correlation of both maps from which two scans are one head.

Measured at 2 mm: of 39 virtual participants made from two real heads, any two are at
most 0.94 alike in the T1w image and 0.93 in the log-Jacobian map; one scan whose header
was turned by 8 degrees and moved by 16 mm is 0.994 and 0.997 like itself, and one that
was resampled to another grid with noise 0.968 and 0.980.
"""

_ROWS: Final = 256
"""Scans compared with all others at a time, so that memory stays small."""


class HeadsSeen:
    """The scans of a cohort so far, and who they are of.

    Args:
        spacing_mm: Of the maps.
    """

    def __init__(self, spacing_mm: int) -> None:
        self._block = max(BLOCK_MM // spacing_mm, 1)
        self._owners: dict[bytes, str] = {}
        self._names: list[str] = []
        self._t1w: list[np.ndarray] = []
        self._jsm: list[np.ndarray] = []

    def add(self, participant: str, t1w: ScalarMap, jsm: ScalarMap) -> None:
        """Take up a scan.

        Raises:
            LeakageError: If another participant has the same image, voxel by voxel.
        """
        digest = hashlib.sha256(np.ascontiguousarray(t1w).tobytes()).digest()
        owner = self._owners.setdefault(digest, participant)
        if owner != participant:
            msg = (
                f"{owner} and {participant} have the same T1w image, voxel by"
                " voxel; keep one of them in the cohort"
            )
            raise LeakageError(msg)
        self._names.append(participant)
        self._t1w.append(_block_means(t1w, self._block))
        self._jsm.append(_block_means(jsm, self._block))

    def check(self) -> None:
        """Refuse two participants whose maps are nearly the same.

        So it is with one head in two files: another header, another grid, noise.

        Raises:
            LeakageError: Naming the two that are most alike.
        """
        if len(set(self._names)) < 2:
            return
        names = np.array(self._names)
        # Outside the head all scans are alike.
        inside = np.mean([image > 0 for image in self._t1w], axis=0) > 0.5
        maps = [_standardised(maps, inside) for maps in (self._t1w, self._jsm)]
        most, pair = SAME_HEAD, ("", "")
        for start in range(0, len(names), _ROWS):
            rows = slice(start, start + _ROWS)
            alike = np.minimum(*(m[rows] @ m.T for m in maps))
            alike[names[rows, None] == names[None, :]] = -1
            i, j = np.unravel_index(alike.argmax(), alike.shape)
            if alike[i, j] > most:
                most = float(alike[i, j])
                pair = (str(names[rows][i]), str(names[j]))
        if most > SAME_HEAD:
            msg = (
                f"{' and '.join(sorted(pair))} have nearly the same maps (correlation"
                f" {most:.3f}, that of different people is below {SAME_HEAD}): one head"
                " under two names; keep one of them in the cohort"
            )
            raise LeakageError(msg)


def _block_means(values: ScalarMap, block: int) -> np.ndarray:
    i, j, k = (n // block for n in values.shape)
    cut = values[: i * block, : j * block, : k * block].astype(np.float32)
    cubes = cut.reshape(i, block, j, block, k, block)
    means: np.ndarray = cubes.mean(axis=(1, 3, 5)).astype(np.float16)
    return means


def _standardised(maps: list[np.ndarray], inside: np.ndarray) -> np.ndarray:
    """Return one row a scan, so that products of rows are correlations."""
    rows = np.array([values[inside] for values in maps], dtype=np.float32)
    rows -= rows.mean(axis=1, keepdims=True)
    size = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.where(size > 0, size, 1)
    return rows
