"""What can be chosen about a virtual cohort, and the presets."""

from typing import Any, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.errors import InputError
from crosswarp.simulation.regions import CEREBRA

STEPS_VERSION: Final = 1
"""Raised when a change of code changes the heads, so that old ones are not mixed in."""

HEAD_NAMES: Final = ("colin27", "mni2009c")


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Normal(_Settings):
    """A normal distribution."""

    mean: float
    sd: float = Field(ge=0)


class AnatomySettings(_Settings):
    """How much healthy heads differ.

    Attributes:
        log_jacobian_sd: Spread of the log-Jacobian of the random anatomy within
            one brain (and across participants at one place). Without unit; 0.1
            is a volume ratio of 0.9 or 1.1 at one SD.
        scales: Standard deviations of the Gaussians that smooth the velocity, in
            mm. Each scale gives the same share of the variance.
        mean_size: Logarithm of the mean participant's linear size over the real
            head's. The real heads here are large: their brain masks have 1880 to
            1960 cm3, where the elderly have about 1500 cm3 inside the skull.
        size_sd: Spread of the logarithm of the head's linear size.
        stretch_sd: Spread of the logarithm of its size along each axis on top.
        male_size: Logarithm of a man's over a woman's linear size. 0.035 makes
            11 % of volume.
    """

    log_jacobian_sd: float = Field(default=0.10, ge=0, le=0.25)
    scales: tuple[float, ...] = (10.0, 24.0)
    mean_size: float = Field(default=-0.085, ge=-0.2, le=0.2)
    size_sd: float = Field(default=0.02, ge=0, le=0.05)
    stretch_sd: float = Field(default=0.015, ge=0, le=0.05)
    male_size: float = Field(default=0.035, ge=0, le=0.05)


class AtrophySettings(_Settings):
    """How disease changes volumes.

    A participant has a severity, drawn from the distribution of the diagnosis; the
    volume of a structure changes by ``pattern ** severity``, times a lognormal
    factor for each side. So structures shrink together, as they do in patients.

    Attributes:
        pattern: Volume ratio of each structure at severity 1; below 1 it shrinks.
        severity: Distribution for each diagnosis.
        region_sd: Spread of the logarithm of each region's ratio around that.
        limits: Ratios are kept within these: beyond them a tissue of this
            resolution would be torn or crushed.
    """

    pattern: dict[str, float] = {
        "hippocampus": 0.75,
        "amygdala": 0.77,
        "entorhinal": 0.75,
        "parahippocampal": 0.88,
        "lateral_ventricle": 1.45,
        "inferior_lateral_ventricle": 1.45,
    }
    severity: dict[Diagnosis, Normal]
    region_sd: float = Field(default=0.04, ge=0, le=0.2)
    limits: tuple[float, float] = (0.55, 2.5)

    @field_validator("pattern")
    @classmethod
    def _known(cls, pattern: dict[str, float]) -> dict[str, float]:
        unknown = sorted(set(pattern) - set(CEREBRA))
        if unknown or not pattern:
            msg = f"no region {unknown}; give one or more of {', '.join(CEREBRA)}"
            raise ValueError(msg)
        return pattern


class AcquisitionSettings(_Settings):
    """What the scanner adds.

    Attributes:
        spacing: Millimetres between voxels.
        rotation_sd: Degrees about each axis.
        translation_sd: Millimetres along each axis.
        bias_sd: Spread, over the field of view, of the logarithm of the
            intensity inhomogeneity.
        noise: SD of the noise of each channel, as a share of white matter.
        gamma_sd: Spread of the logarithm of the exponent applied to intensities.
        sites: Drawn with equal chance; they do not differ yet.
    """

    spacing: float = Field(default=1.0, ge=0.5, le=6)
    rotation_sd: float = Field(default=3.0, ge=0, le=15)
    translation_sd: float = Field(default=3.0, ge=0, le=15)
    bias_sd: float = Field(default=0.10, ge=0, le=0.4)
    noise: float = Field(default=0.025, ge=0, le=0.3)
    gamma_sd: float = Field(default=0.05, ge=0, le=0.3)
    sites: tuple[str, ...] = Field(default=("site1", "site2"), min_length=1)


class SimulationSettings(_Settings):
    """A virtual cohort.

    Attributes:
        participants: How many. A participant does not depend on how many follow.
        seed: Of everything that is drawn.
        classes: Diagnoses, dealt in turn.
        heads: Real heads, dealt in turn within each diagnosis.
        workers: Processes at a time; changes nothing in the result.
    """

    participants: int = Field(ge=1, le=100_000)
    seed: int = Field(default=0, ge=0)
    classes: tuple[Diagnosis, ...] = Field(
        default=(Diagnosis.CN, Diagnosis.AD), min_length=1
    )
    heads: tuple[str, ...] = Field(default=HEAD_NAMES, min_length=1)
    age_years: Normal = Normal(mean=74, sd=6)
    anatomy: AnatomySettings = AnatomySettings()
    atrophy: AtrophySettings
    acquisition: AcquisitionSettings = AcquisitionSettings()
    workers: int = Field(default=2, ge=1)

    @model_validator(mode="after")
    def _consistent(self) -> "SimulationSettings":
        unknown = sorted(set(self.heads) - set(HEAD_NAMES))
        if unknown:
            msg = f"no head {', '.join(unknown)}; there are {', '.join(HEAD_NAMES)}"
            raise ValueError(msg)
        lacking = [d.value for d in self.classes if d not in self.atrophy.severity]
        if lacking:
            msg = f"no severity for {', '.join(lacking)}"
            raise ValueError(msg)
        return self

    def of_each_participant(self) -> dict[str, Any]:
        """All that a participant's head depends on besides its number, as JSON."""
        chosen = self.model_dump(mode="json", exclude={"participants", "workers"})
        return {"steps_version": STEPS_VERSION, **chosen}


PRESETS: Final[dict[str, dict[str, Any]]] = {
    # Strong and clear, so that a small network learns it from few heads in minutes.
    "easy": {
        "anatomy": AnatomySettings(log_jacobian_sd=0.07),
        "atrophy": AtrophySettings(
            severity={
                Diagnosis.CN: Normal(mean=0.0, sd=0.30),
                Diagnosis.MCI: Normal(mean=0.5, sd=0.30),
                Diagnosis.AD: Normal(mean=1.0, sd=0.30),
            }
        ),
    },
    # The same heads without a group effect: whatever tells the groups apart is a leak.
    "null": {
        "anatomy": AnatomySettings(log_jacobian_sd=0.07),
        "atrophy": AtrophySettings(
            severity={d: Normal(mean=0.6, sd=0.60) for d in Diagnosis}
        ),
    },
}


def preset_settings(preset: str, **changes: Any) -> SimulationSettings:  # noqa: ANN401
    """Settings of a preset, with some of them changed.

    Args:
        preset: ``easy`` or ``null``.
        **changes: Fields of `SimulationSettings`, ``participants`` at least.

    Raises:
        InputError: If there is no such preset, or a value cannot be used.
    """
    if preset not in PRESETS:
        msg = f"no preset {preset!r}; there are {', '.join(PRESETS)}"
        raise InputError(msg)
    try:
        return SimulationSettings(**{**PRESETS[preset], **changes})
    except ValidationError as error:
        faults = [
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors()
        ]
        msg = f"simulation settings: {'; '.join(faults)}"
        raise InputError(msg) from error
