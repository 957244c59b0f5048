"""Studies of two learners that are trained again in every fold, many at once.

Each learner sees features of its own, some of which differ between the classes, and
scores by the difference of the class means of its training participants. So its
accuracy depends on whom it was trained on, as a network's does, and may depend on a
random seed besides.
"""

from dataclasses import dataclass

import numpy as np

from crosswarp.statistics.cells import Cell
from crosswarp.statistics.thresholds import Threshold


@dataclass(frozen=True)
class Design:
    """A study, and the learners compared in it.

    Attributes:
        positives: Participants of the positive class in a fold.
        negatives: Participants of the negative class in a fold.
        folds: Of a repeat.
        repeats: Of the cross-validation.
        effects: Distance of the classes in each telling feature, for each learner, in
            standard deviations; equal ones are the null hypothesis.
        features: Features that a learner sees; four of them are telling.
        seed_noise: Standard deviation of what the random seed adds to each weight.
        failing: Probability that a network learns nothing.
        shared: Share of the features' variance that both learners see, 0 to 1.
        is_trained: False for networks that are the same in every study.
    """

    positives: int
    negatives: int
    folds: int = 5
    repeats: int = 1
    effects: tuple[float, float] = (0.5, 0.5)
    features: int = 20
    seed_noise: float = 0.0
    failing: float = 0.0
    shared: float = 0.0
    is_trained: bool = True

    @property
    def size(self) -> int:
        """Participants of a study."""
        return (self.positives + self.negatives) * self.folds

    @property
    def tested_share(self) -> float:
        """Participants tested over participants trained on, in a fold."""
        return 1 / (self.folds - 1)


@dataclass(frozen=True)
class Studies:
    """What was measured in each study.

    Attributes:
        won: Of each study, repeat and fold, the wins of each positive (row) over each
            negative (column) participant: the model's minus the reference's.
        people: Participants of each study, repeat and fold: the positives first.
        scores: Of each study, repeat, learner, fold and participant, in this order.
    """

    won: np.ndarray
    people: np.ndarray
    scores: np.ndarray

    @property
    def differences(self) -> np.ndarray:
        """Differences in AUC: study, repeat, fold."""
        found: np.ndarray = self.won.mean(axis=(3, 4))
        return found


def simulate(rng: np.random.Generator, design: Design, studies: int) -> Studies:
    """Draw studies, train both learners in every fold and test them."""
    up, down, folds = design.positives, design.negatives, design.folds
    positives = up * folds
    seen = _features(rng, design, studies)
    won, people, given = [], [], []
    for _ in range(design.repeats):
        parts = [
            first + rng.random((studies, count)).argsort(axis=1)
            for first, count in ((0, positives), (positives, design.size - positives))
        ]
        dealt = [
            part.reshape(studies, folds, size)
            for part, size in zip(parts, (up, down), strict=True)
        ]
        scores = _scores(rng, design, seen, dealt)
        won.append(_wins(*(score[0] for score in scores)))
        won[-1] -= _wins(*(score[1] for score in scores))
        people.append(np.concatenate(dealt, axis=2))
        given.append(np.concatenate(scores, axis=3).transpose(1, 0, 2, 3))
    return Studies(*(np.stack(found, axis=1) for found in (won, people, given)))


def cells_of(
    studies: Studies, design: Design, number: int
) -> tuple[list[Cell], list[Cell]]:
    """Give one study as the program sees it: cells of the model and the reference."""
    truth = np.repeat([1, 0], [design.positives, design.negatives])
    models: tuple[list[Cell], list[Cell]] = ([], [])
    for repeat in range(design.repeats):
        for fold in range(design.folds):
            people = studies.people[number, repeat, fold]
            for learner, cells in enumerate(models):
                score = studies.scores[number, repeat, learner, fold]
                probability = 1 / (1 + np.exp(-score))
                both = np.column_stack([1 - probability, probability])
                given = Threshold(0.5, "given")
                cells.append(Cell(repeat, fold, people, truth, both, given))
    return models


def _features(rng: np.random.Generator, design: Design, studies: int) -> np.ndarray:
    """Draw features: learner, study, participant, feature."""
    shape = (2, studies, design.size, design.features)
    common = np.sqrt(design.shared) * rng.normal(size=(1, *shape[1:]))
    seen: np.ndarray = common + np.sqrt(1 - design.shared) * rng.normal(size=shape)
    effects = np.array(design.effects)[:, None, None, None]
    seen[:, :, : design.positives * design.folds, :4] += effects
    return seen


def _scores(
    rng: np.random.Generator, design: Design, seen: np.ndarray, dealt: list[np.ndarray]
) -> list[np.ndarray]:
    """Score positives and negatives: learner, study, fold, participant."""
    studies = np.arange(seen.shape[1])[:, None, None]
    tested = [seen[:, studies, part] for part in dealt]
    means = []
    for part in tested:
        sums = part.sum(axis=3)
        others = sums.sum(axis=2, keepdims=True) - sums
        means.append(others / (part.shape[3] * (design.folds - 1)))
    weights = means[0] - means[1]
    if not design.is_trained:
        weights = np.zeros_like(weights)
        weights[..., :4] = 1.0
    weights = weights + design.seed_noise * rng.normal(size=weights.shape)
    failed = rng.random((*weights.shape[:-1], 1)) < design.failing
    weights = np.where(failed, rng.normal(size=weights.shape), weights)
    return [np.einsum("lsfpd,lsfd->lsfp", part, weights) for part in tested]


def _wins(positive: np.ndarray, negative: np.ndarray) -> np.ndarray:
    apart = positive[..., :, None] - negative[..., None, :]
    won: np.ndarray = ((np.sign(apart) + 1) / 2).astype(np.float32)
    return won
