"""Virtual maps without a head: drawn on the template grid.

Both maps are noise with a change in the hippocampi and the lateral ventricles that
grows with the disease. There is no anatomy and no registration.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.atlas import load_atlas
from crosswarp.registration.template import Template
from crosswarp.simulation.regions import CEREBRA
from crosswarp.types.arrays import ScalarMap, SpatialMap

LOG_CHANGES: Final = {"hippocampus": -0.35, "lateral_ventricle": 0.4}
"""Log-Jacobian of each structure at severity 1."""

DARKER: Final = 0.2
"""Loss of T1w intensity of the hippocampus at severity 1."""

SMOOTHNESS: Final = 1.5
"""SD, in voxels, of the Gaussian that smooths noise and regions."""

NOISE: Final = {"jsm": 0.1, "t1w": 0.05}
"""SD of the noise of each map."""


@dataclass(frozen=True)
class Canvas:
    """What all participants share.

    Attributes:
        template: Template at the resolution of the maps.
        places: Smoothed mask of each structure in `LOG_CHANGES`, from 0 to 1.
    """

    template: Template
    places: dict[str, ScalarMap]


def make_canvas(template: Template) -> Canvas:
    """Place the structures that change on the template grid.

    Raises:
        MissingPackageError: If the package with the atlas is not installed.
    """
    labels, _ = load_atlas(template.brain.extent, template.brain.affine)
    places: dict[str, ScalarMap] = {}
    for name in LOG_CHANGES:
        inside = np.isin(labels, CEREBRA[name]).astype(np.float32)
        places[name] = ndimage.gaussian_filter(inside, SMOOTHNESS) * template.mask
    return Canvas(template, places)


def draw_maps(
    canvas: Canvas, severity: float, rng: np.random.Generator
) -> tuple[SpatialMap, SpatialMap]:
    """Draw the maps of one participant.

    Args:
        canvas: Template and structures.
        severity: Severity of the disease: 0 without a change, 1 with all of it.
        rng: Source of the noise.

    Returns:
        T1w image (intensities from 0 to 1) and log-Jacobian map (no unit), both 0
        outside the template's brain.
    """
    brain, mask = canvas.template.brain, canvas.template.mask
    jsm = NOISE["jsm"] * _noise(rng, mask.shape)
    for name, change in LOG_CHANGES.items():
        jsm += np.float32(severity * change) * canvas.places[name]
    t1w = brain.values * (1 + NOISE["t1w"] * _noise(rng, mask.shape))
    t1w -= np.float32(severity * DARKER) * canvas.places["hippocampus"]
    t1w = np.clip(t1w, 0, 1) * mask
    return (
        SpatialMap(t1w.astype(np.float32), brain.affine),
        SpatialMap((jsm * mask).astype(np.float32), brain.affine),
    )


def _noise(rng: np.random.Generator, shape: tuple[int, ...]) -> ScalarMap:
    """Draw smooth noise with a standard deviation of 1."""
    white = rng.standard_normal(shape, dtype=np.float32)
    smooth: ScalarMap = ndimage.gaussian_filter(white, SMOOTHNESS)
    smooth /= smooth.std()
    return smooth
