"""Real brains changed in a known way, for every registration back end alike."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from crosswarp.registration.resampling import grid_points, resample
from crosswarp.registration.template import load_template
from crosswarp.simulation.anatomy import anatomy_lattice, random_velocity
from crosswarp.simulation.fields import Field, Lattice, exponential
from crosswarp.simulation.settings import AnatomySettings
from crosswarp.types.arrays import SpatialMap

VENTRICLES = ((0.0, -12.0, 14.0),)
HIPPOCAMPI = ((-27.0, -22.0, -14.0), (27.0, -22.0, -14.0))
WIDTH = 15.0
"""SD, in mm, of the bell in which a region grows or shrinks."""

LOG_RATIO = 0.5
"""What the ventricles gain and the hippocampi lose, at their middle."""


@dataclass(frozen=True)
class Deformed:
    """A brain, and what is true about it.

    Attributes:
        participant: The template's brain, deformed.
        log_jacobian: Of the template-to-participant map, on the template's grid.
    """

    participant: SpatialMap
    log_jacobian: np.ndarray


def template_at(spacing: int) -> SpatialMap:
    """The template's brain with voxels of some millimetres: a real head, quickly."""
    fine = load_template(1).brain
    smooth = ndimage.gaussian_filter(fine.values, 0.35 * np.sqrt(spacing**2 - 1))
    affine = fine.affine.copy()
    affine[:3, :3] *= spacing
    values = smooth[::spacing, ::spacing, ::spacing]
    return SpatialMap(np.ascontiguousarray(values), affine)


def deformed(template: SpatialMap, anatomy_sd: float = 0.08) -> Deformed:
    """Give a brain random anatomy, larger ventricles and smaller hippocampi.

    The template-to-participant map is ``exp(v)``, so the participant's image at a
    point is the template's at ``exp(-v)`` of it, and the truth is the determinant of
    ``exp(v)``.
    """
    lattice = anatomy_lattice(template)
    settings = AnatomySettings(log_jacobian_sd=anatomy_sd, scales=(20.0, 35.0))
    random = random_velocity(lattice, settings, np.random.default_rng(3))
    vectors = random.vectors + _bells(lattice)
    velocity = Field(lattice, vectors.astype(np.float32))
    points = grid_points(template.extent, template.affine)
    flat = points.reshape(-1, 3).astype(np.float32)
    back = exponential(velocity.scaled(-1.0)).at(flat).reshape(points.shape)
    values = resample(template, template.extent, template.affine, displacement=back)
    determinant = exponential(velocity).determinant(flat, width=1.0)
    return Deformed(
        SpatialMap(values.astype(np.float32), template.affine),
        np.log(determinant).reshape(template.extent),
    )


def near(template: SpatialMap, centres: tuple, distance: float) -> np.ndarray:
    """Voxels within some millimetres of one of the points."""
    points = grid_points(template.extent, template.affine)
    apart = [np.linalg.norm(points - np.array(c), axis=-1) for c in centres]
    return np.min(apart, axis=0) < distance


def moved(brain: SpatialMap, pose: np.ndarray) -> SpatialMap:
    """The same voxels at another place and size: ``pose`` maps mm to mm."""
    return SpatialMap(brain.values, pose @ brain.affine)


def flipped(source: SpatialMap, axes: tuple[int, ...]) -> SpatialMap:
    """The same head at the same place, stored with some axes reversed."""
    values, affine = source.values, source.affine.copy()
    for axis in axes:
        values = np.flip(values, axis)
        affine[:3, 3] += affine[:3, axis] * (source.extent[axis] - 1)
        affine[:3, axis] *= -1
    return SpatialMap(np.ascontiguousarray(values), affine)


def turned(degrees: float, about: int = 2) -> np.ndarray:
    """Rotate about an axis through the origin."""
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    i, j = [axis for axis in range(3) if axis != about]
    pose = np.eye(4)
    pose[i, i], pose[i, j], pose[j, i], pose[j, j] = c, -s, s, c
    return pose


def _bells(lattice: Lattice) -> np.ndarray:
    """Velocity whose divergence is ``LOG_RATIO`` in the middle of the regions."""
    points = lattice.points()
    total = np.zeros_like(points)
    for centres, sign in ((VENTRICLES, 1), (HIPPOCAMPI, -1)):
        for centre in centres:
            offset = points - np.array(centre, points.dtype)
            bell = np.exp(-(offset**2).sum(-1, keepdims=True) / (2 * WIDTH**2))
            total += sign * LOG_RATIO / 3 * offset * bell
    return total.reshape(*lattice.extent, 3)
