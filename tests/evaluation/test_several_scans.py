"""Participants with several scans count once: by hand, and in every number."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from crosswarp.statistics.calibration import calibration_of
from crosswarp.statistics.cells import Cell
from crosswarp.statistics.comparison import paired_bootstrap, permutation_p
from crosswarp.statistics.corrected_delong import corrected_delong
from crosswarp.statistics.curves import mean_curves
from crosswarp.statistics.decision_curve import decision_rows
from crosswarp.statistics.delong import (
    auc_influence,
    delong,
    placements,
)
from crosswarp.statistics.metrics import cell_metrics
from crosswarp.statistics.pooled import pool
from crosswarp.statistics.resampled_t import fold_differences
from crosswarp.statistics.thresholds import choose_threshold
from crosswarp.statistics.weighted import pooled_metrics, within_fold_auc
from tests.evaluation.made_predictions import cell, random_cells

ONES = np.ones((1, 4))


@pytest.fixture
def several() -> Cell:
    """P0 (AD) 0.9 and 0.3, P1 (AD) 0.6, P2 (CN) 0.5, P3 (CN) 0.4 and 0.7."""
    made = cell([1, 1, 1, 0, 0, 0], [0.9, 0.3, 0.6, 0.5, 0.4, 0.7])
    return replace(made, participants=np.array([0, 0, 1, 2, 3, 3]))


def test_auc_by_hand(several: Cell) -> None:
    """Pairs won, each counting the product of its shares.

    0.9 (1/2) beats all, a weight of 2; 0.3 beats none; 0.6 (1) beats 0.5 (1) and 0.4
    (1/2): 1/2 * 2 + 1 * 3/2 = 5/2 of 2 * 2. By scans it would be 5 of 9.
    """
    assert cell_metrics(several)["roc_auc"] == pytest.approx(0.625)
    assert within_fold_auc([several], ONES)[0] == pytest.approx(0.625)
    assert auc_influence([several], 4)[0] == pytest.approx(0.625)
    assert pooled_metrics([several], ONES)["roc_auc"][0] == pytest.approx(0.625)


def test_what_each_scan_beats_by_hand(several: Cell) -> None:
    ((positive, ranks),) = several.problems()
    found = placements(positive, ranks, several.shares)
    np.testing.assert_allclose(found, [1, 0, 0.75, 0.75, 0.75, 0.25])


def test_decisions_by_hand(several: Cell) -> None:
    """At 0.5: of 2 with AD 1/2 + 1 are found, of 2 without 1/2 is left alone."""
    found = cell_metrics(several)
    pooled = pooled_metrics([several], ONES)
    for name, value in (
        ("sensitivity", 1.5 / 2),
        ("specificity", 0.5 / 2),
        ("accuracy", 2 / 4),
        ("precision", 1.5 / 3),
    ):
        assert found[name] == pytest.approx(value), name
        assert pooled[name][0] == pytest.approx(value), name


def test_cell_and_pooled_metrics_agree(several: Cell) -> None:
    found = cell_metrics(several)
    pooled = pooled_metrics([several], ONES)
    for name, value in found.items():
        assert pooled[name][0] == pytest.approx(value), name


def test_threshold_by_hand() -> None:
    """One person's four scans at 0.2 do not outweigh two people at 0.6."""
    positive = np.r_[np.ones(14, dtype=bool), np.zeros(10, dtype=bool)]
    probability = np.r_[np.full(4, 0.2), np.full(10, 0.6), np.full(10, 0.4)]
    shares = np.r_[np.full(4, 0.25), np.ones(20)]
    assert choose_threshold(positive, probability, shares).value == 0.5
    few = choose_threshold(positive, probability, np.r_[np.full(14, 0.5), np.ones(10)])
    assert few.rule == "0.5, too few validation scans"


def doubled(cells: list[Cell]) -> list[Cell]:
    """Give every participant a second scan, just like the first."""
    return [
        replace(
            one,
            participants=np.repeat(one.participants, 2),
            truth=np.repeat(one.truth, 2),
            probabilities=np.repeat(one.probabilities, 2, axis=0),
        )
        for one in cells
    ]


@pytest.mark.parametrize("classes", [2, 3])
def test_a_second_scan_just_like_the_first_changes_no_number(
    rng: np.random.Generator, classes: int
) -> None:
    cells = random_cells(rng, (24, 31), classes)
    others = random_cells(rng, (24, 31), classes)
    weights = np.r_[np.ones((1, 55)), rng.integers(0, 3, (100, 55))]
    names = ("CN", "MCI", "AD")[-classes:]

    def numbers(ours: list[Cell], theirs: list[Cell]) -> dict[str, object]:
        tests = {
            "delong": delong(ours, theirs, 55),
            "primary": corrected_delong(ours, theirs, 55),
            "bootstrap": paired_bootstrap(ours, theirs, weights),
        }
        return {
            "cells": [cell_metrics(one) for one in ours],
            "pooled": pooled_metrics(ours, weights),
            "tests": {name: asdict(found) for name, found in tests.items() if found},
            "permutation": permutation_p(ours, theirs, 55, 0),
            "folds": fold_differences(ours, theirs),
            "calibration": calibration_of(ours, names, weights, 0)[0],
            "curves": [asdict(one) for one in mean_curves(ours, weights) if one],
            "decisions": [decision_rows(q, weights) for q in pool(ours, names)],
        }

    once = flat(numbers(cells, others))
    twice = flat(numbers(doubled(cells), doubled(others)))
    assert once.keys() == twice.keys()
    assert len([name for name in once if name.startswith(".tests")]) == 12
    for name, value in once.items():
        np.testing.assert_allclose(twice[name], value, atol=1e-7, err_msg=name)


def flat(value: object, name: str = "") -> dict[str, np.ndarray]:
    """List all numbers of nested dictionaries and sequences."""
    if isinstance(value, dict):
        parts = list(value.items())
    elif isinstance(value, list | tuple):
        parts = list(enumerate(value))
    elif value is None or isinstance(value, str):
        return {}
    else:
        return {name: np.asarray(value, dtype=float)}
    found: dict[str, np.ndarray] = {}
    for key, part in parts:
        found |= flat(part, f"{name}.{key}")
    return found
