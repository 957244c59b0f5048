"""Candidates for the primary test, on many simulated studies at once.

Each takes studies of `benchmarks.learners` and returns which of them it rejects at the
5 % level, two-sided. `crosswarp.evaluation` has those that were kept; a test holds
them against each other.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy.stats import t as student

from benchmarks.learners import Design, Studies

LEVEL: Final = 0.05
RESAMPLES: Final = 300


def _exceeds(
    mean: np.ndarray, variance: np.ndarray, freedom: float | np.ndarray
) -> np.ndarray:
    error = np.sqrt(np.maximum(variance, 1e-24))
    beyond: np.ndarray = np.abs(mean) > student.ppf(1 - LEVEL / 2, freedom) * error
    return beyond


def _mean(studies: Studies) -> np.ndarray:
    mean: np.ndarray = studies.differences.mean(axis=(1, 2))
    return mean


def _within(studies: Studies) -> np.ndarray:
    """Variance between folds of one repeat, averaged over repeats."""
    within: np.ndarray = studies.differences.var(axis=2, ddof=1).mean(axis=1)
    return within


def first_repeat(studies: Studies, design: Design) -> np.ndarray:
    """Corrected resampled t-test on the first repeat alone."""
    found = studies.differences[:, 0]
    share = 1 / design.folds + design.tested_share
    return _exceeds(
        found.mean(axis=1), share * found.var(axis=1, ddof=1), design.folds - 1
    )


def all_cells(studies: Studies, design: Design) -> np.ndarray:
    """Corrected resampled t-test on all r x k folds, r k - 1 degrees of freedom."""
    found = studies.differences.reshape(len(studies.won), -1)
    count = found.shape[1]
    variance = (1 / count + design.tested_share) * found.var(axis=1, ddof=1)
    return _exceeds(found.mean(axis=1), variance, count - 1)


def averaged_folds(studies: Studies, design: Design) -> np.ndarray:
    """Repeats averaged within fold number first, then 1 x k."""
    found = studies.differences.mean(axis=1)
    share = 1 / design.folds + design.tested_share
    return _exceeds(
        found.mean(axis=1), share * found.var(axis=1, ddof=1), design.folds - 1
    )


def one_repeat(studies: Studies, design: Design) -> np.ndarray:
    """Mean over repeats with the variance of one repeat, k - 1 degrees of freedom."""
    share = 1 / design.folds + design.tested_share
    return _exceeds(_mean(studies), share * _within(studies), design.folds - 1)


def one_repeat_pooled(studies: Studies, design: Design) -> np.ndarray:
    """The same with r (k - 1) degrees of freedom."""
    share = 1 / design.folds + design.tested_share
    freedom = design.repeats * (design.folds - 1)
    return _exceeds(_mean(studies), share * _within(studies), freedom)


def delong_variance(studies: Studies, design: Design) -> np.ndarray:
    """DeLong's variance of the mean over folds and repeats, participants once."""
    up, down = design.positives, design.negatives
    influence = np.zeros((len(studies.won), design.size))
    rows = np.arange(len(studies.won))[:, None]
    for repeat in range(design.repeats):
        won = studies.won[:, repeat]
        mean = won.mean(axis=(2, 3))[..., None]
        of_up = (won.mean(axis=3) - mean) / np.sqrt(up * (up - 1))
        of_down = (won.mean(axis=2) - mean) / np.sqrt(down * (down - 1))
        both = np.concatenate([of_up, of_down], axis=2).reshape(len(won), -1)
        people = studies.people[:, repeat].reshape(len(won), -1)
        influence[rows, people] += both / (design.folds * design.repeats)
    variance: np.ndarray = (influence**2).sum(axis=1)
    return variance


def delong(studies: Studies, design: Design) -> np.ndarray:
    """DeLong's test: networks as they are."""
    return _exceeds(_mean(studies), delong_variance(studies, design), np.inf)


def delong_scaled(studies: Studies, design: Design) -> np.ndarray:
    """DeLong's variance times 1 + k share, normal: no variance between networks."""
    factor = 1 + design.folds * design.tested_share
    return _exceeds(_mean(studies), factor * delong_variance(studies, design), np.inf)


def people_and_training(studies: Studies, design: Design) -> np.ndarray:
    """DeLong's variance plus share times the variance between folds; Satterthwaite."""
    return _people_and_training(studies, design, design.folds - 1)


def people_and_training_pooled(studies: Studies, design: Design) -> np.ndarray:
    """The same with r (k - 1) degrees of freedom for the second term."""
    return _people_and_training(studies, design, design.repeats * (design.folds - 1))


def _people_and_training(
    studies: Studies, design: Design, folds_freedom: float
) -> np.ndarray:
    people = delong_variance(studies, design)
    training = design.tested_share * _within(studies)
    total = people + training
    freedom = total**2 / (
        people**2 / (design.size - 2 * design.folds)
        + training**2 / folds_freedom
        + 1e-30
    )
    return _exceeds(_mean(studies), total, freedom)


def hierarchical(studies: Studies, design: Design) -> np.ndarray:
    """Percentile bootstrap: all r k networks and, crossed with them, participants."""
    return _bootstrap(studies, design, design.repeats * design.folds)


def hierarchical_k(studies: Studies, design: Design) -> np.ndarray:
    """The same, but only as many networks drawn as one repeat has."""
    return _bootstrap(studies, design, design.folds)


def _bootstrap(studies: Studies, design: Design, networks: int) -> np.ndarray:
    rng = np.random.default_rng(len(studies.won))
    up = design.positives
    cells = design.repeats * design.folds
    rejected = np.zeros(len(studies.won), dtype=bool)
    first = [studies.people[:, 0, :, :up], studies.people[:, 0, :, up:]]
    for study, won in enumerate(studies.won):
        # Participants are drawn within fold of the first repeat and diagnosis.
        weights = np.empty((RESAMPLES, design.size))
        for part in first:
            for members in part[study]:
                share = np.full(len(members), 1 / len(members))
                weights[:, members] = rng.multinomial(len(members), share, RESAMPLES)
        people = studies.people[study].reshape(cells, -1)
        drawn = weights[:, people].transpose(1, 0, 2)
        matrices = won.reshape(cells, *won.shape[2:])
        above = ((drawn[..., :up] @ matrices) * drawn[..., up:]).sum(axis=2)
        below = drawn[..., :up].sum(axis=2) * drawn[..., up:].sum(axis=2)
        area = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
        chosen = rng.multinomial(networks, np.full(cells, 1 / cells), RESAMPLES).T
        means = (area * chosen).sum(axis=0) / networks
        low, high = np.quantile(means, [LEVEL / 2, 1 - LEVEL / 2])
        rejected[study] = not low <= 0 <= high
    return rejected


CANDIDATES: Final[dict[str, Callable[[Studies, Design], np.ndarray]]] = {
    "DeLong": delong,
    "t, all r x k": all_cells,
    "t, folds averaged": averaged_folds,
    "t, first repeat": first_repeat,
    "t, one repeat, k - 1 df": one_repeat,
    "t, one repeat, r (k - 1) df": one_repeat_pooled,
    "DeLong x (1 + k share)": delong_scaled,
    "corrected DeLong, k - 1 df": people_and_training,
    "corrected DeLong (primary)": people_and_training_pooled,
    "bootstrap, r k networks": hierarchical,
    "bootstrap, k networks": hierarchical_k,
}
