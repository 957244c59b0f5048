"""A run whose participants cannot vary: values without intervals, drawn and told."""

from pathlib import Path

import pytest

from crosswarp.bids.tables import read_table
from crosswarp.evaluation.evaluate import evaluate_run
from crosswarp.report.facts import facts_of
from crosswarp.report.figures import decision_curve, fold_auc, precision_recall, roc
from crosswarp.report.run import Run
from crosswarp.report.tables import comparison, sites
from crosswarp.report.tables import tests as tests_table
from crosswarp.report.texts import methods
from crosswarp.statistics.intervals import Estimate
from crosswarp.study.metrics import PrimaryComparison
from tests.report.fake_run import FakeRun, change_experiment


@pytest.fixture(scope="module")
def lone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One scan of each class in each fold; one model is perfect."""
    fake = FakeRun(participants=8, folds=4, strengths={"one": 0.6, "two": 9.0})
    run = fake.write(tmp_path_factory.mktemp("lone"))
    evaluate_run(run, resamples=200)
    return run


def test_no_interval_is_given_and_nothing_concluded(lone: Path) -> None:
    metrics = Run(lone).metrics
    areas = {n: m.overall["roc_auc"] for n, m in metrics.models.items()}
    assert areas["one"] == Estimate(0.25, None, None)
    # Four disjoint pairs, all ranked rightly: 0.05 ** (1 / 4).
    assert areas["two"].low == pytest.approx(0.4729, abs=1e-4)
    assert areas["two"].high == 1
    assert metrics.settings.resamples == 0
    assert any(flag.startswith("No intervals: ") for flag in metrics.flags)
    for said in ("differ in them", "not shown to be better", "too narrow"):
        assert not any(said in flag for flag in metrics.flags)
    for name in ("subgroups.tsv", "decision_curve.tsv", "calibration.tsv"):
        table = read_table(lone / name)
        for low in (c for c in table if str(c).endswith("low")):
            high = str(low).removesuffix("low") + "high"
            assert not (table[low] == table[high]).any(), (name, low)


def test_difference_is_shown_and_not_tested(lone: Path) -> None:
    row = Run(lone).comparisons["two"]
    assert row.primary.difference.value == 0.75
    assert row.primary.p != row.primary.p
    rows = comparison.tabulate(Run(lone)).rows
    assert rows[1][2:] == [
        "1.000 [0.473, 1.000]",
        "0.750 [\u2013, \u2013]",
        "\u2013",
        "\u2013",
        "primary",
    ]
    by_test = {row[1]: row[2:] for row in tests_table.tabulate(Run(lone)).rows[:5]}
    # No difference of two areas lies beyond 1.
    assert by_test["Corrected resampled t-test"][0].endswith(", 1.000]")
    assert by_test["DeLong"] == ["\u2013 [\u2013, \u2013]", "\u2013", "\u2013"]


def test_curves_are_drawn_without_bands(lone: Path) -> None:
    for figure in (roc, precision_recall, decision_curve, fold_auc):
        assert figure.draw(Run(lone)).alternative
    statistics = methods.write(Run(lone)).paragraphs[2]
    assert "without intervals, since folds had too few participants" in statistics
    assert "Intervals of an AUC: not given" in comparison.tabulate(Run(lone)).note


def test_declared_comparison_leads(lone: Path) -> None:
    path = lone / "experiment.yaml"
    text = path.read_text(encoding="utf-8")
    primary = {"model": "two", "reference": "one"}
    change_experiment(lone, primary=primary, family=[])
    try:
        evaluate_run(lone, resamples=200)
        run = Run(lone)
        assert run.headline == "two"
        assert facts_of(run)["result"].startswith("two: AUC 1.000 [0.473, 1.000]")
        assert "ROC-AUC of two without one site" in sites.tabulate(run).caption
        note = comparison.tabulate(run).note
        assert "Primary comparison, declared in the experiment file: two again" in note
        assert run.comparisons["covariates"].role == "outside the family"
        assert (
            "The primary comparison, declared before the analysis, was two"
            in (methods.write(run).paragraphs[2])
        )
        assert "not declared" not in facts_of(run)["tests"]
    finally:
        path.write_text(text, encoding="utf-8")
        evaluate_run(lone, resamples=200)


def test_one_model_alone_compares_nothing() -> None:
    alone = PrimaryComparison.model_construct(model=None)
    assert comparison.primary_words(alone).startswith("There is only one model")
    assert methods._comparisons(alone) == ""
