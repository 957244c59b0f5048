"""The brain of a scan: how it is found, and whether the scan is as was said."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.errors import QualityError, ScanError
from crosswarp.preprocessing.brain_mask import find_brain
from crosswarp.preprocessing.hd_bet import find_brain_hd_bet
from crosswarp.preprocessing.quality import (
    Quality,
    brain_at_edge_cm2,
    brain_volume_cm3,
    check_quality,
)
from crosswarp.preprocessing.settings import BrainMask, PreprocessSettings
from crosswarp.preprocessing.stripped import given_brain
from crosswarp.preprocessing.template_mask import template_brain
from crosswarp.types.arrays import Mask, SpatialMap

LEAST_AROUND_CM3: Final = 250.0
"""Of tissue around the brain, below which a scan is stripped.

Colin27 has 1700 cm3 of scalp, bone marrow, eyes and neck there, and nothing stripped.
"""

_AROUND_MM: Final = 4.0
"""Distance from the brain from which on tissue is around it, not at its edge."""

_COARSE_MM: Final = 2.0
"""Spacing at which the tissue around the brain is counted."""

_BRIGHT: Final = 0.2
"""Share of the brain's median brightness from which on a voxel is tissue."""

_NETWORKS: Final[dict[BrainMask, Callable[[SpatialMap], Mask]]] = {
    "deepbet": find_brain,
    "hd-bet": find_brain_hd_bet,
}


@dataclass(frozen=True)
class FoundBrain:
    """A brain mask, and how it came about.

    Attributes:
        mask: On the scan's grid.
        how: One of the ways, for ledger and sidecar.
        quality: What the mask alone tells.
    """

    mask: Mask
    how: BrainMask
    quality: Quality


def locate_brain(scan: SpatialMap, settings: PreprocessSettings) -> FoundBrain:
    """Find the brain the way that the settings say, and hold it against the limits.

    Args:
        scan: A whole head, or a stripped one if the settings say so.
        settings: Settings with all choices.

    Raises:
        QualityError: If the mask is not of a brain's size or is cut off.
        ScanError: If there is no brain, or the scan is stripped and not said to be.
    """
    if settings.brain_mask == "given":
        found = _measured(scan, given_brain(scan), "given")
        _check_no_skull(found, settings)
        check_quality(found.quality, settings.limits)
        return found
    if settings.brain_mask == "template":
        return _from_template(scan, settings)
    try:
        mask = _NETWORKS[settings.brain_mask](scan)
        found = _measured(scan, mask, settings.brain_mask)
        check_quality(found.quality, settings.limits)
    except ScanError as error:
        if not settings.fall_back:
            raise
        return _instead(scan, settings, error)
    check_not_stripped(scan, found.mask)
    return found


def check_not_stripped(scan: SpatialMap, brain: Mask) -> None:
    """Refuse a scan with hardly anything around its brain.

    Raises:
        ScanError: With the option that says that scans are stripped.
    """
    # Coarser than most scans: the distances of all voxels of a fine one take seconds.
    steps = [max(1, round(_COARSE_MM / spacing)) for spacing in scan.spacing]
    i, j, k = (slice(None, None, step) for step in steps)
    head = SpatialMap(scan.values[i, j, k], scan.affine @ np.diag([*steps, 1.0]))
    near = ndimage.distance_transform_edt(~brain[i, j, k], sampling=head.spacing)
    bright = head.values > _BRIGHT * np.median(scan.values[brain])
    around = brain_volume_cm3(head, bright & (near > _AROUND_MM))
    if around < LEAST_AROUND_CM3:
        msg = (
            f"only {around:.0f} cm3 of tissue around the brain; a whole head has more"
            f" than {LEAST_AROUND_CM3:g}; if the scan is stripped, give"
            " `brain_mask='given'`"
        )
        raise ScanError(msg)


def _from_template(scan: SpatialMap, settings: PreprocessSettings) -> FoundBrain:
    mask = template_brain(scan, settings.template)
    found = _measured(scan, mask, "template")
    check_quality(found.quality, settings.limits)
    check_not_stripped(scan, mask)
    return found


def _instead(
    scan: SpatialMap, settings: PreprocessSettings, reason: ScanError
) -> FoundBrain:
    """Take the template's mask; if that is no better, say the first reason too."""
    try:
        return _from_template(scan, settings)
    except ScanError as error:
        msg = f"{reason}; nor did the template's mask fit: {error}"
        raise ScanError(msg) from error


def _measured(scan: SpatialMap, mask: Mask, how: BrainMask) -> FoundBrain:
    quality = Quality(
        brain_volume_cm3(scan, mask),
        brain_at_edge_cm2(scan, mask, padded=how != "given"),
    )
    return FoundBrain(mask, how, quality)


def _check_no_skull(found: FoundBrain, settings: PreprocessSettings) -> None:
    volume = found.quality.brain_volume_cm3
    _, greatest = settings.limits.brain_volume_cm3.used
    if greatest is not None and volume > greatest:
        msg = (
            f"{volume:.0f} cm3 above the background, more than a brain's"
            f" {greatest:g}; is the skull still on? then leave out `brain_mask='given'`"
        )
        raise QualityError(msg, found.quality.as_row())
