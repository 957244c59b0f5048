"""One head under two names: it would be in training and test at once."""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import numpy as np

from crosswarp.errors import LeakageError
from crosswarp.inputs.sketches import Sketches
from crosswarp.types.arrays import ScalarMap

BLOCK_MM: Final = 4
"""Maps are compared by the means of cubes of this size."""

SAME_HEAD: Final = 0.955
"""Correlation of both maps from which two scans are one head.

Measured at 2 mm: of 39 virtual participants made from two real heads, any two are at
most 0.94 alike in the T1w image and 0.93 in the log-Jacobian map; one scan whose header
was turned by 8 degrees and moved by 16 mm is 0.994 and 0.997 like itself, and one that
was resampled to another grid with noise 0.968 and 0.980. Two heads that were mirrored
in their files, and preprocessed with greedy, are 0.998 and 0.993, 0.999 and 0.963 like
the mirror images of the originals; the maps of six virtual participants are at most
0.86 (T1w) and 0.56 (log-Jacobian) like the mirror image of another one's, and 0.91 and
0.67 like that of their own, which is not compared.
"""

SCREENED: Final = SAME_HEAD - 0.02
"""Estimated correlation from which two scans are compared in full: seven times the SD
of the estimate below the limit."""

Mirror = Callable[[np.ndarray], np.ndarray]
"""A map to its mirror image about the template's midsagittal plane."""

Maps = Callable[[int], tuple[ScalarMap, ScalarMap]]
"""The number of a scan to its T1w image and its log-Jacobian map."""

MIRRORED: Final = ", one of them mirrored left to right"

_KINDS: Final = {False: ((1, 1), (0, 0)), True: ((1, 3), (0, 2))}
"""Maps that are compared, of T1w, log-Jacobian and both mirrored, by number."""


class HeadsSeen:
    """The scans of a cohort so far, and who they are of.

    Args:
        spacing_mm: Of the maps.
        mirror: To find heads that were mirrored as well; None does not look for them.
    """

    def __init__(self, spacing_mm: int, mirror: Mirror | None = None) -> None:
        self._mirror = mirror
        self._block = max(BLOCK_MM // spacing_mm, 1)
        self._owners: dict[bytes, str] = {}
        self._names: list[str] = []
        self._sketches = Sketches()

    def add(self, participant: str, t1w: ScalarMap, jsm: ScalarMap) -> None:
        """Take up a scan.

        Raises:
            LeakageError: If another participant has the same image, voxel by voxel,
                as it is or mirrored.
        """
        owner = self._owners.setdefault(_digest(t1w), participant)
        _check_owner(owner, participant, "")
        if self._mirror is not None:
            owner = self._owners.get(_digest(self._mirror(t1w)), participant)
            _check_owner(owner, participant, MIRRORED)
        self._names.append(participant)
        self._sketches.add(self._compared(t1w, jsm))

    def check(self, maps: Maps) -> None:
        """Refuse two participants whose maps are nearly the same.

        So it is with one head in two files: another header, another grid, noise, or
        mirrored. A head is never compared with its own mirror image.

        Args:
            maps: Gives the maps of a scan again, by its number in the order of `add`.

        Raises:
            LeakageError: Naming two that are alike.
        """
        if len(set(self._names)) < 2:
            return
        ways = (False,) if self._mirror is None else (False, True)
        _, owners = np.unique(self._names, return_inverse=True)
        pairs = [
            (about, one, other, way)
            for way in ways
            for about, one, other in self._sketches.alike(owners, _KINDS[way], SCREENED)
        ]
        kept = lru_cache(maxsize=64)(lambda number: self._compared(*maps(number)))
        for _, one, other, way in sorted(pairs, reverse=True):
            most = self._correlation(kept(one), kept(other), way)
            if most > SAME_HEAD:
                pair = sorted((self._names[one], self._names[other]))
                msg = (
                    f"{' and '.join(pair)} have nearly the same maps"
                    f"{MIRRORED if way else ''}"
                    f" (correlation {most:.3f}, that of different people is below"
                    f" {SAME_HEAD}): one head under two names; keep one of them in the"
                    " cohort"
                )
                raise LeakageError(msg)

    def _compared(self, t1w: ScalarMap, jsm: ScalarMap) -> list[np.ndarray]:
        """Return the means of cubes of both maps, and of both mirrored."""
        maps = [t1w, jsm]
        if self._mirror is not None:
            maps += [self._mirror(each) for each in (t1w, jsm)]
        return [_block_means(each, self._block) for each in maps]

    def _correlation(
        self, one: list[np.ndarray], other: list[np.ndarray], way: bool
    ) -> float:
        """Give the correlation of the map in which two scans are less alike."""
        rows = self._sketches.standardised
        return min(float(rows(one[i]) @ rows(other[j])) for i, j in _KINDS[way])


def head_digest(image: ScalarMap) -> str:
    """Digest a T1w map as stores keep it, to find the very scan under another name.

    Args:
        image: Map on the box that a network sees.

    Returns:
        The first 32 hexadecimal digits of a SHA-256.
    """
    return _digest(np.asarray(image, dtype=np.float16)).hex()[:32]


def _digest(image: np.ndarray) -> bytes:
    return hashlib.sha256(np.ascontiguousarray(image).tobytes()).digest()


def _check_owner(owner: str, participant: str, how: str) -> None:
    if owner != participant:
        msg = (
            f"{owner} and {participant} have the same T1w image, voxel by voxel{how};"
            " keep one of them in the cohort"
        )
        raise LeakageError(msg)


def _block_means(values: ScalarMap, block: int) -> np.ndarray:
    i, j, k = (n // block for n in values.shape)
    cut = values[: i * block, : j * block, : k * block].astype(np.float32)
    cubes = cut.reshape(i, block, j, block, k, block)
    means: np.ndarray = cubes.mean(axis=(1, 3, 5)).astype(np.float16)
    return means
