"""The maps of a scan that is registered, whoever registered it."""

import math
from dataclasses import dataclass, replace

import numpy as np

from crosswarp.preprocessing.brain import FoundBrain
from crosswarp.preprocessing.head_size import intracranial_volume_cm3
from crosswarp.preprocessing.limits import QualityLimits
from crosswarp.preprocessing.quality import (
    Quality,
    Verdict,
    judge,
    overlap,
    sentences,
    similarity,
)
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.preprocessing.turns import POOR_OVERLAP, POOR_SIMILARITY, turn_of
from crosswarp.registration.jacobian import jacobian_determinant, log_of
from crosswarp.registration.resampling import at_spacing, resample
from crosswarp.registration.result import Registration
from crosswarp.registration.template import (
    Template,
    coarsen,
    load_template,
)
from crosswarp.types.arrays import (
    Affine,
    FieldInBox,
    Mask,
    ScalarMap,
    SpatialMap,
    VectorField,
)


@dataclass(frozen=True)
class Scanned:
    """A scan whose brain is found and evenly bright.

    Attributes:
        scan: The scan as it was read, its background at 0.
        stripped: Brain on the same grid, intensities in [0, 1], 0 around it.
        found: Brain mask, with what it tells of the quality.
        notes: Sentences on how the scan was read.
    """

    scan: SpatialMap
    stripped: SpatialMap
    found: FoundBrain
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScanMaps:
    """What one scan becomes, on the template's grid.

    Attributes:
        t1w: Affinely aligned, brain only, in [0, 1].
        log_jacobian: Above 0 where the participant is larger than the template.
        registered: The T1w after the whole registration, to be looked at.
        brain: The participant's brain, affinely aligned.
        brain_mask: How the brain was found.
        registration: How the template maps to the scan; the displacement on the
            grid on which it was estimated.
        quality: Numbers for the ledger; not yet held against their limits, so that
            what fails can be looked at.
        notes: Sentences on intensities that were shifted.
        contradiction: How the image lies otherwise than its header says; empty where
            it does not, and the maps can be used.
    """

    t1w: SpatialMap
    log_jacobian: SpatialMap
    registered: SpatialMap
    brain: Mask
    brain_mask: str
    registration: Registration
    quality: Quality
    notes: tuple[str, ...] = ()
    contradiction: str = ""

    def refused(self, limits: QualityLimits) -> str:
        """Say why the maps cannot be used; empty where they can.

        Args:
            limits: Limits that the quality is held against.
        """
        failed = sentences(judge(self.quality.as_row(), limits), Verdict.FAILED)
        # The contradiction is the cause of the rest, so it is said first.
        return "; ".join(filter(None, (self.contradiction, failed)))


def finished(
    scanned: Scanned, registration: Registration, settings: PreprocessSettings
) -> ScanMaps:
    """Make the maps of a scan that is registered.

    Args:
        scanned: Scan and brain on the scan's own grid.
        registration: How the template maps to the scan, the displacement on the grid
            that the settings of the registration name.
        settings: Settings with all choices.
    """
    found = scanned.found
    fixed = load_template(settings.registration.resolution, settings.template)
    template = load_template(settings.resolution, settings.template)
    fine = load_template(1, settings.template).brain
    aligned = _align(scanned.stripped, found.mask, registration.affine, fine)
    if template.resolution != 1:
        aligned = coarsen(aligned[0]), coarsen(aligned[1])
    t1w, aligned_brain = _cut_out(*aligned)
    finer = replace(
        registration,
        displacement=on_grid(registration.displacement, fixed, template),
    )
    # Folding is counted and judged with the rest, below.
    determinant = jacobian_determinant(finer.displacement, template.brain.affine)
    log_j = log_of(determinant)
    registered = resample(
        t1w,
        template.brain.extent,
        template.brain.affine,
        displacement=finer.displacement,
    )
    quality = replace(
        found.quality,
        intracranial_volume_cm3=_head_size(scanned, registration, settings),
        overlap=overlap(aligned_brain, template.mask),
        similarity=similarity(registered, template.brain.values, template.mask),
        **_deformation(determinant, log_j, template.mask),
    )
    return ScanMaps(
        t1w,
        SpatialMap(np.where(template.mask, log_j, 0), template.brain.affine),
        SpatialMap(registered, template.brain.affine),
        aligned_brain,
        found.how,
        registration,
        quality,
        scanned.notes,
        _contradiction(quality, scanned.stripped, fixed.brain, settings),
    )


def _align(
    stripped: SpatialMap, brain: Mask, affine: Affine, fine: SpatialMap
) -> tuple[SpatialMap, SpatialMap]:
    """Bring T1w and brain to the template's 1 mm grid by the affine alone."""
    whole = SpatialMap(brain.astype(np.float32), stripped.affine)
    t1w, mask = (
        SpatialMap(resample(m, fine.extent, fine.affine, affine), fine.affine)
        for m in (stripped, whole)
    )
    return t1w, mask


def _cut_out(t1w: SpatialMap, brain: SpatialMap) -> tuple[SpatialMap, Mask]:
    inside: Mask = brain.values > 0.5
    values: ScalarMap = np.where(inside, np.clip(t1w.values, 0, 1), 0)
    return SpatialMap(values.astype(np.float32), t1w.affine), inside


def _head_size(
    scanned: Scanned, registration: Registration, settings: PreprocessSettings
) -> float:
    """Measure the inside of the skull, where the scan has one."""
    if scanned.found.how == "given":
        return math.nan
    return intracranial_volume_cm3(scanned.scan, registration.affine, settings.template)


def _contradiction(
    quality: Quality,
    stripped: SpatialMap,
    template: SpatialMap,
    settings: PreprocessSettings,
) -> str:
    """Say how a brain that fits poorly lies otherwise than its header says."""
    if quality.overlap >= POOR_OVERLAP and quality.similarity >= POOR_SIMILARITY:
        return ""
    spacing = settings.registration.participant_resolution
    turn = turn_of(at_spacing(stripped, float(spacing)), template)
    return "" if turn is None else turn.sentence


def on_grid(
    displacement: VectorField, source: Template, target: Template
) -> FieldInBox:
    """Interpolate a displacement from one grid of the template to another.

    Args:
        displacement: Millimetres, RAS+, on the grid of ``source``.
        source: Template on the grid that is there.
        target: Template on the grid that is wanted.
    """
    if source.resolution == target.resolution:
        return displacement
    components = [
        resample(
            SpatialMap(displacement[..., axis], source.brain.affine),
            target.brain.extent,
            target.brain.affine,
            # A finer grid of even size ends half a coarse voxel farther out.
            outside="nearest",
        )
        for axis in range(3)
    ]
    finer: FieldInBox = np.stack(components, axis=-1)
    return finer


def _deformation(
    determinant: ScalarMap, log_j: ScalarMap, brain: Mask
) -> dict[str, float]:
    """Measure the deformation in the template's brain."""
    inside = log_j[brain]
    least, greatest = np.percentile(inside, [0.1, 99.9])
    return {
        "folded": float((determinant[brain] <= 0).mean()),
        "log_jacobian_sd": float(inside.std()),
        "log_jacobian_least": float(least),
        "log_jacobian_greatest": float(greatest),
    }
