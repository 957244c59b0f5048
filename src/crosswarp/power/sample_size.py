"""Power: how many participants would show a given difference between two models?

By simulation from a run: studies are drawn from its participants with their paired
scores, so the models' correlation is the one measured. Each is tested by the primary
test (`corrected_delong`), as a real one would be.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

from crosswarp.errors import InputError
from crosswarp.power.studies import (
    Population,
    Seen,
    simulate,
)
from crosswarp.statistics.comparison import NO_VARIANCE
from crosswarp.statistics.corrected_delong import with_training

STEPS = 9
SPAN = 1.5
"""Sizes simulated: `STEPS`, from the expected one divided by this to times this."""

RUN_DRAWS = 200
"""Resamples of the run itself, to see how rough the answer is."""

FORMULA_STUDY = 20_000
"""Participants of the one study that gives the variance for the formula."""

RUN_STUDY = 4_000
"""The same for each resample of the run, whose own spread is far larger."""

LIMIT = 100_000
"""Participants beyond which the answer is that it cannot be done."""


@dataclass(frozen=True)
class Question:
    """What is asked of a future study.

    Attributes:
        difference: AUC of the model minus that of the reference, above 0.
        folds: Of the future study, at least 2; pairs count within a fold.
        alpha: Two-sided error of the test.
        power: Wanted probability of finding the difference.
        simulations: Studies a size.
        seed: Of all draws.
    """

    difference: float
    folds: int
    alpha: float = 0.05
    power: float = 0.8
    simulations: int = 400
    seed: int = 0

    def __post_init__(self) -> None:
        for name, most in (("difference", 0.5), ("alpha", 0.5), ("power", 1)):
            value = getattr(self, name)
            if not 0 < value < most:
                msg = f"{name} must lie between 0 and {most:g}, got {value:g}"
                raise InputError(msg)
        if self.folds < 2:
            msg = (
                "the primary test compares folds, so a study needs at least 2, got"
                f" {self.folds}"
            )
            raise InputError(msg)
        if self.simulations < 50:
            msg = f"at least 50 simulations are needed, got {self.simulations}"
            raise InputError(msg)

    @property
    def added(self) -> float:
        """What repeated training adds to DeLong's variance, in parts of it, on average.

        ``k / (k - 1)`` for k folds: the variance between folds is about k times that
        of the mean, and counts ``1 / (k - 1)``, the share of participants tested.
        """
        return self.folds / (self.folds - 1)

    @property
    def wanted(self) -> float:
        """Mean of the statistic that gives the wanted power, about."""
        freedom = (1 + self.added) ** 2 / (self.added**2 / (self.folds - 1))
        found, missed = student.ppf([1 - self.alpha / 2, self.power], freedom)
        return float(found + missed)


@dataclass(frozen=True)
class Point:
    """Simulated power at one size, with its Monte Carlo standard error."""

    participants: int
    power: float
    error: float


@dataclass(frozen=True)
class Answer:
    """Participants needed, with two kinds of doubt.

    Attributes:
        participants: Of the future study, all diagnoses together, in the run's mix;
            None beyond `LIMIT`.
        monte_carlo: 95 % interval of the simulation's own error; None as above, and
            where the smallest study simulated is large enough.
        run: 95 % interval over resamples of the run's participants: the run is itself
            a sample. By formula, scaled to what was simulated, since the formula knows
            the test's variance on average only. None where most resamples leave no
            room for the difference.
        power_of_run: Power of a study as large as the run, by simulation.
        detectable: Difference that a study as large as the run would find with the
            wanted power, by formula.
        curve: Simulated points of the curve.
    """

    participants: int | None
    monte_carlo: tuple[int, int] | None
    run: tuple[int, int] | None
    power_of_run: float
    detectable: float
    curve: list[Point]


def needed(seen: Seen, question: Question) -> Answer:
    """Find how many participants a future study needs.

    The model's scores of positive participants are shifted until its AUC is that of
    the reference plus the difference asked about. Studies of several sizes are drawn,
    assigned to folds and tested with the primary test; `size_for` joins the points.

    Raises:
        InputError: If the reference leaves no room for the difference.
    """
    people = seen.population().shifted(question.difference)
    unit = unit_variance(people, question)
    expected = unit * (question.wanted / question.difference) ** 2
    detectable = question.wanted * np.sqrt(unit / people.size)
    run = _over_runs(seen, question)
    least = people.least(question.folds)
    own = _point(people, max(least, people.size), question, 0).power
    if expected > LIMIT:
        return Answer(None, None, _interval(run), own, float(detectable), [])
    middle = max(expected, least * SPAN)
    sizes = middle * np.geomspace(1 / SPAN, SPAN, STEPS)
    curve = [
        _point(people, round(size), question, number + 1)
        for number, size in enumerate(sizes)
    ]
    found = size_for(curve, question)
    again = [size_for(redrawn, question) for redrawn in _redrawn(curve, question)]
    scaled = [size * found / expected for size in run]
    return Answer(
        round(found), _interval(again), _interval(scaled), own, float(detectable), curve
    )


def _point(people: Population, size: int, question: Question, stream: int) -> Point:
    generator = np.random.default_rng([question.seed, stream])
    found = simulate(people, size, question.folds, question.simulations, generator)
    variance, freedom = with_training(
        # Not 0, by which nothing can be divided: all of a small study may agree.
        np.maximum(found.of_people, NO_VARIANCE),
        found.between / (question.folds - 1),
        max(1, size - 2 * question.folds),
        question.folds - 1,
    )
    needed_for_p = student.ppf(1 - question.alpha / 2, freedom) * np.sqrt(variance)
    # A difference found in the wrong direction is no success.
    power = float(np.mean(found.difference > needed_for_p))
    error = np.sqrt(power * (1 - power) / question.simulations)
    return Point(size, power, float(error))


def size_for(curve: Sequence[Point], question: Question) -> float:
    """Join simulated points by a probit line and read off the size wanted.

    ``power = Phi(a + b * sqrt(size))``: a statistic that is about normal and whose mean
    grows with the root of the size. Both are fitted by minimum chi-squared (Berkson,
    Biometrics 11:275, 1955), which gives little weight to points near 0 or 1.

    Returns:
        The smallest size simulated where that is large enough already.
    """
    if curve[0].power >= question.power:
        return float(curve[0].participants)
    count = question.simulations
    roots = np.sqrt([point.participants for point in curve])
    shares = np.array([(point.power * count + 0.5) / (count + 1) for point in curve])
    probits = norm.ppf(shares)
    error = np.sqrt(shares * (1 - shares) / count) / norm.pdf(probits)
    slope, start = np.polyfit(roots, probits, 1, w=1 / error)
    return float(((norm.ppf(question.power) - start) / slope) ** 2)


def _redrawn(curve: Sequence[Point], question: Question) -> Iterator[list[Point]]:
    """Simulate the simulation: powers as they might have come out."""
    generator = np.random.default_rng([question.seed, STEPS + 1])
    for _ in range(RUN_DRAWS):
        yield [
            Point(
                point.participants,
                generator.binomial(question.simulations, point.power)
                / question.simulations,
                point.error,
            )
            for point in curve
        ]


def unit_variance(
    people: Population, question: Question, size: int = FORMULA_STUDY
) -> float:
    """Compute the test's variance of the difference times the number of participants.

    It is DeLong's and what repeated training adds on average. Both fall with one over
    that number, so one large study gives it for all.
    """
    generator = np.random.default_rng([question.seed, STEPS + 2])
    found = simulate(people, size, question.folds, 1, generator)
    return float(found.of_people[0] * size * (1 + question.added))


def _over_runs(seen: Seen, question: Question) -> list[float]:
    generator = np.random.default_rng([question.seed, STEPS + 3])
    sizes = []
    for _ in range(RUN_DRAWS):
        people = seen.redrawn(generator).population()
        if people.auc(1) + question.difference < 1:
            shifted = people.shifted(question.difference)
            unit = unit_variance(shifted, question, RUN_STUDY)
            sizes.append(unit * (question.wanted / question.difference) ** 2)
    return sizes


def _interval(sizes: Sequence[float]) -> tuple[int, int] | None:
    if len(sizes) < RUN_DRAWS / 2:
        return None
    low, high = np.quantile(sizes, [0.025, 0.975])
    if low == high:
        # The smallest size simulated is enough in every draw: an upper bound only.
        return None
    return round(float(low)), round(float(high))
