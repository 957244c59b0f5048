"""``crosswarp evaluate`` and ``crosswarp report``, one after the other."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.tables import read_table, write_table
from crosswarp.cli.evaluate import evaluate
from crosswarp.cli.report import report
from crosswarp.documents import read_json
from crosswarp.errors import IncompleteError, InputError
from crosswarp.evaluation.evaluate import evaluate_run
from crosswarp.statistics.comparison import holm
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
    assert coarse.startswith("warning: 2 of 2 folds have fewer than 5 test scans")
    assert few.startswith("warning: 16 participants")
    assert [line.split(": AUC ")[0] for line in models] == ["2", "one"]
    assert last == f"metrics: {run / 'metrics.json'}"
    other, reference = models
    assert ", difference to one " in other
    assert "(primary, not declared; " in other
    assert other.endswith(" corrected for 1 comparison)")
    assert reference.endswith("]")

    found = CliRunner().invoke(app, ["report", str(run)])
    assert found.exit_code == 0, found.output
    assert found.output.strip() == f"report: {run / 'report.html'}"
    assert (run / "report.html").stat().st_size > 50_000


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    """Two tasks in one folder, each with two models."""
    for name, strength in (("CN-AD", 1.5), ("CN-MCI", 0.4)):
        strengths = {"one": strength, "two": 0.5}
        fake = FakeRun(participants=24, folds=2, strengths=strengths, origin="real")
        (tmp_path / "run" / name).mkdir(parents=True)
        write_table(tmp_path / "run" / name / "predictions.tsv", fake.predictions())
    (tmp_path / "run" / "notes").mkdir()
    return tmp_path / "run"


def test_all_tasks_are_evaluated_and_corrected_together(tasks: Path) -> None:
    found = CliRunner().invoke(app, ["evaluate", str(tasks), "--resamples", "100"])
    assert found.exit_code == 0, found.output
    told = found.output.splitlines()
    assert [line for line in told if line.startswith("task: ")] == [
        "task: CN-AD",
        "task: CN-MCI",
    ]
    assert found.output.count("corrected for 2 comparisons in 2 tasks)") == 2
    tables = [
        read_table(tasks / task / "comparisons.tsv").set_index("model").loc["two"]
        for task in ("CN-AD", "CN-MCI")
    ]
    assert [row["p_holm"] for row in tables] == pytest.approx(
        holm([row["p"] for row in tables])
    )
    metrics = read_json(tasks / "CN-AD" / "metrics.json")
    assert metrics["primary"]["tasks"] == ["CN-AD", "CN-MCI"]
    assert metrics["primary"]["comparisons"] == 2

    found = CliRunner().invoke(app, ["report", str(tasks)])
    assert found.exit_code == 0, found.output
    assert found.output.splitlines() == [
        f"report: {tasks / task / 'report.html'}" for task in ("CN-AD", "CN-MCI")
    ]
    page = (tasks / "CN-AD" / "report.html").read_text(encoding="utf-8")
    assert "2 comparisons in the tasks CN-AD, CN-MCI" in page


def test_task_that_is_not_finished_does_not_stop_the_others(tasks: Path) -> None:
    (tasks / "CN-AD" / "predictions.tsv").unlink()
    (tasks / "CN-AD" / "experiment.yaml").write_text("name: x\n")
    for command in ("evaluate", "report"):
        found = CliRunner().invoke(app, [command, str(tasks)])
        assert isinstance(found.exception, IncompleteError)
        told = str(found.exception)
        assert told.startswith("1 of 2 tasks could not be done: CN-AD: no table at")
        assert f"{tasks / 'CN-MCI'}" in found.output


def test_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    for command in ("evaluate", "report"):
        found = CliRunner().invoke(app, [command, str(tmp_path)])
        assert isinstance(found.exception, InputError)
        assert "neither it nor a folder in it has predictions.tsv" in str(
            found.exception
        )


def test_folder_of_tasks_is_named_where_one_run_is_wanted(tasks: Path) -> None:
    with pytest.raises(InputError, match=r"but tasks; give one of .*CN-AD, .*CN-MCI"):
        evaluate_run(tasks)


def test_model_without_an_interval_is_shown_without_one(tmp_path: Path) -> None:
    """One scan of a class in a fold: the bootstrap cannot vary."""
    fake = FakeRun(participants=8, folds=4, strengths={"one": 0.6}, origin="real")
    write_table(tmp_path / "predictions.tsv", fake.predictions())
    found = CliRunner().invoke(app, ["evaluate", str(tmp_path), "--resamples", "100"])
    assert found.exit_code == 0, found.output
    assert "one: AUC 0.250 (no interval)" in found.output
    assert "warning: No intervals: at least half of a class" in found.output


def test_model_without_auc_is_still_listed(tmp_path: Path) -> None:
    table = FakeRun(participants=2, folds=1, origin="real").predictions()
    table["fold"] = (table["diagnosis"] == "AD").astype(int)
    table.to_csv(tmp_path / "predictions.tsv", sep="\t", index=False)
    found = CliRunner().invoke(app, ["evaluate", str(tmp_path), "--resamples", "100"])
    assert found.exit_code == 0, found.output
    assert "t1w_only: AUC not defined" in found.output
