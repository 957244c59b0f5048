"""``crosswarp explain`` on a run, and on all tasks of one."""

from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from crosswarp.cli.explain import explain
from crosswarp.errors import IncompleteError, InputError
from crosswarp.explanation import tasks as module
from crosswarp.study.attribution import Attribution

app = typer.Typer()
app.command()(explain)


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two tasks; what explains a run is replaced by what fails for one of them."""

    def explain_run(run: Path, **choices: Any) -> Attribution:
        if run.name == "CN-MCI":
            msg = "maps are gone"
            raise InputError(msg)
        models = tuple(choices["models"] or ["fused"])
        return Attribution(
            note="virtual", models=models, atlas="", predictions_digest=""
        )

    monkeypatch.setattr(module, "explain_run", explain_run)
    for name in ("CN-AD", "CN-MCI", "MCI-AD"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "experiment.yaml").write_text("name: x\n")
    return tmp_path


def test_all_tasks_are_explained_though_one_fails(tasks: Path) -> None:
    found = CliRunner().invoke(app, [str(tasks), "--quiet"])
    assert isinstance(found.exception, IncompleteError)
    assert str(found.exception) == (
        "1 of 3 tasks could not be done: CN-MCI: maps are gone"
    )
    assert found.output.splitlines() == [
        "virtual",
        f"attribution of fused in {tasks / 'CN-AD' / 'attribution'}",
        f"attribution of fused in {tasks / 'MCI-AD' / 'attribution'}",
    ]


def test_one_task_is_a_run(tasks: Path) -> None:
    found = CliRunner().invoke(app, [str(tasks / "CN-AD"), "--model", "a", "--quiet"])
    assert found.exit_code == 0, found.output
    assert found.output.splitlines()[-1].startswith("attribution of a in ")
    # Its only fault is shown as it is.
    found = CliRunner().invoke(app, [str(tasks / "CN-MCI"), "--quiet"])
    assert str(found.exception) == "maps are gone"


def test_one_scan_needs_an_output_folder(tmp_path: Path) -> None:
    found = CliRunner().invoke(app, [str(tmp_path), "scan.nii.gz"])
    assert isinstance(found.exception, InputError)
    assert "crosswarp explain BUNDLE SCAN OUT" in str(found.exception)
