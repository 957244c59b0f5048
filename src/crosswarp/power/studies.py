"""Simulated studies: people like those of a run, with both models' scores."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm, rankdata

from crosswarp.errors import InputError
from crosswarp.statistics.cells import Cell
from crosswarp.types.scores import (
    ClassSpread,
    Draws,
    NegativeStudies,
    PairedNegatives,
    PairedPositives,
    PairedScores,
    PairedStudies,
    PositiveStudies,
    StudyResults,
    WonNegatives,
    WonPositives,
)

FEWEST = 10
"""Participants of a class below which nobody can be drawn after them."""

BATCH = 200_000
"""Participants simulated at once: some megabytes."""


@dataclass(frozen=True)
class Group:
    """People of one class as a density: a kernel about each one seen.

    Attributes:
        centres: Scores of the model (row 0) and of the reference (row 1), moved
            towards their mean, so that mean and covariance stay those seen.
        spread: Root of the kernel's covariance.
    """

    centres: PairedScores
    spread: ClassSpread

    @classmethod
    def of(cls, scores: PairedScores) -> "Group":
        """Smooth the scores seen.

        Without it AUC moves in steps of one pair, which for a small run are as large
        as the differences asked about.

        References:
            Silverman & Young (1987), The bootstrap: to smooth or not to smooth?
            Biometrika 74, 469-479 (the shrunk smoothed bootstrap).
        """
        count = scores.shape[1]
        # Silverman's rule for a normal density in two dimensions.
        width = count ** (-1 / 6)
        covariance = np.cov(scores) * (count - 1) / count
        shrinkage = 1 / np.sqrt(1 + width**2)
        mean = scores.mean(axis=1, keepdims=True)
        values, vectors = np.linalg.eigh(covariance)
        root = vectors * np.sqrt(values.clip(0))
        return cls(mean + (scores - mean) * shrinkage, root * width * shrinkage)

    @property
    def count(self) -> int:
        """People seen."""
        return int(self.centres.shape[1])

    def moved(self, shift: float) -> "Group":
        """Shift the model's scores; the reference's stay."""
        return Group(self.centres + np.array([[shift], [0.0]]), self.spread)

    def drawn(
        self, studies: int, count: int, generator: np.random.Generator
    ) -> PairedStudies:
        """Draw people for several studies: model and reference, study, person."""
        chosen = generator.integers(0, self.count, (studies, count))
        noise = generator.normal(size=(2, studies * count))
        kernel = (self.spread @ noise).reshape(2, studies, count)
        people: PairedStudies = self.centres[:, chosen] + kernel
        return people


@dataclass(frozen=True)
class Population:
    """Both classes of a future study."""

    positive: Group
    negative: Group

    @property
    def size(self) -> int:
        """Participants of the run."""
        return self.positive.count + self.negative.count

    def auc(self, row: int) -> float:
        """Compute the AUC of the model (row 0) or the reference (row 1), exactly."""
        up, down = self.positive, self.negative
        apart = up.centres[row][:, None] - down.centres[row][None, :]
        variance = (up.spread[row] ** 2).sum() + (down.spread[row] ** 2).sum()
        return float(norm.cdf(apart / np.sqrt(variance)).mean())

    def least(self, folds: int) -> int:
        """Smallest study with two of each class in each fold, in the run's mix."""
        rarer = min(self.positive.count, self.negative.count) / self.size
        return int(np.ceil(2 * folds / rarer)) + 1

    def shifted(self, difference: float) -> "Population":
        """Shift the model's positive scores until the AUCs differ as wanted.

        Raises:
            InputError: If the reference leaves no room for the difference.
        """
        auc = self.auc(1)
        target = auc + difference
        if target >= 1:
            msg = (
                f"the reference has an AUC of {auc:.3f} here, which leaves no room for"
                f" a difference of {difference:g}; ask about a smaller one, or name"
                " another --reference"
            )
            raise InputError(msg)

        def excess(shift: float) -> float:
            return Population(self.positive.moved(shift), self.negative).auc(0) - target

        scores = np.r_[self.positive.centres[0], self.negative.centres[0]]
        reach = 20 * (float(np.ptp(scores)) + 1)
        moved = self.positive.moved(float(brentq(excess, -reach, reach)))
        return Population(moved, self.negative)


@dataclass(frozen=True)
class Seen:
    """Scores of the people of a run, all folds on one scale.

    Attributes:
        positive: Of the positive participants, model and reference.
        negative: Of the others.
    """

    positive: PairedPositives
    negative: PairedNegatives

    @classmethod
    def of(cls, cells: Sequence[Cell], reference: Sequence[Cell]) -> "Seen":
        """Pool the folds of the first repeat.

        In each fold a network's log odds are replaced by the normal scores of their
        ranks, which keeps their order and makes folds comparable (AUC sees no more).

        Raises:
            InputError: If there are more than two classes, or a class has too few
                participants.
        """
        classes = cells[0].probabilities.shape[1]
        if classes != 2:
            msg = f"power is computed for two classes, these predictions have {classes}"
            raise InputError(msg)
        scores, truths = [np.empty((2, 0))], [np.empty(0, dtype=bool)]
        for cell, other in zip(cells, reference, strict=True):
            if cell.repeat == cells[0].repeat and cell.has_all_classes:
                # One scan a participant: two of one person are not two people.
                once = np.unique(cell.participants, return_index=True)[1]
                both = np.stack([_normal_scores(c) for c in (cell, other)])
                scores.append(both[:, once])
                truths.append(cell.truth[once] == 1)
        positive = np.concatenate(truths)
        counts = int(positive.sum()), int((~positive).sum())
        if min(counts) < FEWEST:
            msg = (
                f"power needs {FEWEST} participants of each class in folds that have"
                f" both, got {counts[0]} and {counts[1]}"
            )
            raise InputError(msg)
        joined = np.concatenate(scores, axis=1)
        return cls(joined[:, positive], joined[:, ~positive])

    def population(self) -> Population:
        """Smooth both classes."""
        return Population(Group.of(self.positive), Group.of(self.negative))

    @property
    def correlation(self) -> float:
        """Correlation of the two models' scores within the classes."""
        within = [
            group - group.mean(axis=1, keepdims=True)
            for group in (self.positive, self.negative)
        ]
        return float(np.corrcoef(np.concatenate(within, axis=1))[0, 1])

    def redrawn(self, generator: np.random.Generator) -> "Seen":
        """Draw as many of each class again, with replacement."""
        up, down = (
            group[:, generator.integers(0, group.shape[1], group.shape[1])]
            for group in (self.positive, self.negative)
        )
        return Seen(up, down)


def _normal_scores(cell: Cell) -> Draws:
    ((_, ranks),) = cell.problems()
    scores: Draws = norm.ppf((ranks - 0.5) / len(ranks))
    return scores


@dataclass(frozen=True)
class Results:
    """What simulated studies found, each.

    Attributes:
        difference: In AUC, pairs within folds.
        of_people: DeLong's variance of it.
        between: Variance of the differences of its folds.
    """

    difference: Draws
    of_people: Draws
    between: Draws


def simulate(
    people: Population,
    participants: int,
    folds: int,
    studies: int,
    generator: np.random.Generator,
) -> Results:
    """Draw studies, assign their participants to folds and compare the models.

    Args:
        people: Whom to draw.
        participants: Of each study, in the mix of the run.
        folds: Pairs count within a fold; at least 2.
        studies: Number of simulated studies.
        generator: Of all draws.
    """
    share = people.positive.count / people.size
    up = round(participants * share)
    found = []
    for start in range(0, studies, _at_once(participants)):
        count = min(_at_once(participants), studies - start)
        positive = people.positive.drawn(count, up, generator)
        negative = people.negative.drawn(count, participants - up, generator)
        found.append(_compared(positive, negative, folds))
    return Results(*np.concatenate(found, axis=1))


def _at_once(participants: int) -> int:
    return max(1, BATCH // participants)


def _compared(
    positive: PositiveStudies, negative: NegativeStudies, folds: int
) -> StudyResults:
    """Compute `Results` of each study by DeLong's components in folds."""
    parts = [
        (positive[:, :, fold::folds], negative[:, :, fold::folds])
        for fold in range(folds)
    ]
    pairs = np.array([up.shape[2] * down.shape[2] for up, down in parts], dtype=float)
    variance = np.zeros(positive.shape[1])
    in_folds = np.zeros((folds, positive.shape[1]))
    shares = pairs / pairs.sum()
    for fold, ((up, down), share) in enumerate(zip(parts, shares, strict=True)):
        won = [_won(up[row], down[row]) for row in (0, 1)]
        for side in (0, 1):
            apart = won[0][side] - won[1][side]
            variance += share**2 * apart.var(axis=1, ddof=1) / apart.shape[1]
            if side == 0:
                in_folds[fold] = apart.mean(axis=1)
    return np.stack([shares @ in_folds, variance, in_folds.var(axis=0, ddof=1)])


def _won(
    positive: WonPositives, negative: WonNegatives
) -> tuple[WonPositives, WonNegatives]:
    """Compute the structural components of both classes, study by study."""
    up, down = positive.shape[1], negative.shape[1]
    overall = rankdata(np.concatenate([positive, negative], axis=1), axis=1)
    beaten = (overall[:, :up] - rankdata(positive, axis=1)) / down
    lost = 1 - (overall[:, up:] - rankdata(negative, axis=1)) / up
    return beaten, lost
