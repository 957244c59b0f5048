"""Who a virtual participant is: drawn from its number and the settings alone."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.bids.ids import ScanId
from crosswarp.simulation.regions import HEMISPHERES
from crosswarp.simulation.settings import SimulationSettings

YOUNGEST: Final = 55.0
OLDEST: Final = 95.0

LARGEST_DRAW: Final = 3.0
"""Standard deviations of a structure's size; what is drawn beyond is drawn back."""

COVARIATES: Final = ("age", "sex", "site")
"""Columns that may be missing."""

_STREAMS: Final = 7


@dataclass(frozen=True)
class VirtualParticipant:
    """Who a virtual participant is.

    Attributes:
        number: From 1; with the settings it decides everything else.
        diagnosis: Diagnosis of the group.
        age_years: Drawn age in years.
        sex: ``F`` or ``M``.
        site: Where it was scanned.
        head: The real head it is made from.
        severity: Of the loss of volume; 1 is the pattern of the settings.
        signal_severity: Of the change of the tissue's signal; 1 is the pattern of the
            settings, 0 without such settings.
        healthy_ratios: Volume of each region without disease over the real head's: by
            age and by chance.
        ratios: The same with the disease.
        missing: Covariates that the table of participants does not have.
    """

    number: int
    diagnosis: Diagnosis
    age_years: float
    sex: str
    site: str
    head: str
    severity: float
    signal_severity: float
    healthy_ratios: dict[str, float]
    ratios: dict[str, float]
    missing: tuple[str, ...]

    @property
    def scan(self) -> ScanId:
        """Its one scan."""
        return scan_of(self.number)


@dataclass(frozen=True)
class Streams:
    """Independent random streams, so that one effect does not change another.

    Attributes:
        person: Who it is.
        anatomy: Its healthy head.
        pose: How it lies.
        scanner: Contrast, inhomogeneity and noise.
        structures: Sizes of its structures; what its table lacks.
        trouble: Cropping, motion, faults.
        signal: Severity and chance of what changes the tissue's signal.
    """

    person: np.random.Generator
    anatomy: np.random.Generator
    pose: np.random.Generator
    scanner: np.random.Generator
    structures: np.random.Generator
    trouble: np.random.Generator
    signal: np.random.Generator

    @classmethod
    def of(cls, number: int, settings: SimulationSettings) -> "Streams":
        """Streams of one participant."""
        seeds = np.random.SeedSequence([settings.seed, number]).spawn(_STREAMS)
        return cls(*(np.random.default_rng(seed) for seed in seeds))


def scan_of(number: int) -> ScanId:
    """Name the one scan of a participant.

    Example:
        >>> scan_of(7).label
        'sub-007'
    """
    return ScanId(f"sub-{number:03d}")


def draw_participant(number: int, settings: SimulationSettings) -> VirtualParticipant:
    """Draw who a participant is.

    Diagnoses are assigned in turn and real heads in turn within each diagnosis, so
    that the head never tells the diagnosis.

    Args:
        number: Number of the participant, from 1.
        settings: Of the cohort; how many participants it has does not count.
    """
    streams = Streams.of(number, settings)
    rng = streams.person
    round_number, place = divmod(number - 1, len(settings.classes))
    diagnosis = settings.classes[place]
    drawn = settings.atrophy.severity[diagnosis]
    severity = float(rng.normal(drawn.mean, drawn.sd))
    disease = _disease(severity, settings, rng)
    age = rng.normal(settings.age_years.mean, settings.age_years.sd)
    age = float(age) + settings.older.get(diagnosis, 0.0)
    age_years = round(float(np.clip(age, YOUNGEST, OLDEST)), 1)
    sex = "FM"[int(rng.integers(2))]
    healthy = _healthy(age_years, settings, streams.structures)
    least, most = settings.atrophy.limits
    return VirtualParticipant(
        number=number,
        diagnosis=diagnosis,
        age_years=age_years,
        sex=sex,
        site=_site(place, settings, rng),
        head=settings.heads[round_number % len(settings.heads)],
        severity=severity,
        signal_severity=_signal_severity(severity, diagnosis, settings, streams.signal),
        healthy_ratios={k: float(np.clip(v, least, most)) for k, v in healthy.items()},
        ratios={
            region: float(np.clip(ratio * disease.get(region, 1.0), least, most))
            for region, ratio in healthy.items()
        },
        missing=tuple(
            name
            for name, chance in zip(
                COVARIATES, streams.structures.random(len(COVARIATES)), strict=True
            )
            if chance < settings.missing_rate
        ),
    )


def _disease(
    severity: float, settings: SimulationSettings, rng: np.random.Generator
) -> dict[str, float]:
    atrophy = settings.atrophy
    return {
        f"{structure}_{side}": float(
            pattern**severity * np.exp(rng.normal(0, atrophy.region_sd))
        )
        for structure, pattern in atrophy.pattern.items()
        for side in HEMISPHERES
    }


def _signal_severity(
    severity: float,
    diagnosis: Diagnosis,
    settings: SimulationSettings,
    rng: np.random.Generator,
) -> float:
    """Draw it with its correlation to the severity of the loss of volume."""
    if settings.signal is None:
        return 0.0
    chosen, volume = settings.signal.severity[diagnosis], settings.atrophy.severity
    own = float(rng.standard_normal())
    drawn = volume[diagnosis]
    shared = (severity - drawn.mean) / drawn.sd if drawn.sd > 0 else 0.0
    rho = chosen.relation
    together = rho * shared + float(np.sqrt(1 - rho**2)) * own
    return chosen.mean + chosen.sd * together


def _healthy(
    age_years: float, settings: SimulationSettings, rng: np.random.Generator
) -> dict[str, float]:
    """Ratios by age and by chance; 1 for structures without such settings."""
    anatomy = settings.anatomy
    ratios: dict[str, float] = {}
    for structure in settings.structures:
        chosen = anatomy.structures.get(structure)
        ratio = 1.0
        if chosen is not None:
            draw = np.clip(rng.standard_normal(), -LARGEST_DRAW, LARGEST_DRAW)
            years = age_years - anatomy.reference_age
            ratio = float(
                chosen.mean_ratio * np.exp(chosen.sd * draw + chosen.per_year * years)
            )
        ratios |= {f"{structure}_{side}": ratio for side in HEMISPHERES}
    return ratios


def _site(place: int, settings: SimulationSettings, rng: np.random.Generator) -> str:
    """Draw the site: anywhere, or where the diagnosis belongs."""
    sites = settings.acquisition.sites
    anywhere = sites[int(rng.integers(len(sites)))]
    leans = bool(rng.random() < settings.site_lean)
    return sites[place % len(sites)] if leans else anywhere
