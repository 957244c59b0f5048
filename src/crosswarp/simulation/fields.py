"""Smooth vector fields on coarse grids, and the diffeomorphisms they generate.

Everything is in RAS+ millimetres. A velocity field ``v`` generates the map
``exp(v)``; its inverse is ``exp(-v)``.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.errors import FoldingError
from crosswarp.registration.jacobian import jacobian_determinant
from crosswarp.types.arrays import (
    Affine,
    FinerMap,
    PerPoint,
    Points,
    ScalarMap,
    VectorField,
)
from crosswarp.types.grid import Extent

LARGEST_STEP: Final = 0.25
"""Cells: how far the first, linear step of the exponential may move a point.

Smaller steps mean more squarings, and each squaring interpolates once more.
"""

RELAXATION: Final = 0.75
"""Of the search for an inverse: below 1, it does not swing where tissue stretches."""

SETTLED: Final = 0.01
"""Millimetres: when an inverse is found."""

MOST_ROUNDS: Final = 40
"""Of the search for an inverse."""


@dataclass(frozen=True)
class Lattice:
    """A grid of cubic cells whose axes are the RAS+ axes.

    Attributes:
        extent: Cells along each axis.
        origin: Millimetres of the centre of the first cell.
        spacing: Spacing in millimetres.
    """

    extent: Extent
    origin: tuple[float, float, float]
    spacing: float

    @property
    def affine(self) -> Affine:
        """Cell indices to RAS+ millimetres."""
        affine: Affine = np.diag([self.spacing] * 3 + [1.0])
        affine[:3, 3] = self.origin
        return affine

    @classmethod
    def around(cls, lower: Points, upper: Points, spacing: float) -> "Lattice":
        """Cover a box.

        Args:
            lower: One point: the least coordinates.
            upper: One point: the greatest.
            spacing: Of the lattice.
        """
        i, j, k = (np.ceil((upper - lower)[0] / spacing).astype(int) + 1).tolist()
        x, y, z = lower[0].tolist()
        return cls((i, j, k), (x, y, z), spacing)

    def points(self) -> Points:
        """Millimetres of every cell, in C order."""
        indices = np.indices(self.extent, dtype=np.float32).reshape(3, -1).T
        points: Points = indices * np.float32(self.spacing) + np.array(
            self.origin, dtype=np.float32
        )
        return points

    def cells(self, points: Points) -> Points:
        """Fractional cell indices of points."""
        cells: Points = (points - np.array(self.origin, points.dtype)) / self.spacing
        return cells


@dataclass(frozen=True)
class Field:
    """Vectors on a lattice, zero outside it: a velocity or a displacement, in mm."""

    lattice: Lattice
    vectors: VectorField

    def at(self, points: Points) -> Points:
        """Interpolate linearly at points in mm; zero outside the lattice."""
        cells = np.ascontiguousarray(self.lattice.cells(points).T)
        found = np.stack([_linear(c, cells) for c in _components(self)])
        vectors: Points = found.T
        return vectors

    def move(self, points: Points) -> Points:
        """Where a displacement field takes points: ``x + u(x)``."""
        moved: Points = points + self.at(points)
        return moved

    def origins(self, targets: Points) -> Points:
        """Find the points that the displacement moves to ``targets``.

        A relaxed fixed-point iteration: it converges where no direction is
        stretched to more than two and a half times its length.

        Args:
            targets: Targets in mm.

        Raises:
            FoldingError: If a point has not settled within `SETTLED`.
        """
        found: Points = targets - self.at(targets)
        for _ in range(MOST_ROUNDS):
            miss = found + self.at(found) - targets
            found = found - np.float32(RELAXATION) * miss
            change = float(np.abs(miss).max(initial=0))
            if change < SETTLED:
                return found
        msg = (
            f"a deformation could not be inverted (it misses by {change:.3f} mm);"
            " ask for a milder change"
        )
        raise FoldingError(msg)

    def determinant(self, points: Points, width: float = 1.0) -> PerPoint:
        """Volume ratio of a small cube that the displacement moves.

        Args:
            points: Centres of the cubes, in mm.
            width: Edge of the cubes, in mm.

        Returns:
            ``det D(x + u)`` by central differences; 1 is unchanged.

        Raises:
            FoldingError: If it is not positive everywhere.
        """
        columns = []
        for axis in range(3):
            half = np.zeros(3, dtype=points.dtype)
            half[axis] = width / 2
            columns.append((self.at(points + half) - self.at(points - half)) / width)
        jacobian = np.stack(columns, axis=2) + np.eye(3, dtype=points.dtype)
        determinant: PerPoint = _determinant(jacobian)
        if determinant.min(initial=1) <= 0:
            msg = (
                f"a deformation folds in {(determinant <= 0).sum()} of"
                f" {len(points)} points; ask for a milder change"
            )
            raise FoldingError(msg)
        return determinant

    def check_positive(self) -> None:
        """Make sure that the displacement folds in no cell of its lattice.

        Raises:
            FoldingError: If a determinant is not positive.
        """
        determinant = jacobian_determinant(self.vectors, self.lattice.affine)
        if determinant.min() <= 0:
            msg = (
                f"a deformation folds in {(determinant <= 0).sum()} of"
                f" {determinant.size} cells; ask for a milder change"
            )
            raise FoldingError(msg)

    def scaled(self, factor: float) -> "Field":
        """Multiply every vector."""
        return Field(self.lattice, self.vectors * np.float32(factor))


def exponential(velocity: Field) -> Field:
    """Exponentiate a stationary velocity field by scaling and squaring.

    Args:
        velocity: In mm per unit of time; zero at the edge of its lattice.

    Returns:
        The displacement of ``exp(velocity)``, in mm, on the same lattice. The
        displacement of the inverse is ``exponential(velocity.scaled(-1.0))``.

    References:
        Arsigny et al. (2006), A log-Euclidean framework for statistics on
        diffeomorphisms. MICCAI, LNCS 4190, 924-931. doi:10.1007/11866565_113
    """
    lattice = velocity.lattice
    length = float(np.sqrt((velocity.vectors**2).sum(axis=-1).max()))
    cells = max(length / lattice.spacing, LARGEST_STEP)
    squarings = int(np.ceil(np.log2(cells / LARGEST_STEP)))
    here = np.indices(lattice.extent, dtype=np.float32)
    # Components come first in memory: it halves the time of the interpolation.
    step = np.moveaxis(velocity.vectors, -1, 0).astype(np.float32) / 2**squarings
    step = np.ascontiguousarray(step)
    for _ in range(squarings):
        there = here + step / np.float32(lattice.spacing)
        step = step + np.stack([_linear(c, there) for c in step])
    displacement: VectorField = np.moveaxis(step, 0, -1)
    return Field(lattice, displacement)


def spread(coarse: ScalarMap, source: Lattice, target: Lattice) -> FinerMap:
    """Interpolate a map linearly to a finer lattice, axis by axis.

    Both lattices have RAS+ axes, so three small matrix products do what would
    take eight look-ups a voxel.

    Args:
        coarse: On ``source``; continued outside by its edge.
        source: Where the values are.
        target: Where they are wanted.
    """
    i, j, k = (_weights(source, target, axis) for axis in range(3))
    values = np.matmul(np.ascontiguousarray(coarse, dtype=np.float32), k.T)
    values = np.matmul(j, values)
    flat = np.matmul(i, values.reshape(len(values), -1))
    fine: FinerMap = flat.reshape(target.extent)
    return fine


def _weights(source: Lattice, target: Lattice, axis: int) -> np.ndarray:
    n, m = source.extent[axis], target.extent[axis]
    places = np.arange(m) * target.spacing + target.origin[axis]
    cells = np.clip((places - source.origin[axis]) / source.spacing, 0, n - 1)
    lower = np.minimum(cells.astype(int), n - 2)
    upper_share = cells - lower
    weights = np.zeros((m, n), dtype=np.float32)
    weights[np.arange(m), lower] = 1 - upper_share
    weights[np.arange(m), lower + 1] = upper_share
    return weights


def _components(field: Field) -> list[ScalarMap]:
    return [field.vectors[..., axis] for axis in range(3)]


def _linear(values: np.ndarray, cells: np.ndarray) -> np.ndarray:
    found: np.ndarray = ndimage.map_coordinates(
        values, cells, order=1, output=np.float32
    )
    return found


def _determinant(m: np.ndarray) -> np.ndarray:
    # Written out: several times faster than numpy.linalg.det on many 3x3 matrices.
    a, b, c = m[:, 0], m[:, 1], m[:, 2]
    determinant: np.ndarray = np.einsum("pi,pi->p", a, np.cross(b, c))
    return determinant
