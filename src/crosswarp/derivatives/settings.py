"""What can be chosen when a scan is turned into maps."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Resolution = Literal[1, 2]
"""Millimetres between voxels of the template grid."""

STEPS_VERSION = 1
"""Raised when a change of code changes the maps, so that old ones are redone."""


class GreedySettings(BaseModel):
    """Schedule of the default registration (greedy, on 2 mm images).

    Attributes:
        affine_iterations: Per level, coarse to fine.
        deformable_iterations: Per level, coarse to fine.
        metric_radius: Half width of the patches whose normalised
            cross-correlation is maximised, in voxels.
        smoothing: Standard deviations, in voxels, of the Gaussians applied to
            each update and to the whole warp.
        seed: Of the metric's sampling in the affine stage.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    affine_iterations: tuple[int, ...] = (60, 0)
    deformable_iterations: tuple[int, ...] = (40, 12)
    metric_radius: int = Field(default=2, ge=1, le=8)
    smoothing: tuple[float, float] = (3.0, 1.0)
    seed: int = 42


class QualityLimits(BaseModel):
    """Outside these a scan is refused, with the number and the limit in its reason.

    Attributes:
        brain_volume_cm3: Smallest and largest volume of the brain mask. Healthy
            adults have 900 to 2000 cm3 inside the skull; the mask is a little
            larger or smaller than that.
        least_overlap: Dice coefficient of the brain masks after the affine.
        least_similarity: Correlation with the template in its brain mask,
            after the whole registration.
        most_folded: Fraction of brain voxels where the deformation folds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    brain_volume_cm3: tuple[float, float] = (700.0, 2300.0)
    least_overlap: float = Field(default=0.85, ge=0, le=1)
    least_similarity: float = Field(default=0.5, ge=0, le=1)
    most_folded: float = Field(default=0.0, ge=0, le=0.01)


class PreprocessSettings(BaseModel):
    """All choices of the derivatives stage; recorded beside every map.

    Attributes:
        resolution: Spacing of the template grid, in mm.
        brain_mask: ``deepbet`` finds the brain; ``given`` says that the scans
            are already stripped.
        registration: Schedule of the registration.
        limits: What quality is refused.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    resolution: Resolution = 1
    brain_mask: Literal["deepbet", "given"] = "deepbet"
    registration: GreedySettings = GreedySettings()
    limits: QualityLimits = QualityLimits()
