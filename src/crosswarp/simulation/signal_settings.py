"""What can be chosen about disease in the signal of tissue, beside its volume."""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field, field_validator

from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.simulation.regions import CEREBRA

MOST_CORRELATED: Final = 0.99


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Severity(_Settings):
    """How severe the change of signal is within one diagnosis.

    Attributes:
        mean: Mean severity; 1 is the pattern of the settings.
        sd: Standard deviation of the severity.
        relation: Correlation of this severity with that of the loss of volume within
            the diagnosis. Above 0 shrinking and change of signal come together, below
            0 one of them stands for the other.
    """

    mean: float
    sd: float = Field(gt=0)
    relation: float = Field(default=0.0, ge=-MOST_CORRELATED, le=MOST_CORRELATED)


class PatchSettings(_Settings):
    """Dark patches of white matter (hypointensities of a T1w image).

    Attributes:
        number: Expected number at the reference age, without disease.
        per_year: Change of its logarithm a year of age.
        by_severity: Change of its logarithm at a severity of 1.
        spread: Spread of its logarithm between people of one age and severity.
        radius_mm: Median radius of a patch, in mm.
        radius_spread: Spread of the logarithm of the radius.
        darker: Fraction of the signal that is lost in the middle of a patch.
        reach_mm: Distance from the lateral ventricles, in mm, over which patches
            become rarer by a factor of e.
    """

    number: float = Field(default=12.0, ge=0, le=500)
    per_year: float = Field(default=0.05, ge=-0.2, le=0.2)
    by_severity: float = Field(default=1.27, ge=-3, le=3)
    spread: float = Field(default=0.5, ge=0, le=2)
    radius_mm: float = Field(default=2.0, gt=0.5, le=8)
    radius_spread: float = Field(default=0.35, ge=0, le=1)
    darker: float = Field(default=0.25, ge=0, le=0.6)
    reach_mm: float = Field(default=8.0, gt=0, le=60)


class SignalSettings(_Settings):
    """How disease, age and chance change the T1w signal of tissue.

    Attributes:
        severity: Of each diagnosis.
        contrast: Fraction of the grey/white contrast that is lost around each
            structure at severity 1.
        darker: Fraction of the signal that each structure loses at severity 1.
        contrast_sd: Spread of the lost fraction of contrast between people.
        contrast_per_year: Fraction of the contrast that is lost a year of age.
        darker_sd: Spread of the lost fraction of signal between people.
        patches: Dark patches of white matter.
        reference_age: Years at which age has no effect.
    """

    severity: dict[Diagnosis, Severity]
    contrast: dict[str, float] = {
        "entorhinal": 0.20,
        "parahippocampal": 0.20,
        "fusiform": 0.15,
        "middle_temporal": 0.15,
        "inferior_temporal": 0.15,
    }
    darker: dict[str, float] = {
        "hippocampus": 0.16,
        "amygdala": 0.12,
        "entorhinal": 0.12,
        "parahippocampal": 0.12,
        "fusiform": 0.08,
        "middle_temporal": 0.08,
        "inferior_temporal": 0.08,
    }
    contrast_sd: float = Field(default=0.04, ge=0, le=0.3)
    contrast_per_year: float = Field(default=0.004, ge=-0.05, le=0.05)
    darker_sd: float = Field(default=0.03, ge=0, le=0.2)
    patches: PatchSettings = PatchSettings()
    reference_age: float = 74.0

    @field_validator("contrast", "darker")
    @classmethod
    def _known(cls, pattern: dict[str, float]) -> dict[str, float]:
        unknown = sorted(set(pattern) - set(CEREBRA))
        if unknown:
            msg = f"no region {', '.join(unknown)}; known are {', '.join(CEREBRA)}"
            raise ValueError(msg)
        wrong = [name for name, lost in pattern.items() if not 0 <= lost <= 0.5]
        if wrong:
            msg = f"fraction lost in {', '.join(wrong)} must lie from 0 to 0.5"
            raise ValueError(msg)
        return pattern
