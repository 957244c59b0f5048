"""Disease in the signal of tissue: what changes in a T1w image where nothing shrinks.

Three effects, all set in the real head before it is deformed, so that they stay with
their tissue: loss of contrast between grey and white matter around a structure,
darkening of a structure, and dark patches of white matter near the ventricles. Age and
chance do the same to healthy people.

References:
    Salat et al. (2009), Age-associated alterations in cortical gray and white matter
    signal intensity and gray to white matter contrast. NeuroImage 48(1), 21-28.
    doi:10.1016/j.neuroimage.2009.06.074
    DeCarli et al. (2005), Anatomical mapping of white matter hyperintensities. Stroke
    36(1), 50-55. doi:10.1161/01.STR.0000150668.58689.f2
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.simulation.drawing import VirtualParticipant
from crosswarp.simulation.heads import Head
from crosswarp.simulation.regions import CEREBRA
from crosswarp.simulation.signal_settings import PatchSettings, SignalSettings
from crosswarp.simulation.sources import BRAIN_ONLY
from crosswarp.types.arrays import Mask, Points, ScalarMap, SpatialMap

Box = tuple[slice, slice, slice]
"""Part of a head's grid."""

TISSUE: Final = 0.4
"""Of white matter: brighter than fluid, darker than grey matter."""

WHITE: Final = 0.85
"""Of white matter: brighter than grey matter."""

NEARBY_MM: Final = 3.0
"""SD of the Gaussian over which grey and white matter are mixed, in mm."""

SOFT_MM: Final = {"contrast": 4.0, "darker": 1.0}
"""SD of the Gaussian that softens the edges of an effect, in mm."""

LARGEST_DRAW: Final = 3.0
"""Standard deviations of what differs between people; beyond is drawn back."""

MOST_LOST: Final = 0.6
"""Largest fraction of contrast or signal that can be lost."""


@dataclass(frozen=True)
class Signal:
    """What is true of the signal of one participant's tissue.

    Attributes:
        factor: By which the real head's signal is multiplied, on the head's grid; 1
            where nothing changes.
        contrast_lost: Fraction of the grey/white contrast lost around each structure.
        darker: Fraction of its signal that each structure has lost.
        patches: Number of dark patches of white matter.
        patches_mm3: Volume of the white matter that has lost more than half of
            what the middle of a patch loses, in mm³ of the real head.
    """

    factor: ScalarMap
    contrast_lost: dict[str, float]
    darker: dict[str, float]
    patches: int
    patches_mm3: float


def change_signal(
    participant: VirtualParticipant,
    head: Head,
    settings: SignalSettings,
    rng: np.random.Generator,
) -> Signal:
    """Find what disease, age and chance do to the signal of a head.

    Args:
        participant: Participant with its age and the severity of its signal.
        head: Real head that the participant is made from.
        settings: Of the signal.
        rng: Source of what differs by chance.
    """
    severity = participant.signal_severity
    years = participant.age_years - settings.reference_age
    by_age = settings.contrast_per_year * years
    contrast = {
        name: _lost(most * severity + by_age, settings.contrast_sd, rng)
        for name, most in settings.contrast.items()
    }
    darker = {
        name: _lost(most * severity, settings.darker_sd, rng)
        for name, most in settings.darker.items()
    }
    values = head.t1w.values.astype(np.float32)
    changed = _flatter(head, values, contrast)
    for name, lost in darker.items():
        box, soft = _around(head, name, SOFT_MM["darker"])
        changed[box] *= 1 - lost * soft
    darkened, number = _patches(head, participant, settings, rng)
    changed *= 1 - darkened
    half = settings.patches.darker / 2
    voxel = float(abs(np.linalg.det(head.t1w.affine[:3, :3])))
    return Signal(
        factor=_factor(changed, values),
        contrast_lost=contrast,
        darker=darker,
        patches=number,
        patches_mm3=float((darkened > half).sum() * voxel) if number else 0.0,
    )


def with_signal(head: Head, signal: Signal) -> Head:
    """Give a head the signal of a participant.

    Args:
        head: Real head that the participant is made from.
        signal: Of the participant, on the head's grid.
    """
    values: ScalarMap = head.t1w.values * signal.factor
    return Head(head.name, SpatialMap(values, head.t1w.affine), head.labels)


def _lost(mean: float, sd: float, rng: np.random.Generator) -> float:
    draw = np.clip(rng.standard_normal(), -LARGEST_DRAW, LARGEST_DRAW)
    # Healthy people differ in both directions; a gain is as much as a loss of theirs.
    return float(np.clip(mean + sd * draw, -MOST_LOST, MOST_LOST))


def _factor(changed: ScalarMap, values: ScalarMap) -> ScalarMap:
    factor = np.ones_like(values)
    np.divide(changed, values, out=factor, where=values > TISSUE / 2)
    return factor


def _flatter(head: Head, values: ScalarMap, lost: dict[str, float]) -> ScalarMap:
    """Bring grey and white matter nearer to what is around them."""
    if not lost:
        return values.copy()
    tissue = head.brain & (values > TISSUE)
    share = np.zeros_like(values)
    for name, fraction in lost.items():
        box, soft = _around(head, name, SOFT_MM["contrast"])
        share[box] += np.float32(fraction) * soft
    share = np.clip(share, -MOST_LOST, MOST_LOST) * tissue
    box = _box(np.abs(share) > 1e-4, head, 3 * NEARBY_MM)
    inside, width = tissue[box].astype(np.float32), NEARBY_MM / head.t1w.spacing[0]
    total = ndimage.gaussian_filter(values[box] * inside, width)
    weight = ndimage.gaussian_filter(inside, width)
    mean = total / np.maximum(weight, 1e-3)
    changed = values.copy()
    changed[box] += share[box] * (mean - values[box])
    return changed


def _around(head: Head, structure: str, width_mm: float) -> tuple[Box, ScalarMap]:
    """Soft mask of both sides of a structure, 1 in its middle, and where it is."""
    left, right = CEREBRA[structure]
    mask = (head.labels == left) | (head.labels == right)
    box = _box(mask, head, 4 * width_mm)
    soft = ndimage.gaussian_filter(
        mask[box].astype(np.float32), width_mm / head.t1w.spacing[0]
    )
    found: ScalarMap = soft / max(float(soft.max()), 1e-6)
    return box, found


def _box(mask: Mask, head: Head, margin_mm: float) -> Box:
    """Smallest box around a mask, with a margin; all where the mask is empty."""
    margin = int(np.ceil(margin_mm / head.t1w.spacing[0]))
    slices = []
    for axis in range(3):
        others = tuple(a for a in range(3) if a != axis)
        found = np.flatnonzero(mask.any(axis=others))
        low, high = (found[0], found[-1]) if len(found) else (0, mask.shape[axis] - 1)
        slices.append(slice(max(int(low) - margin, 0), int(high) + margin + 1))
    return (slices[0], slices[1], slices[2])


def _patches(
    head: Head,
    participant: VirtualParticipant,
    settings: SignalSettings,
    rng: np.random.Generator,
) -> tuple[ScalarMap, int]:
    """Fraction of its signal that each voxel loses to patches; how many they are."""
    chosen = settings.patches
    years = participant.age_years - settings.reference_age
    log_number = chosen.per_year * years
    log_number += chosen.by_severity * participant.signal_severity
    log_number += chosen.spread * float(
        np.clip(rng.standard_normal(), -LARGEST_DRAW, LARGEST_DRAW)
    )
    number = int(rng.poisson(chosen.number * np.exp(log_number)))
    lost: ScalarMap = np.zeros(head.t1w.extent, dtype=np.float32)
    if not number:
        return lost, 0
    places, chances = _white_matter(head, chosen)
    if not len(places):
        return lost, 0
    for at in rng.choice(len(places), size=number, p=chances):
        _stamp(lost, head, places[at], chosen, rng)
    return lost, number


def _white_matter(head: Head, chosen: PatchSettings) -> tuple[Points, np.ndarray]:
    """Voxels where a patch can lie, and the chance of each."""
    white = (head.labels == BRAIN_ONLY) & (head.t1w.values > WHITE)
    spacing = head.t1w.spacing[0]
    white = ndimage.binary_erosion(white, iterations=max(1, round(1 / spacing)))
    fluid = np.isin(head.labels, CEREBRA["lateral_ventricle"])
    reach = 4 * chosen.reach_mm
    box = _box(fluid, head, reach)
    distance = np.full(white.shape, reach, dtype=np.float32)
    distance[box] = ndimage.distance_transform_edt(~fluid[box], spacing)
    places = np.argwhere(white & (distance < reach))
    weights = np.exp(-distance[tuple(places.T)] / chosen.reach_mm)
    found: Points = places.astype(np.float32)
    return found, weights / max(float(weights.sum()), 1e-9)


def _stamp(
    lost: ScalarMap,
    head: Head,
    place: np.ndarray,
    chosen: PatchSettings,
    rng: np.random.Generator,
) -> None:
    """Add one ellipsoid with a soft edge; patches that overlap merge."""
    spacing = head.t1w.spacing[0]
    median = chosen.radius_mm * np.exp(chosen.radius_spread * rng.standard_normal(3))
    radii = np.clip(median, 0.8, 3 * chosen.radius_mm) / spacing
    low = np.maximum(np.floor(place - 2 * radii), 0).astype(int)
    high = np.minimum(np.ceil(place + 2 * radii) + 1, lost.shape).astype(int)
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    axes = np.ogrid[box]
    squares = sum(
        ((axis - centre) / radius) ** 2
        for axis, centre, radius in zip(axes, place, radii, strict=True)
    )
    # Half of the loss at the radius, nothing left of it at twice the radius.
    soft = chosen.darker * np.exp2(-squares * np.sqrt(squares))
    inside = head.labels[box] > 0
    lost[box] = np.maximum(lost[box], soft.astype(np.float32) * inside)
