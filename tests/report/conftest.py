"""A made-up run, evaluated and reported once for all tests of the page."""

import shutil
from pathlib import Path

import pytest

from crosswarp.evaluation.evaluate import evaluate_run
from crosswarp.power.run import power_run
from crosswarp.power.sample_size import Question
from crosswarp.report.assemble import write_report
from crosswarp.study.experiment import HIPPOCAMPAL_VOLUME
from tests.report.fake_run import STRENGTHS, FakeRun, write_attribution
from tests.sharing import copy_of_made, made_once


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a virtual run with its report; tests only read it."""
    return copy_of_made(tmp_path_factory, "reported", _write_reported) / "run"


def _write_reported(folder: Path) -> None:
    strengths = {**STRENGTHS, HIPPOCAMPAL_VOLUME: 1.2}
    run = FakeRun(strengths=strengths).write(folder)
    evaluate_run(run, resamples=200)
    power_run(run, Question(0.1, folds=5, simulations=50), reference="t1w_only")
    write_attribution(run, "cross_attention")
    write_report(run)


@pytest.fixture
def run(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a small evaluated run of real participants, for a test to spoil."""
    made = made_once(tmp_path_factory, "evaluated", _write_evaluated)
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path / "run"


def _write_evaluated(folder: Path) -> None:
    small = FakeRun(
        participants=16, folds=2, origin="real", strengths={"one": 1.5, "two": 0.5}
    )
    evaluate_run(small.write(folder), resamples=100)
