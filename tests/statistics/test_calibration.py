"""Calibration by hand, and on probabilities that are right."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from crosswarp.statistics import draws
from crosswarp.statistics.calibration import (
    bins_of,
    calibration_of,
    chance_error,
    expected_error,
    reliability,
    wilson,
)
from crosswarp.statistics.cells import Cell
from crosswarp.statistics.pooled import Pooled, pool
from crosswarp.statistics.repeated import mean_over_repeats
from crosswarp.statistics.temperature import Temperature
from tests.evaluation.made_predictions import cell, random_cells, uneven_cells

CLASSES = ("CN", "AD")


def question(positive: list[int], probability: list[float]) -> Pooled:
    (asked,) = pool([cell(positive, probability)], CLASSES)
    return asked


def test_expected_error_by_hand() -> None:
    # Two bins of ten: 0.2 given and 4 of 10 are; 0.7 given and 5 of 10 are.
    truth = [1] * 4 + [0] * 6 + [1] * 5 + [0] * 5
    asked = question(truth, [0.2] * 10 + [0.7] * 10)
    bins = bins_of(asked)
    assert bins.tolist() == [0] * 10 + [1] * 10
    found = expected_error(asked, bins, np.ones((1, 20)))
    assert found[0] == pytest.approx(0.5 * 0.2 + 0.5 * 0.2)
    # Only the first bin, and in it positives twice: 8 of 14.
    weights = np.r_[[2.0] * 4, [1.0] * 6, [0.0] * 10][None, :]
    assert expected_error(asked, bins, weights)[0] == pytest.approx(8 / 14 - 0.2)


def test_blocks_of_draws_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several scans of a participant, in two repeats, against a table of all draws."""
    (asked,) = pool(uneven_cells(np.random.default_rng(7)), CLASSES)
    bins = bins_of(asked)
    weights = np.random.default_rng(8).integers(0, 4, (20, 34)).astype(float)
    scans = weights[:, asked.participants] * asked.shares
    inside = np.eye(bins.max() + 1)[bins]
    excess = np.abs((scans * (asked.positive - asked.probability)) @ inside).sum(axis=1)
    np.testing.assert_allclose(
        expected_error(asked, bins, weights), excess / scans.sum(axis=1), atol=1e-12
    )
    people = asked.participants.max() + 1
    drawn = np.random.default_rng(2).random((1000, people))[:, asked.participants]
    excess = ((drawn < asked.probability) - asked.probability) * asked.shares
    expected = np.abs(excess @ inside).sum(axis=1) / asked.shares.sum()
    for block in (2**18, 300):
        monkeypatch.setattr(draws, "BLOCK", block)
        found = chance_error(asked, bins, seed=2)
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_points_by_hand() -> None:
    truth = [1] * 4 + [0] * 6 + [1] * 5 + [0] * 5
    asked = question(truth, [0.1, 0.3] * 5 + [0.7] * 10)
    first, second = reliability(asked, bins_of(asked))
    assert (first["from"], first["to"], first["mean_probability"]) == (0.1, 0.3, 0.2)
    assert (first["observed"], first["scans"], first["participants"]) == (0.4, 10, 10)
    low, high = binomtest(4, 10).proportion_ci(method="wilson")
    assert (first["low"], first["high"]) == pytest.approx((low, high))
    assert (second["bin"], second["observed"]) == (1, 0.5)


@pytest.mark.parametrize(("count", "total"), [(0, 3), (7, 9), (12, 12)])
def test_wilson_is_scipys(count: int, total: int) -> None:
    expected = binomtest(count, total).proportion_ci(method="wilson")
    assert wilson(count / total, total) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize(("scans", "bins"), [(9, 1), (25, 2), (400, 10)])
def test_bins_hold_about_equally_many(scans: int, bins: int) -> None:
    probability = np.random.default_rng(1).random(scans)
    found = np.bincount(bins_of(question([i % 2 for i in range(scans)], probability)))
    assert len(found) == bins
    assert found.max() - found.min() <= 1


def test_equal_probabilities_share_a_bin() -> None:
    found = bins_of(question([0, 1] * 50, [0.3] * 90 + [0.9] * 10))
    assert len(np.unique(found[:90])) == 1
    assert set(found) == {0, 1}


def test_repeats_are_no_more_people() -> None:
    truth, probability = [0, 1] * 15, np.linspace(0.1, 0.9, 30)
    one, two = cell(truth, probability), cell(truth, probability)
    object.__setattr__(two, "repeat", 1)
    (once,), (twice,) = pool([one], CLASSES), pool([one, two], CLASSES)
    rows = [reliability(asked, bins_of(asked)) for asked in (once, twice)]
    for row, again in zip(*rows, strict=True):
        assert again == pytest.approx(row)
    errors = [chance_error(asked, bins_of(asked), seed=0) for asked in (once, twice)]
    np.testing.assert_allclose(errors[0], errors[1])


def test_right_probabilities_have_the_error_of_chance() -> None:
    rng = np.random.default_rng(9)
    beyond = 0
    for study in range(100):
        probability = rng.random(80)
        asked = question((rng.random(80) < probability).astype(int), probability)
        bins = bins_of(asked)
        chance = chance_error(asked, bins, study)
        found = expected_error(asked, bins, np.ones((1, 80)))[0]
        beyond += found > np.quantile(chance, 0.95)
    # 5 expected, standard error 2.2.
    assert beyond <= 12


def too_sure(scans: int = 400) -> list[Cell]:
    rng = np.random.default_rng(2)
    cells = []
    for fold in range(2):
        logit = rng.normal(0, 1.5, scans)
        truth = (rng.random(scans) < 1 / (1 + np.exp(-logit))).astype(int)
        sure = cell(truth, 1 / (1 + np.exp(-3 * logit)), fold=fold, first=fold * scans)
        cells.append(sure)
    return cells


def test_temperature_mends_networks_that_are_too_sure() -> None:
    cells = too_sure()
    for one in cells:
        object.__setattr__(one, "temperature", Temperature(3.0, "fitted", 50))
    entries, rows = calibration_of(cells, CLASSES, np.ones((3, 800)), seed=0)
    before, after = entries
    assert (before["stage"], after["stage"]) == ("before", "after")
    assert before["ece"]["value"] > before["ece_if_calibrated_high"]
    assert after["ece"]["value"] < after["ece_if_calibrated_high"]
    assert after["log_loss"]["value"] < before["log_loss"]["value"]
    assert {row["stage"] for row in rows} == {"before", "after"}
    assert len(rows) == before["bins"] + after["bins"] == 20


def test_without_a_fitted_temperature_there_is_no_after() -> None:
    entries, rows = calibration_of(too_sure(), CLASSES, np.ones((3, 800)), seed=0)
    assert [entry["stage"] for entry in entries] == ["before"]
    assert {row["class"] for row in rows} == {"AD"}


def test_three_classes_are_asked_about_one_by_one() -> None:
    cells = random_cells(np.random.default_rng(3), (40, 41), classes=3)
    entries, rows = calibration_of(cells, ("CN", "MCI", "AD"), np.ones((2, 81)), 0)
    assert [entry["class"] for entry in entries] == ["CN", "MCI", "AD"]
    observed = [row["observed"] * row["scans"] for row in rows if row["class"] == "MCI"]
    truth = np.concatenate([c.truth for c in cells])
    assert sum(observed) == pytest.approx((truth == 1).sum())


def test_with_repeats_their_mean_is_judged_too() -> None:
    """Two repeats with other folds: each scan has the mean of its two networks."""
    first = [cell([0, 1], [0.2, 0.6]), cell([1, 0], [0.8, 0.4], fold=1, first=2)]
    other = [
        replace(cell([0, 0], [0.4, 0.0]), repeat=1, participants=np.array([0, 3])),
        replace(
            cell([1, 1], [0.8, 0.6], fold=1), repeat=1, participants=np.array([1, 2])
        ),
    ]
    mean = mean_over_repeats([*first, *other])
    assert mean is not None
    assert mean.participants.tolist() == [0, 1, 2, 3]
    assert mean.truth.tolist() == [0, 1, 1, 0]
    np.testing.assert_allclose(mean.probabilities[:, 1], [0.3, 0.7, 0.7, 0.2])
    entries, _ = calibration_of([*first, *other], CLASSES, np.ones((3, 4)), seed=0)
    assert [entry["stage"] for entry in entries] == ["before", "mean"]
    squares = [0.3**2, 0.3**2, 0.3**2, 0.2**2]
    assert entries[1]["brier"]["value"] == pytest.approx(np.mean(squares))


def test_repeats_of_other_scans_have_no_mean() -> None:
    one = cell([0, 1], [0.2, 0.6])
    assert mean_over_repeats([one]) is None
    assert mean_over_repeats([one, replace(cell([0], [0.2]), repeat=1)]) is None
    turned = replace(cell([1, 0], [0.2, 0.6]), repeat=1)
    assert mean_over_repeats([one, turned]) is None
