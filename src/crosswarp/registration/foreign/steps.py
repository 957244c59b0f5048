"""What a transform of any program comes down to: affines and displacements in turn."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from crosswarp.errors import InputError
from crosswarp.types.arrays import Affine, Matrix, SpatialMap, VectorField


@dataclass(frozen=True)
class AffineStep:
    """A map of points that is the same everywhere.

    Attributes:
        matrix: RAS+ millimetres to RAS+ millimetres.
    """

    matrix: Affine

    @property
    def log_determinant(self) -> float:
        """Logarithm of the volume change."""
        return float(np.log(abs(np.linalg.det(self.matrix[:3, :3]))))


@dataclass(frozen=True)
class WarpStep:
    """A displacement on a grid.

    Attributes:
        displacement: Millimetres that are added to a voxel's place in ``axes``.
        affine: Voxel indices to RAS+ millimetres: where the grid lies.
        axes: Voxel indices to the coordinates that the program adds the displacement
            in. RAS+ millimetres for most; FSL and AFNI have coordinates of their own
            on oblique grids.
        linear: Affine part that is within the displacement, as the file has it.
        whole: Whether the displacement holds an affine part that the file does not
            name, so that it has to be fitted.
    """

    displacement: VectorField
    affine: Affine
    axes: Affine
    linear: Matrix | None = None
    whole: bool = False


Step: TypeAlias = AffineStep | WarpStep


@dataclass(frozen=True)
class ForeignTransform:
    """A map from points of a reference image to points of the image registered to it.

    Attributes:
        steps: In the order in which a point goes through them.
        words: What the file is, for a person and the sidecar.
    """

    steps: tuple[Step, ...]
    words: str

    @property
    def warps(self) -> tuple[WarpStep, ...]:
        """The steps that differ from place to place."""
        return tuple(step for step in self.steps if isinstance(step, WarpStep))


Reader: TypeAlias = Callable[[Path, SpatialMap], ForeignTransform]
"""Reads a file; the second argument is the reference image."""


def affine_alone(matrix: Affine, words: str) -> ForeignTransform:
    """Make the transform of a file that holds one affine.

    Args:
        matrix: RAS+ millimetres of the reference to those of the registered image.
        words: What the file is.

    Raises:
        InputError: If the matrix cannot be inverted.
    """
    if not np.isfinite(matrix).all() or abs(np.linalg.det(matrix[:3, :3])) < 1e-6:
        msg = f"{words}: the affine flattens space; expected one that can be inverted"
        raise InputError(msg)
    return ForeignTransform((AffineStep(matrix),), words)


def numbers_in(path: Path, count: int) -> np.ndarray:
    """Read a text file of a known count of numbers; comments begin with ``#``.

    Args:
        path: Path of the file.
        count: Count of numbers that are expected.

    Raises:
        InputError: If it is no such file.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        plain = [line for line in lines if not line.lstrip().startswith("#")]
        found = np.array(" ".join(plain).split(), dtype=np.float64)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        msg = f"{path.name}: expected a text file with {count} numbers of an affine"
        raise InputError(msg) from error
    if found.size != count:
        msg = f"{path.name}: expected {count} numbers of an affine, got {found.size}"
        raise InputError(msg)
    return found
