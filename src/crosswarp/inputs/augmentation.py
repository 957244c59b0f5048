"""What can be chosen about random changes of maps while training."""

from pydantic import BaseModel, ConfigDict, Field


class AugmentationSettings(BaseModel):
    """How far both maps are moved, alike, each time a scan is seen in training.

    Attributes:
        rotation_degrees: Largest turn about each axis; the paper's is 1.
        shift_mm: Largest shift along each axis.
        flip: Whether left and right are swapped for half of the scans.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rotation_degrees: float = Field(default=1.0, ge=0, le=30)
    shift_mm: float = Field(default=0.0, ge=0, le=20)
    flip: bool = False
