"""What can be chosen about a virtual cohort."""

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.simulation.regions import CEREBRA
from crosswarp.simulation.signal_settings import SignalSettings

STEPS_VERSION: Final = 3
"""Raised when a change of code changes the heads, so that old ones are not mixed in."""

HEAD_NAMES: Final = ("colin27", "mni2009c", "mni2009casym")

WHITE: Final = 500.0
"""Stored value of white matter, where nothing else is chosen."""

OWN_HEAD: Final = "own"
"""How the names of a user's own heads begin."""


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Normal(_Settings):
    """A normal distribution."""

    mean: float
    sd: float = Field(ge=0)


class Structure(_Settings):
    """How one structure differs between healthy people, besides its surroundings.

    Attributes:
        mean_ratio: Volume at `AnatomySettings.reference_age` over the real head's:
            the ventricles of the elderly are larger than those of the real heads.
        sd: Spread of the logarithm of the volume, shared by the two sides.
        per_year: Change of that logarithm a year of age.
    """

    mean_ratio: float = Field(default=1.0, gt=0, le=3)
    sd: float = Field(default=0.0, ge=0, le=0.6)
    per_year: float = Field(default=0.0, ge=-0.1, le=0.1)


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
        structures: Those that differ by themselves and with age, besides what the
            random anatomy does to them.
        reference_age: Years at which a structure has its mean ratio.
    """

    log_jacobian_sd: float = Field(default=0.10, ge=0, le=0.25)
    scales: tuple[float, ...] = (10.0, 24.0)
    mean_size: float = Field(default=-0.085, ge=-0.2, le=0.2)
    size_sd: float = Field(default=0.02, ge=0, le=0.05)
    stretch_sd: float = Field(default=0.015, ge=0, le=0.05)
    male_size: float = Field(default=0.035, ge=0, le=0.05)
    structures: dict[str, Structure] = {}
    reference_age: float = 74.0

    @field_validator("structures")
    @classmethod
    def _known(cls, structures: dict[str, Structure]) -> dict[str, Structure]:
        unknown = sorted(set(structures) - set(CEREBRA))
        if unknown:
            msg = f"no region {', '.join(unknown)}; known are {', '.join(CEREBRA)}"
            raise ValueError(msg)
        return structures


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
        white: Stored value of white matter before contrast and inhomogeneity. Files
            are smaller where it is, since noise is stored in fewer steps.
        gamma_mean: Mean logarithm of the exponent applied to intensities.
        gamma_sd: Spread of that exponent.
        sites: Names, drawn with equal chance.
        site_gamma_sd: Spread of ``gamma_mean`` between sites.
        site_noise_sd: Spread of the logarithm of the noise between sites.
        site_bias_sd: Spread of the logarithm of ``bias_sd`` between sites.
        voxels: Voxel sizes in mm, assigned to the sites in turn; cubes of
            ``spacing`` when empty.
        crop: Most millimetres of the neck that a field of view leaves out.
        motion_rate: Share of scans during which the head moved.
        motion_degrees: Spread of the turns of a head that moved; as many
            millimetres of shift.
        bad_rate: Share of scans that no study can use; see `FAULTS`.
    """

    spacing: float = Field(default=1.0, ge=0.5, le=6)
    rotation_sd: float = Field(default=3.0, ge=0, le=15)
    translation_sd: float = Field(default=3.0, ge=0, le=15)
    bias_sd: float = Field(default=0.10, ge=0, le=0.4)
    noise: float = Field(default=0.025, ge=0, le=0.3)
    white: float = Field(default=WHITE, ge=50, le=2000)
    gamma_mean: float = Field(default=0.0, ge=-0.6, le=0.6)
    gamma_sd: float = Field(default=0.05, ge=0, le=0.3)
    sites: tuple[str, ...] = Field(default=("site1", "site2"), min_length=1)
    site_gamma_sd: float = Field(default=0.0, ge=0, le=0.4)
    site_noise_sd: float = Field(default=0.0, ge=0, le=0.5)
    site_bias_sd: float = Field(default=0.0, ge=0, le=0.5)
    voxels: tuple[tuple[float, float, float], ...] = ()
    crop: float = Field(default=0.0, ge=0, le=60)
    motion_rate: float = Field(default=0.0, ge=0, le=1)
    motion_degrees: float = Field(default=0.7, ge=0, le=10)
    bad_rate: float = Field(default=0.0, ge=0, le=1)


class SimulationSettings(_Settings):
    """A virtual cohort.

    Attributes:
        participants: How many. A participant does not depend on how many follow.
        seed: Of everything that is drawn.
        classes: Diagnoses, assigned in turn.
        heads: Real heads, assigned in turn within each diagnosis.
        age_years: Distribution of ages.
        older: Years by which a diagnosis is older than that (negative: younger).
        site_lean: Chance that a participant is scanned where its diagnosis belongs
            (its place among the classes), instead of anywhere; 1 makes the site tell
            the diagnosis.
        missing_rate: Chance that age, sex or site is not in the table; each by itself.
        truth_resolution: Millimetres between voxels of the true maps.
        truth_maps: Whether the true maps are written; tables always are.
        signal: How the T1w signal of tissue changes; None leaves it as it is.
        workers: Processes at a time; changes nothing in the result.
    """

    participants: int = Field(ge=1, le=100_000)
    seed: int = Field(default=0, ge=0)
    classes: tuple[Diagnosis, ...] = Field(
        default=(Diagnosis.CN, Diagnosis.AD), min_length=1
    )
    heads: tuple[str, ...] = Field(default=HEAD_NAMES[:2], min_length=1)
    age_years: Normal = Normal(mean=74, sd=6)
    older: dict[Diagnosis, float] = {}
    site_lean: float = Field(default=0.0, ge=0, le=1)
    missing_rate: float = Field(default=0.0, ge=0, le=0.9)
    truth_resolution: Literal[1, 2] = 2
    truth_maps: bool = True
    anatomy: AnatomySettings = AnatomySettings()
    atrophy: AtrophySettings
    acquisition: AcquisitionSettings = AcquisitionSettings()
    signal: SignalSettings | None = None
    workers: int = Field(default=2, ge=1)

    @model_validator(mode="after")
    def _consistent(self) -> "SimulationSettings":
        named = {name for name in self.heads if not name.startswith(OWN_HEAD)}
        unknown = sorted(named - set(HEAD_NAMES))
        if unknown:
            msg = f"no head {', '.join(unknown)}; there are {', '.join(HEAD_NAMES)}"
            raise ValueError(msg)
        known = [set(self.atrophy.severity)]
        if self.signal is not None:
            known.append(set(self.signal.severity))
        lacking = [d.value for d in self.classes if not all(d in k for k in known)]
        if lacking:
            msg = f"no severity for {', '.join(lacking)}"
            raise ValueError(msg)
        return self

    @property
    def structures(self) -> tuple[str, ...]:
        """All that change by themselves: by disease, by age, or between people."""
        return tuple(dict.fromkeys([*self.atrophy.pattern, *self.anatomy.structures]))

    def of_each_participant(self) -> dict[str, Any]:
        """All that a participant's head depends on besides its number, as JSON."""
        left_out: dict[str, Any] = {"participants": True, "workers": True}
        # Heads without these are what they were before they could be chosen.
        if self.signal is None:
            left_out["signal"] = True
        if self.truth_maps:
            left_out["truth_maps"] = True
        if self.acquisition.white == WHITE:
            left_out["acquisition"] = {"white"}
        chosen = self.model_dump(mode="json", exclude=left_out)
        return {"steps_version": STEPS_VERSION, **chosen}
