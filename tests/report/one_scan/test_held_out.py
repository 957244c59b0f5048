"""An answer beside the held-out ones: shares and classes are counted right."""

from pathlib import Path

import pytest

from crosswarp.errors import MissingDerivativeError
from crosswarp.evaluation.evaluate import evaluate_run
from crosswarp.preprocessing.limits import QualityLimits
from crosswarp.report.one_scan import held_out
from crosswarp.report.one_scan.source import OneScan
from crosswarp.statistics.temperature import Temperature
from crosswarp.study.names import METRICS, PREDICTIONS
from tests.report.fake_run import SPACE, FakeRun
from tests.report.one_scan.conftest import Asked, answer


def source(asked: Asked, **changes: object) -> OneScan:
    said = answer(**{"model": "one", **changes})
    return OneScan(asked.out, said, (SPACE, 2), asked.bundle, QualityLimits())


def test_shares_are_counted_by_hand(asked: Asked) -> None:
    page = source(asked)
    rows = page.run.predictions.of("one", "test")
    table = held_out.tabulate(page)
    for name, diagnosis, scans, above in table.rows:
        assert name == "AD"
        scores = rows.loc[rows["diagnosis"] == diagnosis, "probability_AD"]
        count = int((scores >= 0.7).sum())
        assert scans == str(len(scores))
        assert above == f"{count} ({100 * count / len(scores):.0f}\u00a0%)"
    assert [row[1] for row in table.rows] == ["CN", "AD"]


def test_held_out_scans_are_scaled_as_the_answer_was(asked: Asked) -> None:
    half = Temperature(2.0, "fitted", 8, 0.3, 8)
    plain, scaled = source(asked).held_out, source(asked, temperature=half).held_out
    odds = plain["AD"] / plain["CN"]
    assert (scaled["AD"] / scaled["CN"]).to_numpy() == pytest.approx(
        odds.to_numpy() ** 0.5
    )


def test_a_model_of_another_run_is_refused(asked: Asked) -> None:
    with pytest.raises(MissingDerivativeError, match="no answers of other to held-out"):
        _ = source(asked, model="other").held_out
    with pytest.raises(MissingDerivativeError, match="other classes"):
        _ = source(asked, classes=("CN", "MCI")).held_out


def test_a_run_without_an_evaluation_shows_no_operating_point(asked: Asked) -> None:
    (asked.bundle.parents[1] / METRICS).unlink()
    with pytest.raises(MissingDerivativeError, match="crosswarp evaluate"):
        held_out.tabulate(source(asked))


def test_three_classes_get_a_panel_each(tmp_path: Path) -> None:
    run = FakeRun(
        participants=18,
        folds=2,
        classes=("CN", "MCI", "AD"),
        strengths={"one": 1.5},
    ).write(tmp_path)
    evaluate_run(run, resamples=100)
    assert (run / PREDICTIONS).is_file()
    asked = Asked(run / "models" / "one", tmp_path / "derivatives")
    three = ("CN", "MCI", "AD")
    numbers = {"probabilities": (0.2, 0.3, 0.5), "minimum": (0.1, 0.2, 0.4)}
    page = source(asked, classes=three, maximum=(0.3, 0.4, 0.6), **numbers)
    drawn = held_out.draw(page)
    titles = [axes.get_title(loc="left") for axes in drawn.figure.axes]
    assert titles[:3] == [f"probability of {name}" for name in three]
    table = held_out.tabulate(page)
    assert len(table.rows) == 9
    # One class against the rest has no threshold of its own here.
    assert "sensitivity" not in table.note


def test_a_class_without_scans_is_said_as_none(asked: Asked) -> None:
    page = source(asked)
    page.held_out["diagnosis"] = "AD"
    assert held_out.tabulate(page).rows[0][2:] == ["0", "0"]
    assert held_out.draw(page).figure.axes
