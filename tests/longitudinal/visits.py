"""Small visits of one person, with and without a change that is known."""

from functools import cache

import numpy as np
from scipy import ndimage
from scipy.spatial.transform import Rotation

from crosswarp.longitudinal.pairs import Visit
from crosswarp.registration.resampling import grid_points
from crosswarp.types.arrays import SpatialMap

SPACING = 4.0
EXTENT = (36, 40, 36)
CENTRE = np.array([0.0, -20.0, 10.0])
PLACE = np.array([16.0, -10.0, 4.0])
"""Middle, in mm, of the structure that changes."""


def anatomy(points: np.ndarray, person: int) -> tuple[np.ndarray, np.ndarray]:
    """Intensities of a head at points in mm, and its brain."""
    rng = np.random.default_rng(person)
    away = np.linalg.norm((points - CENTRE) / [46, 54, 44], axis=-1)
    values = np.zeros(points.shape[:-1])
    for _ in range(30):
        middle = CENTRE + rng.uniform(-45, 45, 3)
        size, height = rng.uniform(8, 14), rng.uniform(-0.7, 0.7)
        values += height * np.exp(
            -0.5 * ((points - middle) ** 2).sum(axis=-1) / size**2
        )
    return (1 + values) / (1 + np.exp(12 * (away - 1))), away < 1


@cache
def visit(
    person: int = 1, turn: float = 0.0, growth: float = 0.0, noise: int = 0
) -> Visit:
    """Scan a person: turned by some degrees, with a structure grown by some share."""
    affine = np.diag([SPACING, SPACING, SPACING, 1.0])
    affine[:3, 3] = CENTRE - SPACING * (np.array(EXTENT) - 1) / 2
    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_euler("xyz", [turn, -turn, turn], True).as_matrix()
    pose[:3, 3] = [turn, 0, -turn / 2]
    back = np.linalg.inv(pose)
    points = grid_points(EXTENT, affine) @ back[:3, :3].T + back[:3, 3]
    away = points - PLACE
    near = np.exp(-0.5 * (away**2).sum(axis=-1, keepdims=True) / 12.0**2)
    values, brain = anatomy(points - growth / 3 * away * near, person)
    if noise:
        rng = np.random.default_rng(noise)
        values = values + 0.02 * rng.standard_normal(values.shape)
    scan = SpatialMap(values.astype(np.float32), affine)
    return Visit(scan, ndimage.binary_fill_holes(brain), pose)
