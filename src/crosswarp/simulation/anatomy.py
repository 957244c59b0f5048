"""Random healthy anatomy: smooth diffeomorphisms, and heads of different size."""

from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.simulation.fields import Field, Lattice
from crosswarp.simulation.settings import AnatomySettings
from crosswarp.types.arrays import Affine, ScalarMap, SpatialMap

SPACING: Final = 4.0
"""Millimetres between the nodes; the velocity is smooth over 10 mm and more."""

MARGIN: Final = 24.0
"""Millimetres around the head in which the velocity falls to zero."""

LARGEST_DRAW: Final = 3.0
"""Standard deviations: what is drawn beyond is drawn back to it."""


def anatomy_lattice(head: SpatialMap) -> Lattice:
    """Cover a head and a margin."""
    corners = np.array([[0, 0, 0], [n - 1 for n in head.extent]], dtype=float)
    mm = np.sort(corners @ head.affine[:3, :3].T + head.affine[:3, 3], axis=0)
    return Lattice.around(mm[:1] - MARGIN, mm[1:] + MARGIN, SPACING)


def random_velocity(
    lattice: Lattice, settings: AnatomySettings, rng: np.random.Generator
) -> Field:
    """Draw a velocity field whose divergence has the wanted spread.

    White noise smoothed with a Gaussian of SD ``s`` and scaled to unit variance has
    derivatives of variance ``1 / (2 s**2)``; the divergence sums three of them. So a
    velocity of SD ``sd * s * sqrt(2 / 3)`` has a divergence of SD ``sd``, which is the
    log-Jacobian of its exponential to first order.

    Args:
        lattice: Where; the field is zero at its edge.
        settings: Spread and smoothness.
        rng: Source of the noise.
    """
    window = _window(lattice)
    share = settings.log_jacobian_sd / np.sqrt(len(settings.scales))
    total = np.zeros((3, *lattice.extent), dtype=np.float32)
    for scale in settings.scales:
        amplitude = share * scale * np.sqrt(2 / 3)
        for axis in range(3):
            noise = rng.standard_normal(lattice.extent, dtype=np.float32)
            total[axis] += amplitude * _unit_variance(noise, scale / lattice.spacing)
    return Field(lattice, np.moveaxis(total * window, 0, -1))


def random_size(
    settings: AnatomySettings, sex: str, rng: np.random.Generator
) -> Affine:
    """Draw the size and the proportions of a head.

    Args:
        settings: Spread of both.
        sex: ``F`` or ``M``; the difference is shared by the two.
        rng: Source of the draw.

    Returns:
        Base head mm to participant mm: a scaling about the origin, which lies in
        the middle of the brain (the anterior commissure).
    """
    draws = np.clip(rng.standard_normal(4), -LARGEST_DRAW, LARGEST_DRAW)
    half = settings.male_size / 2
    of_sex = settings.mean_size + (half if sex == "M" else -half)
    overall = of_sex + settings.size_sd * draws[0]
    stretch = settings.stretch_sd * (draws[1:] - draws[1:].mean())
    size: Affine = np.diag([*np.exp(overall + stretch), 1.0])
    return size


def _unit_variance(noise: ScalarMap, width: float) -> ScalarMap:
    smooth: ScalarMap = ndimage.gaussian_filter(noise, width, truncate=3, mode="wrap")
    impulse = np.zeros(int(8 * width) + 9)
    impulse[len(impulse) // 2] = 1
    kernel = ndimage.gaussian_filter1d(impulse, width, truncate=3)
    scaled: ScalarMap = smooth / np.float32((kernel**2).sum() ** 1.5)
    return scaled


def _window(lattice: Lattice) -> ScalarMap:
    """1 inside, falling to 0 over the margin like a squared sine."""
    edges = []
    for extent in lattice.extent:
        to_edge = np.minimum(np.arange(extent), np.arange(extent)[::-1])
        share = np.clip(to_edge * lattice.spacing / MARGIN, 0, 1)
        edges.append(np.sin(share * np.pi / 2) ** 2)
    i, j, k = edges
    window: ScalarMap = np.einsum("i,j,k->ijk", i, j, k).astype(np.float32)
    return window
