"""Bring a scan's intensities to [0, 1], each scan by itself."""

from typing import Final

import numpy as np

from crosswarp.types.arrays import Mask, ScalarMap

PERCENTILES: Final = (0.5, 99.5)
"""Of the brain's intensities; what lies outside is clipped (vessels, spikes)."""


def scale_intensity(values: ScalarMap, brain: Mask) -> ScalarMap:
    """Scale so that the brain spans [0, 1], and set all else to 0.

    Nothing is learnt from other scans, so this cannot leak.

    Args:
        values: Values in any unit.
        brain: On the same grid; not empty.

    Returns:
        Values in [0, 1], float32, 0 outside the brain.
    """
    low, high = np.percentile(values[brain], PERCENTILES)
    scaled = (values - low) / max(high - low, np.finfo(np.float32).tiny)
    inside: ScalarMap = np.where(brain, np.clip(scaled, 0, 1), 0).astype(np.float32)
    return inside
