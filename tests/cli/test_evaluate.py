"""``crosswarp evaluate`` and ``crosswarp report``, one after the other."""

from pathlib import Path

import typer
from typer.testing import CliRunner

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.cli.evaluate import evaluate
from crosswarp.cli.report import report
from tests.report.fake_run import FakeRun

app = typer.Typer()
app.command()(evaluate)
app.command()(report)


def test_run_is_evaluated_and_reported(tmp_path: Path) -> None:
    strengths = {"one": 1.5, "2": 0.5}
    run = FakeRun(participants=16, folds=2, strengths=strengths).write(tmp_path)
    command = ["evaluate", str(run), "--resamples", "100", "--reference", "one"]
    found = CliRunner().invoke(app, command)
    assert found.exit_code == 0, found.output
    first, *models, coarse, few, last = found.output.splitlines()
    assert first == VIRTUAL_NOTICE
    assert coarse.startswith("beware: 2 of 2 folds have fewer than 5 test scans")
    assert few.startswith("beware: 16 participants")
    assert [line.split(": AUC ")[0] for line in models] == ["2", "one"]
    assert last == f"metrics: {run / 'metrics.json'}"

    found = CliRunner().invoke(app, ["report", str(run)])
    assert found.exit_code == 0, found.output
    assert found.output.strip() == f"report: {run / 'report.html'}"
    assert (run / "report.html").stat().st_size > 50_000


def test_model_without_auc_is_still_listed(tmp_path: Path) -> None:
    table = FakeRun(participants=2, folds=1, origin="real").predictions()
    table["fold"] = (table["diagnosis"] == "AD").astype(int)
    table.to_csv(tmp_path / "predictions.tsv", sep="\t", index=False)
    found = CliRunner().invoke(app, ["evaluate", str(tmp_path), "--resamples", "100"])
    assert found.exit_code == 0, found.output
    assert "t1w_only: AUC not defined" in found.output
