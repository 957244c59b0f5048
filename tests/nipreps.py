"""Derivatives as fMRIPrep leaves them, of a head whose registration is known."""

import json
from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
import SimpleITK

from crosswarp.registration.lps import itk_grid
from crosswarp.registration.resampling import grid_points, resample
from crosswarp.registration.template import load_head, load_template
from crosswarp.types.arrays import SpatialMap
from tests.registration.deformed import turned

SPACE = "MNI152NLin2009cSym"
CENTRE = np.array([-25.0, -20.0, -12.0])
WIDTH = 14.0
STRENGTH = -0.12
TO_SCAN = turned(8, 2) @ np.diag([1.04, 0.98, 1.02, 1.0])
TO_SCAN[:3, 3] = (3, -5, 2)


def pull(points: np.ndarray) -> np.ndarray:
    """Displacement that takes volume away around a point."""
    offset = points - CENTRE
    bell = np.exp(-(offset**2).sum(-1, keepdims=True) / (2 * WIDTH**2))
    return STRENGTH * offset * bell


def log_determinant(points: np.ndarray) -> np.ndarray:
    """Of ``x + pull(x)``, whose slope is symmetric about the centre."""
    squared = ((points - CENTRE) ** 2).sum(-1)
    bell = STRENGTH * np.exp(-squared / (2 * WIDTH**2))
    return np.log((1 + bell) ** 2 * (1 + bell * (1 - squared / WIDTH**2)))


@dataclass(frozen=True)
class Head:
    """A scan with its mask, as its own space has them."""

    t1w: SpatialMap
    mask: np.ndarray


def deformed_head() -> Head:
    """The template's head, seen through the inverse of the known map."""
    head, brain = load_head()
    affine = np.diag([-2.5, 2.5, 2.5, 1.0])
    affine[:3, 3] = (100, -132, -82)
    extent = (80, 98, 84)
    goals = grid_points(extent, affine).astype(np.float64)
    back = np.linalg.inv(TO_SCAN)
    before = goals @ back[:3, :3].T + back[:3, 3]
    places = before.copy()
    for _ in range(8):
        places = before - pull(places)
    moved = (places - goals).astype(np.float32)
    mask = SpatialMap(brain.astype(np.float32), head.affine)
    t1w, within = (
        resample(source, extent, affine, displacement=moved) for source in (head, mask)
    )
    return Head(SpatialMap(t1w.astype(np.float32), affine), within > 0.5)


def composite() -> SimpleITK.CompositeTransform:
    """The known map as ANTs writes it: the affine first in the list, the warp last."""
    grid = load_template(2).brain
    lps = np.array([-1.0, -1, 1])
    values = pull(grid_points(grid.extent, grid.affine)) * lps
    there = itk_grid(grid.affine)
    image = SimpleITK.GetImageFromArray(
        np.ascontiguousarray(values.transpose(2, 1, 0, 3)), isVector=True
    )
    image.SetSpacing(there.spacing)
    image.SetDirection(there.direction.ravel().tolist())
    image.SetOrigin(there.origin)
    flip = np.diag([-1.0, -1, 1, 1])
    matrix = flip @ TO_SCAN @ flip
    affine = SimpleITK.AffineTransform(3)
    affine.SetMatrix(matrix[:3, :3].ravel().tolist())
    affine.SetTranslation(matrix[:3, 3].tolist())
    both = SimpleITK.CompositeTransform(3)
    both.AddTransform(affine)
    both.AddTransform(SimpleITK.DisplacementFieldTransform(image))
    return both


def write_description(root: Path, **content: object) -> None:
    root.mkdir(parents=True, exist_ok=True)
    (root / "dataset_description.json").write_text(json.dumps(content))


def write_derivatives(root: Path, participant: str = "sub-01") -> Path:
    """Write a folder of derivatives with one participant; return its ``anat``."""
    made = [{"Name": "fMRIPrep", "Version": "23.2.1"}]
    write_description(root, Name="fMRIPrep", DatasetType="derivative", GeneratedBy=made)
    anat = root / participant / "anat"
    anat.mkdir(parents=True)
    head = deformed_head()
    for suffix, values in (
        ("desc-preproc_T1w", head.t1w.values),
        ("desc-brain_mask", head.mask.astype(np.uint8)),
    ):
        image = nib.Nifti1Image(values, head.t1w.affine)
        nib.save(image, anat / f"{participant}_{suffix}.nii.gz")
    name = f"{participant}_from-T1w_to-{SPACE}_mode-image_xfm.h5"
    SimpleITK.WriteTransform(composite(), str(anat / name))
    # In the template's space, and so no scan of its own.
    other = anat / f"{participant}_space-{SPACE}_res-2_desc-preproc_T1w.nii.gz"
    other.write_bytes(b"")
    return anat
