"""What every registration gives."""

from dataclasses import dataclass

from crosswarp.types.arrays import Affine, VectorField


@dataclass(frozen=True)
class Registration:
    """A template point x lies in the participant at ``affine @ (x + displacement(x))``.

    Attributes:
        affine: Template RAS+ mm to participant RAS+ mm.
        displacement: Millimetres, RAS+, on the template's grid; the nonlinear
            part alone.
    """

    affine: Affine
    displacement: VectorField
