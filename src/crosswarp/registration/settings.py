"""What can be chosen of a registration: back end, schedule, and the template."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias, Union

from pydantic import BaseModel, ConfigDict, Field

from crosswarp.registration.schedules import (
    AntsSettings,
    BackendSettings,
    DerivativesSettings,
    GreedySettings,
    MapSettings,
    Resolution,
    TorchSettings,
    TwoStageSettings,
)
from crosswarp.registration.table import BACK_ENDS

__all__ = [
    "AntsSettings",
    "BackendSettings",
    "DerivativesSettings",
    "GreedySettings",
    "MapSettings",
    "OwnTemplate",
    "RegistrationSettings",
    "Resolution",
    "TorchSettings",
    "TwoStageSettings",
]

if TYPE_CHECKING:
    RegistrationSettings: TypeAlias = BackendSettings
else:
    # As many as the table has, and what was registered elsewhere.
    _KINDS = (*(each.settings for each in BACK_ENDS.values()), DerivativesSettings)
    _ANY = Union[_KINDS]  # noqa: UP007
    RegistrationSettings = Annotated[_ANY, Field(discriminator="backend")]
"""Settings of the back end that ``backend`` names."""


class OwnTemplate(BaseModel):
    """A user's template; made by `crosswarp.registration.template.own_template`.

    What counts, and is recorded, is what the files hold, not where they lie.

    Attributes:
        space: BIDS name of its space.
        t1w: T1w image, 1 mm; None where it is not known where it lies.
        mask: Brain mask of the template; None likewise.
        t1w_digest: Of the file.
        mask_digest: Of the file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    space: str
    t1w: Path | None = Field(default=None, exclude=True)
    mask: Path | None = Field(default=None, exclude=True)
    t1w_digest: str
    mask_digest: str

    @property
    def source(self) -> str:
        """What it is, for a person."""
        return f"{self.space}, a template given by the user (digest {self.t1w_digest})"
