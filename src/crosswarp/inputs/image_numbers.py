"""Numbers of an aligned T1w image: noise, contrast, and how much of a brain it shows.

They tell a scan that is unlike others from one that is not, without a network.
"""

from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.types.arrays import CroppedMap

NAMES: Final = {
    "roughness": "difference of a voxel from its neighbours' mean, over the contrast",
    "darkest": "10th over 95th percentile of the brain's intensities",
    "middle": "median over 95th percentile of the brain's intensities",
    "upper": "75th over 95th percentile of the brain's intensities",
    "filled": "share of the box that the brain fills",
}
"""What each number is."""


def image_numbers(t1w: CroppedMap) -> dict[str, float]:
    """Measure an aligned T1w image, which is 0 outside the brain.

    Args:
        t1w: Image on the box that networks see.

    Returns:
        One number for each of `NAMES`; nothing for an image without a brain.
    """
    values = t1w.astype(np.float32)
    brain = values > 0
    if not brain.any():
        return {}
    low, quarter, middle, upper, high = np.percentile(
        values[brain], [10, 25, 50, 75, 95]
    )
    if high <= low or upper <= quarter:
        return {}
    # Only where all neighbours are brain: the edge is no noise.
    inside = ndimage.minimum_filter(brain, size=3)
    away = np.abs(values - ndimage.uniform_filter(values, size=3))[inside]
    found = {
        "roughness": float(np.median(away)) / (high - low) if away.size else 0.0,
        "darkest": low / high,
        "middle": middle / high,
        "upper": upper / high,
        "filled": brain.mean(),
    }
    return {name: round(float(value), 6) for name, value in found.items()}
