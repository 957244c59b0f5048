"""Known loss and growth: a diffeomorphism that changes each region's volume exactly.

A stationary velocity that is the gradient of a potential, ``v = grad(phi)``, has the
divergence ``laplace(phi)``. The potential of a wanted divergence comes from one
spectral solution of Poisson's equation. What the regions lose or gain is made up by
a small even change of the rest of the brain, and the velocity ends at the skull.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from scipy import fft, ndimage

from crosswarp.errors import InputError
from crosswarp.simulation.fields import Field, Lattice, exponential, spread
from crosswarp.simulation.heads import Head
from crosswarp.types.arrays import Points, ScalarMap

SPACING: Final = 2.0
"""Millimetres between the nodes of the velocity: the entorhinal cortex is thin."""

MARGIN: Final = 28.0
"""Millimetres of brain around the regions that may move."""

FADE: Final = 14.0
"""Millimetres over which the velocity ends, outside the brain and at the box."""

TOLERANCE: Final = 0.005
"""Largest relative error of a region's volume ratio."""

MOST_ROUNDS: Final = 12
"""Of corrections to the divergence."""

ENOUGH: Final = 3000
"""Points of a region that are looked at while its divergence is corrected."""

SOFTNESS: Final = 2.0
"""SD, in mm, of the Gaussian that softens the edges of a region's divergence."""


@dataclass(frozen=True)
class Atrophy:
    """What the disease did.

    Attributes:
        velocity: ``v``: the base head's points move along it, in mm.
        pull_back: Displacement of ``exp(-v)``, changed head to base head, in mm.
    """

    velocity: Field
    pull_back: Field


class AtrophyModel:
    """Regions of one head, ready to be changed.

    Args:
        head: A head with labels.
        regions: Atlas id of each region to change.

    Raises:
        InputError: If a region has no voxel in this head.
    """

    def __init__(self, head: Head, regions: dict[str, int]) -> None:
        self.regions = regions
        self._affine = head.t1w.affine
        self._voxel = float(abs(np.linalg.det(head.t1w.affine[:3, :3])))
        self._points = {name: _points(head, n) for name, n in regions.items()}
        empty = [name for name, points in self._points.items() if not len(points)]
        if empty:
            msg = f"{head.name} has no voxel of {', '.join(empty)}; check its labels"
            raise InputError(msg)
        self._few = {
            name: points[:: max(1, len(points) // ENOUGH)]
            for name, points in self._points.items()
        }
        self.lattice = _box(self._points)
        self._sources, self._rest, self._window = self._layout(head)

    @property
    def volumes(self) -> dict[str, float]:
        """Cubic millimetres of each region in the base head."""
        return {name: len(p) * self._voxel for name, p in self._points.items()}

    @property
    def points(self) -> dict[str, Points]:
        """Centres, in mm, of the voxels of each region in the base head."""
        return self._points

    def solve(self, wanted: dict[str, float]) -> Atrophy:
        """Find the deformation that gives each region its volume ratio.

        Neighbouring regions pull at each other and the exponential is not linear,
        so the divergence asked for is corrected (Broyden's method) until every ratio
        is right. The ratios are those of the map that makes the image, the pull-back.

        Args:
            wanted: Volume after over before, for each region of the model.

        Raises:
            InputError: If the ratios cannot be reached together.
            FoldingError: If the deformation is not invertible.
        """
        goal = np.array([np.log(wanted[name]) for name in self.regions])
        response = self._response
        reached = np.zeros_like(goal)
        strength = np.zeros_like(goal)
        for _ in range(MOST_ROUNDS):
            step = np.linalg.solve(response, goal - reached)
            strength = strength + step
            velocity = self._velocity(strength)
            atrophy = Atrophy(velocity, exponential(velocity.scaled(-1.0)))
            ratios = _ratios(self._few, [atrophy.pull_back])
            before, reached = reached, np.log(list(ratios.values()))
            missing = goal - reached
            if np.abs(missing).max() < TOLERANCE:
                return atrophy
            # Broyden: learn from this step how the regions really answer.
            surprise = reached - before - response @ step
            response = response + np.outer(surprise, step) / (step @ step)
        worst = list(self.regions)[int(np.abs(missing).argmax())]
        msg = (
            f"cannot change {worst} by {wanted[worst]:.2f} together with the others"
            f" (reached {ratios[worst]:.2f}); ask for a milder change"
        )
        raise InputError(msg)

    def ratios(self, pull_backs: Sequence[Field]) -> dict[str, float]:
        """Measure each region's volume after over before.

        Args:
            pull_backs: Displacements from the participant back to the base head;
                the one that ends in the base head comes first.

        Raises:
            FoldingError: If one of them is not invertible.
        """
        return _ratios(self._points, pull_backs)

    @cached_property
    def _response(self) -> np.ndarray:
        """Log ratio of each region (row) for a unit source in each (column)."""
        columns = []
        for n in range(len(self.regions)):
            unit = np.eye(len(self.regions))[n]
            divergence = self._divergence(unit)
            cells = [self.lattice.cells(p).T for p in self._few.values()]
            columns.append(
                [ndimage.map_coordinates(divergence, c, order=1).mean() for c in cells]
            )
        return np.array(columns).T

    def _share(self, points: Points) -> ScalarMap:
        """How much of each cell a region fills."""
        cells = np.rint(self.lattice.cells(points)).astype(int)
        share = np.zeros(self.lattice.extent, dtype=np.float32)
        np.add.at(share, tuple(cells.T), self._voxel / SPACING**3)
        return share

    def _divergence(self, strength: np.ndarray) -> ScalarMap:
        wanted = np.tensordot(strength.astype(np.float32), self._sources, axes=1)
        divergence: ScalarMap = wanted - self._rest * (wanted.sum() / self._rest.sum())
        return divergence

    def _velocity(self, strength: np.ndarray) -> Field:
        gradient = potential_gradient(self._divergence(strength), self.lattice.spacing)
        return Field(self.lattice, np.moveaxis(gradient * self._window, 0, -1))

    def _layout(self, head: Head) -> tuple[np.ndarray, ScalarMap, ScalarMap]:
        """Where each region pulls, where the rest gives way, where all may move."""
        sources = np.stack(
            [
                _blurred(self._share(points), SOFTNESS)
                for points in self._points.values()
            ]
        )
        x, y, z = head.t1w.affine[:3, 3].tolist()
        fine = Lattice(head.t1w.extent, (x, y, z), head.t1w.spacing[0])
        brain = spread(head.brain.astype(np.float32), fine, self.lattice) > 0.5
        inside = _fade_at_box(self.lattice)
        near = ndimage.binary_dilation(sources.sum(axis=0) > 0.1, iterations=1)
        rest = _blurred((brain & ~near).astype(np.float32), 4.0) * (inside == 1)
        distance = ndimage.distance_transform_edt(~brain, self.lattice.spacing)
        outside = _smooth_step(1 - distance / FADE)
        window: ScalarMap = (outside * inside).astype(np.float32)
        return sources.astype(np.float32), rest.astype(np.float32), window


def _ratios(
    regions: dict[str, Points], pull_backs: Sequence[Field]
) -> dict[str, float]:
    points = np.concatenate(list(regions.values()))
    ratio = np.ones(len(points), dtype=np.float32)
    for pull_back in pull_backs:
        points = pull_back.origins(points)
        ratio /= pull_back.determinant(points)
    ends = np.cumsum([len(p) for p in regions.values()])[:-1]
    parts = [float(part.mean()) for part in np.split(ratio, ends)]
    return dict(zip(regions, parts, strict=True))


def potential_gradient(divergence: ScalarMap, spacing: float) -> np.ndarray:
    """Solve ``laplace(phi) = divergence`` and return ``grad(phi)``.

    The box has no flow through its faces, so the cosine transform diagonalises the
    Laplacian; a derivative of cosines is a sum of sines.

    Args:
        divergence: At the nodes; its mean, which cannot flow out, is dropped.
        spacing: Millimetres between nodes.

    Returns:
        Gradient in mm, components first: ``3 i j k``.
    """
    extent = divergence.shape
    waves = np.meshgrid(
        *[np.pi * np.arange(n, dtype=np.float32) / (n * spacing) for n in extent],
        indexing="ij",
        sparse=True,
    )
    squares = sum(w**2 for w in waves)
    squares[0, 0, 0] = 1
    potential = -fft.dctn(divergence.astype(np.float32), type=2, norm="ortho") / squares
    potential[0, 0, 0] = 0
    gradient = np.empty((3, *extent), dtype=np.float32)
    for axis in range(3):
        others = [a for a in range(3) if a != axis]
        sines = np.roll(-waves[axis] * potential, -1, axis=axis)
        along = fft.idst(sines, type=2, norm="ortho", axis=axis)
        gradient[axis] = fft.idctn(along, type=2, norm="ortho", axes=others)
    return gradient


def _points(head: Head, label: int) -> Points:
    voxels = np.argwhere(head.labels == label)
    mm: Points = voxels @ head.t1w.affine[:3, :3].T + head.t1w.affine[:3, 3]
    return mm.astype(np.float32)


def _box(points: dict[str, Points]) -> Lattice:
    everywhere = np.concatenate(list(points.values()))
    lower = everywhere.min(axis=0, keepdims=True) - MARGIN
    upper = everywhere.max(axis=0, keepdims=True) + MARGIN
    return Lattice.around(lower, upper, SPACING)


def _blurred(values: ScalarMap, width: float) -> ScalarMap:
    blurred: ScalarMap = ndimage.gaussian_filter(values, width / SPACING, truncate=3)
    return blurred


def _smooth_step(share: np.ndarray) -> np.ndarray:
    clipped = np.clip(share, 0, 1)
    step: np.ndarray = clipped**2 * (3 - 2 * clipped)
    return step


def _fade_at_box(lattice: Lattice) -> ScalarMap:
    edges = []
    for extent in lattice.extent:
        to_edge = np.minimum(np.arange(extent), np.arange(extent)[::-1])
        edges.append(_smooth_step(to_edge * lattice.spacing / FADE))
    i, j, k = edges
    fade: ScalarMap = np.einsum("i,j,k->ijk", i, j, k)
    return fade
