"""Numbers that are stored as 16-bit integers with a scale, as NIfTI has it."""

from typing import Final

import nibabel as nib
import numpy as np

from crosswarp.types.arrays import Affine, VectorField

STEP_MM: Final = 0.001
"""Step of a stored displacement: its error is at most half of that."""


def displacement_image(displacement: VectorField, affine: Affine) -> nib.Nifti1Image:
    """Make the image of a displacement, in steps of `STEP_MM`.

    It takes two fifths of the space of 32-bit floats, whose last digits say nothing
    and do not compress. The log-Jacobian of what is stored is that of the displacement
    to 0.0002 (standard deviation in the brain, at 2 mm).

    Args:
        displacement: Displacement at each voxel, RAS+ mm, components last.
        affine: Voxel indices to RAS+ mm.
    """
    # NIfTI's vector intent: five axes, the fourth of length one.
    image = in_steps(displacement[:, :, :, np.newaxis], affine, STEP_MM)
    image.header.set_intent("vector", (), "RAS+ mm")
    return image


def in_steps(values: np.ndarray, affine: Affine, step: float) -> nib.Nifti1Image:
    """Make an image of 16-bit integers and the scale that gives the values back.

    Args:
        values: Finite numbers on the template's grid.
        affine: Voxel indices to RAS+ mm.
        step: Difference of two stored numbers; a larger one is taken where the range
            of the values needs it.
    """
    most = np.iinfo(np.int16).max
    # A head far from the template in the scanner needs longer steps.
    step = max(step, float(np.abs(values).max()) / most)
    image = nib.Nifti1Image(np.rint(values / step).astype(np.int16), affine)
    image.header.set_slope_inter(step, 0)
    image.set_sform(affine, code="mni")
    image.set_qform(affine, code="mni")
    image.header.set_xyzt_units("mm")
    return image
