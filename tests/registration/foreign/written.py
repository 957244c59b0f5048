"""A map of points with a known Jacobian, written as each program writes it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
import SimpleITK
from nibabel.nifti1 import Nifti1Extension

from crosswarp.registration.lps import itk_grid
from crosswarp.registration.resampling import grid_points
from tests.registration.deformed import turned

EXTENT = (14, 16, 12)
STRENGTH = 0.01
AFFINE = np.array(
    [
        [1.05, 0.06, 0.0, 4.0],
        [-0.05, 0.97, 0.04, -3.0],
        [0.02, 0.0, 1.08, 2.0],
        [0, 0, 0, 1],
    ]
)
"""Of the reference's millimetres to the other image's."""


def plain() -> np.ndarray:
    affine = np.diag([-2.0, 2.5, 2.2, 1.0])
    affine[:3, 3] = (13, -18, -11)
    return affine


def permuted() -> np.ndarray:
    affine = np.zeros((4, 4))
    affine[1, 0], affine[2, 1], affine[0, 2], affine[3, 3] = 2.0, -1.8, 2.4, 1
    affine[:3, 3] = (-14, -13, 14)
    return affine


def oblique() -> np.ndarray:
    return turned(20, 2) @ turned(-15, 0) @ plain()


GRIDS = {"plain": plain, "permuted": permuted, "oblique": oblique}


def bent(points: np.ndarray) -> np.ndarray:
    """Displace by second powers: differences of neighbours give the exact slopes."""
    x, y, z = np.moveaxis(points, -1, 0)
    moved = (y**2 / 2 + x * z / 2, x * y + z**2 / 3, x**2 / 2 - z**2 / 2)
    return STRENGTH * np.stack(moved, axis=-1)


def log_determinant(points: np.ndarray) -> np.ndarray:
    """Of `bent`, by its derivatives."""
    x, y, z = np.moveaxis(points, -1, 0)
    nought = np.zeros_like(x)
    slopes = [(z / 2, y, x / 2), (y, x, 2 * z / 3), (x, nought, -z)]
    rows = STRENGTH * np.stack([np.stack(row, axis=-1) for row in slopes], axis=-2)
    return np.log(np.linalg.det(rows + np.eye(3)))


@dataclass(frozen=True)
class Case:
    """A reference grid, and the map on it: `AFFINE` after `bent`."""

    folder: Path
    affine: np.ndarray

    @property
    def points(self) -> np.ndarray:
        return grid_points(EXTENT, self.affine).astype(np.float64)

    @property
    def truth(self) -> np.ndarray:
        return log_determinant(self.points)

    @property
    def goals(self) -> np.ndarray:
        return (self.points + bent(self.points)) @ AFFINE[:3, :3].T + AFFINE[:3, 3]

    def reference(self) -> Path:
        path = self.folder / "reference.nii.gz"
        nib.save(nib.Nifti1Image(np.ones(EXTENT, np.float32), self.affine), path)
        return path

    def save(self, name: str, values: np.ndarray, intent: int = 1007, **kind) -> Path:
        path = self.folder / name
        image = nib.Nifti1Image(values.astype(np.float32), self.affine)
        image.header["intent_code"] = intent
        image.header["intent_name"] = kind.get("called", "")
        if kind.get("afni"):
            image.header.extensions.append(Nifti1Extension(4, b"<AFNI_attributes/>"))
        nib.save(image, path)
        return path


LPS = np.array([-1.0, -1, 1])


def itk_image(case: Case) -> Path:
    return case.save("to1Warp.nii.gz", (bent(case.points) * LPS)[:, :, :, None])


def itk_composite(case: Case) -> Path:
    grid = itk_grid(case.affine)
    values = np.ascontiguousarray((bent(case.points) * LPS).transpose(2, 1, 0, 3))
    image = SimpleITK.GetImageFromArray(values, isVector=True)
    image.SetSpacing(grid.spacing)
    image.SetDirection(grid.direction.ravel().tolist())
    image.SetOrigin(grid.origin)
    both = SimpleITK.CompositeTransform(3)
    both.AddTransform(itk_affine_of(AFFINE))
    both.AddTransform(SimpleITK.DisplacementFieldTransform(image))
    path = case.folder / "from-T1w_to-MNI_mode-image_xfm.h5"
    SimpleITK.WriteTransform(both, str(path))
    return path


def itk_affine_of(ras: np.ndarray) -> SimpleITK.AffineTransform:
    flip = np.diag([-1.0, -1, 1, 1])
    lps = flip @ ras @ flip
    transform = SimpleITK.AffineTransform(3)
    centre = np.array([3.0, -2, 5])
    transform.SetCenter(centre.tolist())
    transform.SetMatrix(lps[:3, :3].ravel().tolist())
    moved = lps[:3, 3] - centre + lps[:3, :3] @ centre
    transform.SetTranslation(moved.tolist())
    return transform


def scaled(extent: tuple[int, ...], affine: np.ndarray) -> np.ndarray:
    """FSL's coordinates, from its documentation, not from our code."""
    spacing = nib.affines.voxel_sizes(affine)
    matrix = np.diag([*spacing, 1.0])
    if np.linalg.det(affine) > 0:
        flip = np.diag([-1.0, 1, 1, 1])
        flip[0, 3] = (extent[0] - 1) * spacing[0]
        matrix = flip @ matrix
    return matrix


def fsl_coordinates(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Where voxels lie and where they go, in FSL's coordinates of both images."""
    # Axes as the reference's, so that coordinates and displacements can be told apart.
    moving = turned(-12, 1) @ case.affine @ np.diag([0.7, 0.5, 0.6, 1.0])
    to_moving = scaled((40, 50, 60), moving) @ np.linalg.inv(moving)
    goals = case.goals @ to_moving[:3, :3].T + to_moving[:3, 3]
    places = grid_points(EXTENT, scaled(EXTENT, case.affine))
    return places, goals


def fsl_field(case: Case) -> Path:
    places, goals = fsl_coordinates(case)
    return case.save("warp.nii.gz", goals - places, 2006)


def fsl_absolute(case: Case) -> Path:
    return case.save("abswarp.nii.gz", fsl_coordinates(case)[1], 2006)


def spm(case: Case) -> Path:
    return case.save("y_T1.nii", case.goals[:, :, :, None], called="Mapping")


def afni(case: Case) -> Path:
    """On the grid without its turn, which is where AFNI thinks that it is."""
    return case.save(
        "x_WARP.nii.gz", (bent(case.points) * LPS)[:, :, :, None], afni=True
    )


def own(case: Case) -> Path:
    return case.save("x_xfm.nii.gz", bent(case.points)[:, :, :, None], called="RAS+ mm")


def voxels(case: Case) -> Path:
    back = np.linalg.inv(case.affine[:3, :3])
    return case.save("flow.nii.gz", bent(case.points) @ back.T, 0)


WRITERS: dict[str, Callable[[Case], Path]] = {
    each.__name__: each
    for each in (
        itk_image,
        itk_composite,
        fsl_field,
        fsl_absolute,
        spm,
        afni,
        own,
        voxels,
    )
}
