"""What can be chosen when a scan is turned into maps."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from crosswarp.preprocessing.limits import QualityLimits
from crosswarp.registration.settings import (
    OwnTemplate,
    RegistrationSettings,
    Resolution,
)
from crosswarp.registration.table import default_settings
from crosswarp.types.grid import SPACE

STEPS_VERSION = 6
"""Raised when a change of code changes the maps, so that old ones are redone."""


BrainMask = Literal["deepbet", "hd-bet", "template", "given", "derivatives"]
"""How the brain is found."""


class PreprocessSettings(BaseModel):
    """All choices of the derivatives stage; recorded beside every map.

    Attributes:
        resolution: Spacing of the template grid, in mm.
        template: A user's template; the embedded one when None.
        brain_mask: ``deepbet`` and ``hd-bet`` find the brain in a head; ``template``
            takes the template's, through an affine of the heads; ``given`` says that
            the scans are already stripped; ``derivatives`` takes the mask
            that another program made.
        fall_back: Take the template's where a network finds no brain, or none of a
            brain's size. A wrong image may pass then, so such scans are to be checked.
        registration: Which back end registers, and its schedule.
        limits: What quality is fine, and what is refused.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    resolution: Resolution = 1
    template: OwnTemplate | None = None
    brain_mask: BrainMask = "deepbet"
    fall_back: bool = False
    registration: RegistrationSettings = default_settings()
    limits: QualityLimits = QualityLimits()

    @property
    def space(self) -> str:
        """BIDS name of the template's space."""
        return SPACE if self.template is None else self.template.space
