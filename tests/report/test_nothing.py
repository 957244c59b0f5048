"""A part that has nothing to show says why."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crosswarp.bids.tables import read_table, write_table
from crosswarp.documents import read_json
from crosswarp.errors import MissingDerivativeError
from crosswarp.files import write_json
from crosswarp.report.figures import calibration as calibration_figure
from crosswarp.report.figures import decision_curve
from crosswarp.report.figures import power as power_figure
from crosswarp.report.run import Run
from crosswarp.report.tables import (
    calibration,
    classes,
    cohort_by_site,
    comparison,
    covariates,
    settings,
    sites,
    subgroups,
    tests,
    volumes,
)
from crosswarp.report.tables import power as power_table
from tests.report.fake_run import accept

Make = Callable[[Run], Any]


def emptied(path: Path) -> None:
    table = read_table(path)
    write_table(path, table.iloc[:0])


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("calibration.tsv", calibration_figure.draw, "no reliability curve"),
        ("decision_curve.tsv", decision_curve.draw, "no decision curve"),
        ("sites.tsv", sites.tabulate, "no sites to leave out"),
        ("subgroups.tsv", subgroups.tabulate, "no subgroups: no group is known"),
    ],
)
def test_empty_table_is_said(run: Path, name: str, make: Make, reason: str) -> None:
    emptied(run / name)
    accept(run)
    with pytest.raises(MissingDerivativeError, match=reason):
        make(Run(run))


def test_no_baseline_is_said(run: Path) -> None:
    metrics = read_json(run / "metrics.json")
    metrics["covariates"] |= {"model": None, "reason": "nobody has an age"}
    write_json(run / "metrics.json", metrics)
    with pytest.raises(MissingDerivativeError, match="alone: nobody has an age"):
        covariates.tabulate(Run(run))


def test_no_volume_of_the_hippocampus_is_said(run: Path) -> None:
    with pytest.raises(MissingDerivativeError, match="folds has predictions"):
        volumes.tabulate(Run(run))
    metrics = read_json(run / "metrics.json")
    absent = {"hippocampal_volume": "the maps lie in Own"}
    metrics["volumes"] |= {"reason": "the maps lie in Own", "absent": absent}
    write_json(run / "metrics.json", metrics)
    note = comparison.tabulate(Run(run)).note
    assert "no row of hippocampal volume alone: the maps lie in Own." in note
    del metrics["volumes"]
    write_json(run / "metrics.json", metrics)
    with pytest.raises(MissingDerivativeError, match="not compared by the version"):
        volumes.tabulate(Run(run))


def test_missing_values_are_counted(reported: Path, tmp_path: Path) -> None:
    predictions = (reported / "predictions.tsv").read_bytes()
    (tmp_path / "predictions.tsv").write_bytes(predictions)
    metrics = read_json(reported / "metrics.json")
    metrics["covariates"]["imputed"] = 2
    write_json(tmp_path / "metrics.json", metrics)
    table = read_table(reported / "comparisons.tsv")
    write_table(tmp_path / "comparisons.tsv", table)
    accept(tmp_path)
    note = covariates.tabulate(Run(tmp_path)).note
    assert "2 missing values replaced by the median" in note


def test_unknown_sites_are_said_and_counted(run: Path) -> None:
    path = run.parent / "cohort.tsv"
    table = read_table(path)
    write_table(path, table.assign(site=["A"] * 10 + [None] * 6))
    assert "The site of 6 scans is unknown" in cohort_by_site.tabulate(Run(run)).note
    write_table(path, table.assign(site=None))
    with pytest.raises(MissingDerivativeError, match="has no sites"):
        cohort_by_site.tabulate(Run(run))


def test_one_model_has_nothing_to_differ_from(run: Path) -> None:
    with pytest.raises(MissingDerivativeError, match="one model only"):
        tests.tabulate(_OneModel(run))


class _OneModel(Run):
    """A run as it is when one network was trained and no baseline made."""

    def compared(self) -> list[str]:
        return ["one"]

    @property
    def comparisons(self) -> dict[str, dict[str, Any]]:  # type: ignore[override]
        return {"one": {}}


def test_temperatures_are_worded(run: Path) -> None:
    metrics = read_json(run / "metrics.json")
    assert "enough validation scans" in calibration.tabulate(Run(run)).note
    for model in metrics["models"].values():
        fitted = {"value": 1.5, "rule": "fitted on validation", "scans": 30}
        model["cells"][0]["temperature"] = fitted | {"log_se": 0.25}
    write_json(run / "metrics.json", metrics)
    note = calibration.tabulate(Run(run)).note
    assert "Temperatures of 2 networks of 4, shrunk towards 1: 1.50 to 1.50" in note
    assert "standard errors of 0.25 to 0.25" in note
    for model in metrics["models"].values():
        del model["cells"][0]["temperature"]["log_se"]  # of an earlier version
        for entry in model["calibration"]:
            del entry["slope"]
    write_json(run / "metrics.json", metrics)
    table = calibration.tabulate(Run(run))
    assert "standard errors" not in table.note
    assert table.rows[0][table.columns.index("Slope [95\u00a0%]")] == "\u2013"


def test_stage_after_is_drawn_and_named(run: Path) -> None:
    for name, make in (
        ("calibration.tsv", calibration_figure.draw),
        ("decision_curve.tsv", decision_curve.draw),
    ):
        table = read_table(run / name)
        after = table.assign(stage="after")
        write_table(run / name, type(table)([*_rows(table), *_rows(after)]))
        accept(run)
        figure = make(Run(run)).figure
        labels = [text.get_text() for text in figure.legends[0].get_texts()]
        assert any("scaled" in label for label in labels)
    caption = calibration_figure.draw(Run(run)).caption
    assert "Orange: after temperature scaling" in caption


def _rows(table: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.to_dict("records")
    return rows


def test_power_beyond_the_limit_is_worded(reported: Path, tmp_path: Path) -> None:
    for name in ("predictions.tsv", "power.json", "power.tsv"):
        (tmp_path / name).write_bytes((reported / name).read_bytes())
    power = read_json(tmp_path / "power.json")
    power["pairs"] = [power["pairs"][0] | {"participants": None, "run_low": None}]
    power["pairs"][0] |= {"run_high": None}
    write_json(tmp_path / "power.json", power)
    accept(tmp_path, "power.json")
    (row,) = power_table.tabulate(Run(tmp_path)).rows
    assert row[4:6] == [f"over {power['limit']:,}", "\u2013"]
    drawn = power_figure.draw(Run(tmp_path)).alternative
    assert "needs more than were simulated" in drawn


def test_two_classes_have_no_table_of_classes(run: Path) -> None:
    assert classes.tabulate(Run(run)) is None


def test_nested_settings_are_numbered(tmp_path: Path) -> None:
    text = "name: x\nsteps:\n- {a: 1}\n- {a: null}\n"
    (tmp_path / "experiment.yaml").write_text(text)
    rows = settings.tabulate(Run(tmp_path)).rows
    assert rows == [["name", "x"], ["steps 1.a", "1"], ["steps 2.a", "\u2013"]]
