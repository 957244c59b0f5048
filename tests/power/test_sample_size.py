"""Participants needed: against a formula, and by simulating the answer anew."""

import numpy as np
import pytest
from scipy.stats import norm

from crosswarp.errors import InputError
from crosswarp.power.sample_size import (
    Answer,
    Point,
    Question,
    needed,
    size_for,
    unit_variance,
)
from crosswarp.power.studies import Population, Seen
from crosswarp.statistics.cells import Cell
from crosswarp.statistics.corrected_delong import corrected_delong
from tests.evaluation.made_predictions import cell
from tests.power.test_studies import binormal

SEEN = binormal(100)
QUESTION = Question(0.06, folds=3, simulations=200)


@pytest.fixture(scope="module")
def answer() -> Answer:
    return needed(SEEN, QUESTION)


def test_answer_has_the_power_it_was_asked_for(answer: Answer) -> None:
    people = SEEN.population().shifted(0.06)
    assert answer.participants is not None
    """Studies as large as the answer, each through the primary test itself."""
    rng = np.random.default_rng(77)
    found = 0
    for _ in range(400):
        test = corrected_delong(
            *study(people, answer.participants, rng), answer.participants + 6
        )
        assert test is not None
        assert test.p is not None
        found += test.p < 0.05 and test.auc.value > 0
    assert found / 400 == pytest.approx(0.8, abs=0.06)


def study(
    people: Population, size: int, rng: np.random.Generator
) -> tuple[list[Cell], list[Cell]]:
    """Draw a study of three folds; cells of the model and of the reference."""
    groups = [
        group.drawn(1, size // 2, rng)[:, 0]
        for group in (people.positive, people.negative)
    ]
    models: tuple[list[Cell], list[Cell]] = ([], [])
    for row, cells in enumerate(models):
        first = 0
        for fold in range(3):
            up, down = (group[row, fold::3] for group in groups)
            truth = [1] * len(up) + [0] * len(down)
            scores = 1 / (1 + np.exp(-np.r_[up, down]))
            cells.append(cell(truth, scores, fold=fold, first=first))
            first += len(truth)
    return models


def test_answer_is_near_the_formula_for_binormal_scores(answer: Answer) -> None:
    """Obuchowski (1997): variance of a binormal AUC, and of a difference of two."""
    areas = [SEEN.population().shifted(0.06).auc(row) for row in (0, 1)]
    error = []
    for area in areas:
        a = norm.ppf(area) * 1.414
        error.append(0.0099 * np.exp(-(a**2) / 2) * (5 * a**2 + 8 + a**2 + 8))
    # Correlation of AUCs is a little below that of the scores, 0.6 (Hanley, McNeil).
    variance = error[0] + error[1] - 2 * 0.55 * np.sqrt(error[0] * error[1])
    # Training again: 3 folds, of which each is tested by networks of two others, and
    # between folds two degrees of freedom: 5.56 for the whole, by hand.
    variance *= 1 + 3 / 2
    cases = variance * (2.4952 + 0.9112) ** 2 / 0.06**2
    assert answer.participants == pytest.approx(2 * cases, rel=0.35)


def test_doubts_surround_the_answer(answer: Answer) -> None:
    assert answer.participants is not None
    assert answer.monte_carlo is not None
    assert answer.run is not None
    low, high = answer.monte_carlo
    assert low < answer.participants < high
    # The simulation is exact beside what a small run leaves open.
    assert answer.run[1] - answer.run[0] > high - low
    powers = [point.power for point in answer.curve]
    assert powers[0] < 0.8 < powers[-1]
    for point in answer.curve:
        expected = np.sqrt(point.power * (1 - point.power) / 200)
        assert point.error == pytest.approx(expected)


def test_same_seed_same_answer_other_seed_another(answer: Answer) -> None:
    assert needed(SEEN, QUESTION) == answer
    other = Question(0.06, folds=3, simulations=200, seed=1)
    assert needed(SEEN, other).curve != answer.curve


def test_smaller_differences_need_more(answer: Answer) -> None:
    small = needed(SEEN, Question(0.03, folds=3, simulations=100))
    assert answer.participants is not None
    assert small.participants is not None
    assert small.participants > 2.5 * answer.participants
    assert small.power_of_run < answer.power_of_run
    # As many as the run has would show this, by the same formula.
    unit = unit_variance(SEEN.population().shifted(0.06), QUESTION)
    expected = (2.495155 + 0.911198) * np.sqrt(unit / 200)
    assert answer.detectable == pytest.approx(expected, rel=1e-5)


def test_hopeless_questions_say_so() -> None:
    tiny = needed(SEEN, Question(0.001, folds=3, simulations=50))
    assert (tiny.participants, tiny.monte_carlo, tiny.curve) == (None, None, [])


def test_difference_seen_at_once_needs_the_smallest_study() -> None:
    seen = Seen(binormal(100, 0.3, 0.99).positive, binormal(100, 0.3, 0.99).negative)
    question = Question(0.3, folds=5, alpha=0.4, power=0.5, simulations=50)
    found = needed(seen, question)
    assert found.participants == found.curve[0].participants
    # An upper bound, not an interval of one number.
    assert found.monte_carlo is None


def test_run_that_leaves_no_room_most_times_has_no_range() -> None:
    seen = binormal(12, 2.6)
    room = 1 - seen.population().auc(1)
    found = needed(seen, Question(0.999 * room, folds=2, simulations=50))
    assert found.participants is not None
    assert (found.run is None) or found.run[0] < found.run[1]


def test_points_on_a_line_are_read_off_exactly() -> None:
    curve = [
        Point(n, float(norm.cdf(0.3 * np.sqrt(n) - 2)), 0.0) for n in range(20, 120, 20)
    ]
    question = Question(0.1, folds=2, simulations=10_000_000)
    expected = ((norm.ppf(0.8) + 2) / 0.3) ** 2
    assert size_for(curve, question) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("choice", "fault"),
    [
        ({"difference": 0.0}, r"difference must lie between 0 and 0.5, got 0"),
        ({"difference": 0.7}, r"difference must lie between 0 and 0.5, got 0.7"),
        ({"alpha": 1.0}, r"alpha must lie between 0 and 0.5, got 1"),
        ({"power": 1.0}, r"power must lie between 0 and 1, got 1"),
        ({"simulations": 10}, r"at least 50 simulations are needed, got 10"),
        ({"folds": 1}, r"compares folds, so a study needs at least 2, got 1"),
    ],
)
def test_impossible_questions_are_refused(choice: dict[str, float], fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        Question(**{"difference": 0.03, "folds": 5, **choice})  # type: ignore[arg-type]
