"""One head under two names: it would be in training and test at once."""

import hashlib
from collections.abc import Callable
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
was resampled to another grid with noise 0.968 and 0.980. Two heads that were mirrored
in their files, and preprocessed with greedy, are 0.998 and 0.993, 0.999 and 0.963 like
the mirror images of the originals; the maps of six virtual participants are at most
0.86 (T1w) and 0.56 (log-Jacobian) like the mirror image of another one's, and 0.91 and
0.67 like that of their own, which is not compared.
"""

Mirror = Callable[[np.ndarray], np.ndarray]
"""A map to its mirror image about the template's midsagittal plane."""

MIRRORED: Final = ", one of them mirrored left to right"

_ROWS: Final = 256
"""Scans compared with all others at a time, so that memory stays small."""


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
        self._t1w: list[np.ndarray] = []
        self._jsm: list[np.ndarray] = []
        self._mirrored_t1w: list[np.ndarray] = []
        self._mirrored_jsm: list[np.ndarray] = []

    def add(self, participant: str, t1w: ScalarMap, jsm: ScalarMap) -> None:
        """Take up a scan.

        Raises:
            LeakageError: If another participant has the same image, voxel by voxel,
                as it is or mirrored.
        """
        owner = self._owners.setdefault(_digest(t1w), participant)
        _check_owner(owner, participant, "")
        if self._mirror is not None:
            mirrored = self._mirror(t1w)
            owner = self._owners.get(_digest(mirrored), participant)
            _check_owner(owner, participant, MIRRORED)
            self._mirrored_t1w.append(_block_means(mirrored, self._block))
            self._mirrored_jsm.append(_block_means(self._mirror(jsm), self._block))
        self._names.append(participant)
        self._t1w.append(_block_means(t1w, self._block))
        self._jsm.append(_block_means(jsm, self._block))

    def check(self) -> None:
        """Refuse two participants whose maps are nearly the same.

        So it is with one head in two files: another header, another grid, noise, or
        mirrored. A head is never compared with its own mirror image.

        Raises:
            LeakageError: Naming the two that are most alike.
        """
        if len(set(self._names)) < 2:
            return
        names = np.array(self._names)
        # Outside the head all scans are alike.
        inside = np.mean([image > 0 for image in self._t1w], axis=0) > 0.5
        maps = [_standardised(maps, inside) for maps in (self._t1w, self._jsm)]
        found = [(*_most_alike(names, maps, maps), "")]
        if self._mirror is not None:
            mirrored = [
                _standardised(others, inside)
                for others in (self._mirrored_t1w, self._mirrored_jsm)
            ]
            found.append((*_most_alike(names, maps, mirrored), MIRRORED))
        most, pair, how = max(found, key=lambda each: each[0])
        if most > SAME_HEAD:
            msg = (
                f"{' and '.join(sorted(pair))} have nearly the same maps{how}"
                f" (correlation {most:.3f}, that of different people is below"
                f" {SAME_HEAD}): one head under two names; keep one of them in the"
                " cohort"
            )
            raise LeakageError(msg)


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


def _most_alike(
    names: np.ndarray, maps: list[np.ndarray], others: list[np.ndarray]
) -> tuple[float, tuple[str, str]]:
    """Find the two people of whom both maps are most alike, of one mirrored or not."""
    most, pair = -1.0, ("", "")
    for start in range(0, len(names), _ROWS):
        rows = slice(start, start + _ROWS)
        alike = np.minimum(
            *(m[rows] @ other.T for m, other in zip(maps, others, strict=True))
        )
        alike[names[rows, None] == names[None, :]] = -1
        i, j = np.unravel_index(alike.argmax(), alike.shape)
        if alike[i, j] > most:
            most = float(alike[i, j])
            pair = (str(names[rows][i]), str(names[j]))
    return most, pair


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
