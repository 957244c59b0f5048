"""Simulated comparisons of two networks, and how often each test finds something."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import norm

from crosswarp.evaluation.differences import differences_of
from crosswarp.statistics.cells import Cell, People
from crosswarp.statistics.intervals import estimate, participant_weights
from crosswarp.statistics.temperature import Temperature
from crosswarp.statistics.thresholds import Threshold
from crosswarp.statistics.weighted import within_fold_auc

LEVEL = 0.05
RESAMPLES = 300

TESTS = ("primary", "resampled_t", "delong", "bootstrap", "permutation")
"""Columns: the tests of `differences.Differences`."""

Models = tuple[list[Cell], list[Cell]]


def fixed_networks(
    rng: np.random.Generator, folds: int, size: int, distances: tuple[float, float]
) -> Models:
    """Simulate a study of two networks that are as they are, on new people.

    They share half of what they see of a person; each fold has its own scale.

    Args:
        rng: Of all draws.
        folds: Of the study.
        size: Participants of a fold, half of them positive.
        distances: Of the classes, for each network; equal ones are the null.
    """
    models: Models = ([], [])
    for fold in range(folds):
        truth = np.arange(size) % 2
        shared = rng.normal(size=size)
        for cells, distance, scale in zip(
            models, distances, (0.5 + fold, 1.0), strict=True
        ):
            noise = (shared + rng.normal(size=size)) / np.sqrt(2)
            score = scale * (distance * truth + noise) + fold
            cells.append(_cell(0, fold, size * fold + np.arange(size), truth, score))
    return models


def trained_networks(
    rng: np.random.Generator, repeats: int, size: int, folds: int = 5
) -> Models:
    """Simulate a study of two learners that are equally good, trained in every fold.

    Each sees twenty features of its own; four of them tell the classes apart. It scores
    by the difference of the class means of its training people. On average over
    studies neither is better; in one study one of them is, by luck of training.

    Args:
        rng: Of all draws.
        repeats: Of the cross-validation.
        size: Participants in all.
        folds: Of each repeat.
    """
    truth = np.arange(size) % 2
    features = rng.normal(size=(2, size, 20))
    features[:, :, :4] += 0.5 * truth[None, :, None]
    models: Models = ([], [])
    for repeat in range(repeats):
        fold_of = np.empty(size, dtype=int)
        for label in (0, 1):
            alike = np.flatnonzero(truth == label)
            fold_of[rng.permutation(alike)] = np.arange(len(alike)) % folds
        for fold in range(folds):
            tested = np.flatnonzero(fold_of == fold)
            trained = fold_of != fold
            for cells, seen in zip(models, features, strict=True):
                means = [seen[trained & (truth == k)].mean(axis=0) for k in (0, 1)]
                score = seen[tested] @ (means[1] - means[0])
                cells.append(_cell(repeat, fold, tested, truth[tested], score))
    return models


def sites_held_out(
    rng: np.random.Generator, sizes: Sequence[int], positive: float = 0.5
) -> Models:
    """Simulate a study of two equally good learners that leaves one site out.

    The learners are those of `trained_networks`.

    Args:
        rng: Generator of all draws.
        sizes: Participants of each site.
        positive: Fraction of each site that is positive; two at least are.
    """
    site = np.repeat(np.arange(len(sizes)), sizes)
    within = np.concatenate([np.arange(size) for size in sizes])
    patients = np.maximum(np.round(positive * np.array(sizes)), 2)
    truth = (within < patients[site]).astype(np.int64)
    features = rng.normal(size=(2, len(site), 20))
    features[:, :, :4] += 0.5 * truth[None, :, None]
    models: Models = ([], [])
    for held_out in range(len(sizes)):
        tested, trained = np.flatnonzero(site == held_out), site != held_out
        for cells, seen in zip(models, features, strict=True):
            means = [seen[trained & (truth == k)].mean(axis=0) for k in (0, 1)]
            score = seen[tested] @ (means[1] - means[0])
            cells.append(_cell(0, held_out, tested, truth[tested], score))
    return models


def _cell(
    repeat: int, fold: int, people: np.ndarray, truth: np.ndarray, score: np.ndarray
) -> Cell:
    probability = 1 / (1 + np.exp(-score))
    return Cell(
        repeat,
        fold,
        people,
        truth,
        np.column_stack([1 - probability, probability]),
        Threshold(0.5, "given"),
        Temperature(1.0, "given", 0),
    )


def people_of(cells: list[Cell]) -> People:
    """List the participants of a study's first repeat, by fold and diagnosis."""
    strata = {
        int(person): f"{cell.fold} {kind}"
        for cell in reversed(cells)
        if cell.repeat == 0
        for person, kind in zip(cell.participants, cell.truth, strict=True)
    }
    names = sorted(strata)
    return People(tuple(map(str, names)), tuple(strata[name] for name in names))


def rejections(
    study: Callable[[np.random.Generator], Models], studies: int, seed: int = 0
) -> dict[str, float]:
    """Compute how often each test finds a difference at the 5 % level.

    Args:
        study: Simulates one.
        studies: How many.
        seed: Of all draws.
    """
    found: dict[str, list[bool]] = {name: [] for name in TESTS}
    rng = np.random.default_rng(seed)
    for number in range(studies):
        model, reference = study(rng)
        weights = participant_weights(people_of(model), RESAMPLES, number)
        tested = differences_of(model, reference, weights, number, RESAMPLES)
        for name in TESTS:
            test = getattr(tested, name)
            p = test if test is None or isinstance(test, float) else test.p
            found[name].append(p is not None and p < LEVEL)
    return {name: float(np.mean(values)) for name, values in found.items()}


def coverage(studies: int, folds: int, size: int, distance: float = 1.5) -> float:
    """Compute how often the bootstrap interval of one AUC holds the true one."""
    rng = np.random.default_rng(1)
    truth = float(norm.cdf(distance / np.sqrt(2)))
    held = []
    for number in range(studies):
        cells, _ = fixed_networks(rng, folds, size, (distance, distance))
        weights = participant_weights(people_of(cells), RESAMPLES, number)
        found = estimate(within_fold_auc(cells, weights))
        if found is None or found.low is None or found.high is None:
            held.append(False)
        else:
            held.append(found.low <= truth <= found.high)
    return float(np.mean(held))
