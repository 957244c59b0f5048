"""Virtual cohorts in which it is known which map carries the answer.

A participant has two severities: of the loss of volume, which the log-Jacobian map
shows, and of the change of signal, which the T1w image shows. Within a diagnosis both
are normal and may be correlated. Who knows the two severities (an oracle) separates AD
from CN equally well in each world; the worlds differ in where that knowledge lies.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.errors import InputError
from crosswarp.simulation.settings import (
    AcquisitionSettings,
    AnatomySettings,
    AtrophySettings,
    Normal,
    SimulationSettings,
)
from crosswarp.simulation.signal_settings import Severity, SignalSettings

SD: Final = 0.3
"""Standard deviation of both severities within a diagnosis."""

LEAST: Final = 0.2
"""Mean severity of CN where a map carries an answer: healthy people have some too."""


@dataclass(frozen=True)
class World:
    """Where the answer lies.

    Attributes:
        volume: Difference of the mean severity of volume between AD and CN, in standard
            deviations.
        signal: Likewise of signal.
        relation: Correlation of the two severities within AD; within CN it is the
            opposite, so that one stands for the other, as in mimics of the disease.
    """

    volume: float
    signal: float
    relation: float = 0.0


WORLDS: Final = {
    "volume": World(volume=1.8124, signal=0.0),
    "intensity": World(volume=0.0, signal=1.8124),
    "both": World(volume=1.2816, signal=1.2816),
    # Each severity by itself has an AUC of 0.65.
    "relation": World(volume=0.5449, signal=0.5449, relation=0.762),
    # Neither severity tells anything by itself, nor does their sum.
    "exclusive_or": World(volume=0.0, signal=0.0, relation=0.80),
}
"""An oracle has an AUC of 0.90 in each (`oracle_auc`)."""

_HALFWAY: Final = {Diagnosis.CN: 0.0, Diagnosis.MCI: 0.5, Diagnosis.AD: 1.0}
"""How much of the difference between CN and AD each diagnosis has."""

_SITES: Final = AcquisitionSettings(site_gamma_sd=0.06, gamma_sd=0.04)
"""Scanners change intensity too, without disease."""


def world_settings(world: World) -> dict[str, Any]:
    """Spell a world out as the fields of `SimulationSettings` that it fixes.

    Args:
        world: Where the answer lies.
    """
    volume = {d: LEAST + world.volume * SD * part for d, part in _HALFWAY.items()}
    signal = {d: LEAST + world.signal * SD * part for d, part in _HALFWAY.items()}
    relation = {d: world.relation * (2 * part - 1) for d, part in _HALFWAY.items()}
    return {
        "anatomy": AnatomySettings(log_jacobian_sd=0.07),
        "atrophy": AtrophySettings(
            severity={d: Normal(mean=mean, sd=SD) for d, mean in volume.items()}
        ),
        "acquisition": _SITES,
        "signal": SignalSettings(
            severity={
                d: Severity(mean=mean, sd=SD, relation=relation[d])
                for d, mean in signal.items()
            }
        ),
    }


def oracle_scores(
    severities: np.ndarray,
    settings: SimulationSettings,
    positive: Diagnosis = Diagnosis.AD,
    negative: Diagnosis = Diagnosis.CN,
) -> np.ndarray:
    """Score participants as one would who knows both severities and their laws.

    Args:
        severities: Severity of volume and of signal, participants by two.
        settings: Of the cohort that they are drawn from.
        positive: Diagnosis with high scores.
        negative: Diagnosis with low scores.

    Returns:
        Logarithm of the ratio of likelihoods: no score has a larger AUC.

    Raises:
        InputError: If the settings leave the signal as it is.
    """
    first = _log_likelihood(severities, settings, positive)
    scores: np.ndarray = first - _log_likelihood(severities, settings, negative)
    return scores


def oracle_auc(
    settings: SimulationSettings,
    alone: Literal["volume", "signal"] | None = None,
    positive: Diagnosis = Diagnosis.AD,
    negative: Diagnosis = Diagnosis.CN,
    draws: int = 100_000,
) -> float:
    """AUC of one who knows the severities, of AD against CN where not told otherwise.

    Args:
        settings: Of a cohort.
        alone: The one severity that the oracle knows, which is its score then; both
            when None.
        positive: Diagnosis with high scores.
        negative: Diagnosis with low scores.
        draws: Number of participants drawn for each diagnosis.

    Raises:
        InputError: If the settings leave the signal as it is.
    """
    rng = np.random.default_rng(0)
    people = [_draw(settings, d, draws, rng) for d in (negative, positive)]
    if alone is None:
        scores = [oracle_scores(s, settings, positive, negative) for s in people]
    else:
        column = ("volume", "signal").index(alone)
        scores = [severities[:, column] for severities in people]
    below = np.searchsorted(np.sort(scores[0]), scores[1])
    return float(below.mean() / draws)


def _draw(
    settings: SimulationSettings,
    diagnosis: Diagnosis,
    draws: int,
    rng: np.random.Generator,
) -> np.ndarray:
    mean, covariance = _law(settings, diagnosis)
    drawn: np.ndarray = rng.multivariate_normal(mean, covariance, size=draws)
    return drawn


def _law(
    settings: SimulationSettings, diagnosis: Diagnosis
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of the two severities within a diagnosis."""
    if settings.signal is None:
        msg = "an oracle of both maps needs `signal` in the settings, which is None"
        raise InputError(msg)
    volume = settings.atrophy.severity[diagnosis]
    signal = settings.signal.severity[diagnosis]
    shared = signal.relation * volume.sd * signal.sd
    covariance = np.array([[volume.sd**2, shared], [shared, signal.sd**2]])
    return np.array([volume.mean, signal.mean]), covariance


def _log_likelihood(
    severities: np.ndarray, settings: SimulationSettings, diagnosis: Diagnosis
) -> np.ndarray:
    mean, covariance = _law(settings, diagnosis)
    apart = severities - mean
    squares = np.einsum("ni,ij,nj->n", apart, np.linalg.inv(covariance), apart)
    found: np.ndarray = -0.5 * (squares + np.log(np.linalg.det(covariance)))
    return found
