"""Sites held out: test parts of unequal size, some of them without a class."""

import numpy as np
import pandas as pd
import pytest

from crosswarp.evaluation.context import Context
from crosswarp.evaluation.evaluate import evaluate
from crosswarp.evaluation.written import Evaluation
from crosswarp.statistics.corrected_delong import corrected_delong
from crosswarp.statistics.weighted import within_fold_auc
from tests.evaluation.made_predictions import made
from tests.evaluation.simulated_studies import sites_held_out

TWO_CLASSES = ["CN", "AD"] * 17
"""Two sites of 20 and 14."""


def evaluated(*sites: tuple[int, str], seed: int = 0) -> Evaluation:
    """Evaluate a run that holds out sites, the first two of both classes.

    Args:
        sites: Size of each further site, and the diagnosis of all but its first.
        seed: Random seed of the answers.
    """
    diagnoses, folds = list(TWO_CLASSES), [0] * 20 + [1] * 14
    for number, (size, kind) in enumerate(sites, 2):
        diagnoses += ["CN", *[kind] * (size - 1)]
        folds += [number] * size
    rng = np.random.default_rng(seed)
    ill = np.array(diagnoses) == "AD"
    answers = {
        name: 1 / (1 + np.exp(0.6 - 1.5 * ill - rng.normal(size=len(ill))))
        for name in ("one", "other")
    }
    table = pd.DataFrame(
        {
            "repeat": 0,
            "fold": folds,
            "participant_id": [f"sub-{n:03d}" for n in range(len(folds))],
            "split": "test",
            "held_out": [f"site=S{fold}" for fold in folds],
        }
    )
    return evaluate(
        made(diagnoses, answers, folds), "one", 200, 0, Context(folds=table)
    )


def test_a_site_of_one_class_adds_nothing_to_the_auc_and_is_named() -> None:
    found = evaluated((5, "CN"))
    cells = found.metrics.models["one"].cells
    first, second = (cell.metrics["roc_auc"] for cell in cells[:2])
    overall = found.metrics.models["one"].overall["roc_auc"]
    assert overall.value == pytest.approx((100 * first + 49 * second) / 149)
    assert overall.low < overall.value < overall.high
    assert [cell.metrics["roc_auc"] is None for cell in cells] == [False, False, True]
    assert cells[2].metrics["sensitivity"] is None
    assert cells[2].metrics["accuracy"] is not None
    assert (
        "No AUC where a class has no test scan: repeat 0 fold 2 (site=S2)."
        in found.metrics.flags
    )
    row = found.comparisons.set_index("model").loc["other"]
    assert row["difference_low"] < row["difference"] < row["difference_high"]
    assert 0 < row["p"] <= 1


def test_no_primary_test_where_a_class_has_a_single_participant_at_a_site() -> None:
    found = evaluated((4, "AD"))
    row = found.comparisons.set_index("model").loc["other"]
    assert np.isnan(row["p"])
    assert np.isnan(row["delong_p"])
    assert row["bootstrap_p"] > 0
    assert any(
        flag.startswith("No primary test and no DeLong interval: a class has a single")
        and "repeat 0 fold 2 (site=S2). Hold small sites" in flag
        for flag in found.metrics.flags
    )


def test_no_interval_where_every_site_is_a_pair() -> None:
    folds = [n // 2 for n in range(12)]
    values = {"a": np.linspace(0.1, 0.9, 12), "b": np.linspace(0.9, 0.2, 12)}
    found = evaluate(made(["CN", "AD"] * 6, values, folds), None, 200)
    auc = found.metrics.models["a"].overall["roc_auc"]
    assert auc.value == 1
    row = found.comparisons.set_index("model").loc["b"]
    assert row[["difference_low", "p", "delong_p", "bootstrap_p"]].isna().all()
    assert any(
        "No intervals: at least half of a class" in f for f in found.metrics.flags
    )


def test_pairs_within_sites_weigh_as_many_as_there_are() -> None:
    """The AUC is that of all pairs of a positive and a negative at one site."""
    cells, _ = sites_held_out(np.random.default_rng(0), (12, 7, 5))
    won, pairs = 0.0, 0
    for cell in cells:
        score = cell.probabilities[:, 1]
        positive, negative = score[cell.truth == 1], score[cell.truth == 0]
        won += (positive[:, None] > negative).sum()
        won += (positive[:, None] == negative).sum() / 2
        pairs += len(positive) * len(negative)
    found = within_fold_auc(cells, np.ones((1, 24)))[0]
    assert found == pytest.approx(won / pairs)


def test_the_primary_test_keeps_its_level_with_sites_of_unequal_size() -> None:
    """100 studies: a rate of 5 % has a standard error of 2.2; benchmarks/ has 1000."""
    rng, sizes = np.random.default_rng(2), (40, 20, 12, 8, 6)
    found = [
        corrected_delong(*sites_held_out(rng, sizes), sum(sizes)) for _ in range(100)
    ]
    assert all(each is not None for each in found)
    assert np.mean([each is not None and each.p < 0.05 for each in found]) <= 0.07
