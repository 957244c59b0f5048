"""Short rows whose products are nearly the correlations of long ones."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

LENGTH: Final = 1024
"""Numbers of a sketch: the SD of a correlation of 0.955 is 0.003, of 0 it is 0.03."""

FIRST: Final = 32
"""Scans that tell which voxels are in the head; the others are compared in these."""

_ROWS: Final = 512
"""Scans compared with all others at a time, so that memory stays small."""


class Sketches:
    """Sketches of several maps of each scan, in the head alone.

    Each voxel is added to one of `LENGTH` sums, with a sign: both are drawn once, with
    a fixed seed. Memory grows by some kilobytes a scan, whatever the maps' size.

    References:
        Charikar et al. (2004), Finding frequent items in data streams. Theoretical
        Computer Science 312(1), 3-15. doi:10.1016/S0304-3975(03)00400-6
    """

    def __init__(self) -> None:
        self._first: list[list[np.ndarray]] = []
        self._sketches: list[list[np.ndarray]] = []
        self._inside: np.ndarray | None = None

    def add(self, maps: Sequence[np.ndarray]) -> None:
        """Take up the maps of a scan; where the first one is above 0 is its head."""
        if self._inside is None:
            self._first.append(list(maps))
            if len(self._first) == FIRST:
                self.settle()
        else:
            self._sketches.append([self._sketch(each) for each in maps])

    def settle(self) -> None:
        """Decide which voxels are compared, from the scans that there are."""
        if self._inside is not None or not self._first:
            return
        # Outside the head all scans are alike.
        inside = np.mean([maps[0] > 0 for maps in self._first], axis=0) > 0.5
        self._inside = inside
        drawn, count = np.random.default_rng(0), int(inside.sum())
        self._sums = drawn.integers(0, LENGTH, count)
        self._signs = drawn.choice(np.array([-1.0, 1.0]), count)
        for maps in self._first:
            self._sketches.append([self._sketch(each) for each in maps])
        self._first.clear()

    def standardised(self, values: np.ndarray) -> np.ndarray:
        """Return a map in the head, so that a product of two is their correlation."""
        row: np.ndarray = values[self._inside].astype(np.float32)
        row -= row.mean() if row.size else 0
        size = np.linalg.norm(row)
        return row / (size if size > 0 else 1)

    def alike(
        self, owners: np.ndarray, kinds: Sequence[tuple[int, int]], least: float
    ) -> Iterator[tuple[float, int, int]]:
        """Find pairs of scans that seem to be alike in several maps at once.

        Args:
            owners: Number of the participant of each scan; a pair has two of them.
            kinds: Numbers of the map of the one scan and of the map of the other.
            least: Estimated correlation that all kinds must reach.

        Yields:
            The least of their estimated correlations, and the two scans.
        """
        self.settle()
        rows = [np.array(each) for each in zip(*self._sketches, strict=True)]
        for start in range(0, len(owners), _ROWS):
            part = slice(start, start + _ROWS)
            one, other = kinds[0]
            found = rows[one][part] @ rows[other][start:].T
            i, j = np.nonzero(found >= least)
            # Pairs are looked at once, whichever of the two comes first.
            kept = (owners[i + start] != owners[j + start]) & (j > i)
            i, j, value = i[kept], j[kept], found[i[kept], j[kept]]
            for one, other in kinds[1:]:
                pairs = rows[one][i + start] * rows[other][j + start]
                value = np.minimum(value, pairs.sum(axis=1))
            for k in np.flatnonzero(value >= least):
                yield float(value[k]), int(i[k]) + start, int(j[k]) + start

    def _sketch(self, values: np.ndarray) -> np.ndarray:
        weights = self.standardised(values) * self._signs
        sums = np.bincount(self._sums, weights, LENGTH).astype(np.float32)
        size = np.linalg.norm(sums)
        sketch: np.ndarray = sums / (size if size > 0 else 1)
        return sketch
