"""What can be chosen of the change between two scans of one person."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

STEPS_VERSION = 2
"""Raised when a change of code changes the maps, so that old ones are redone."""


class LongitudinalSettings(BaseModel):
    """All choices of the map of change; recorded beside it.

    Attributes:
        spacing: Of the grid on which the change is estimated, in mm.
        midpoint_spacing: Of the template of the person, in mm; not above ``spacing``.
        rigid_iterations: Most iterations of the rigid alignment at 8, at 4 and at 2 mm.
        iterations: Most iterations of the deformation at each spacing, the coarsest
            first; each is half of the one before.
        window: SD of the Gaussian in which contrast is taken as one, in mm.
        noise_variance: Variance of the noise of each scan, whose SD in the brain is 1.
        unexplained: Part of the variance near a voxel that no displacement explains.
        trust: Independent observations in a mm^3 of the images.
        stiffness: What it costs to displace, and to bend.
        passes: How often the finest spacing is gone through. After each, the prior is
            centred on what was found, so that it holds back less of a change that the
            scans agree on.
        nulls: Pairs without change that the width of the intervals is taken from.
        seed: Random seed of those pairs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    spacing: Literal[1, 2, 4] = 2
    midpoint_spacing: Literal[1, 2, 4] = 1
    rigid_iterations: tuple[int, ...] = Field(
        default=(30, 20, 6), min_length=1, max_length=3
    )
    iterations: tuple[int, ...] = Field(default=(15, 20), min_length=1)
    window: float = Field(default=4.0, gt=0)
    noise_variance: float = Field(default=2.5e-3, ge=0)
    unexplained: float = Field(default=0.005, gt=0, le=1)
    trust: float = Field(default=0.3, gt=0)
    stiffness: tuple[float, float] = (0.0005, 4.0)
    passes: int = Field(default=3, ge=1)
    nulls: int = Field(default=2, ge=2)
    seed: int = Field(default=0, ge=0)
