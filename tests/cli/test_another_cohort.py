"""`crosswarp predict` and `crosswarp evaluate` on another cohort, as a shell has it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from crosswarp.cli.main import app
from crosswarp.errors import IncompleteError, InputError, LeakageError
from crosswarp.study.names import COHORT, EXTERNAL
from tests.prediction.made_cohort import train, write_other_cohort


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tmp_path_factory.mktemp("training"))


def call(*given: object) -> Result:
    return CliRunner().invoke(app, [str(each) for each in given])


def test_a_cohort_is_predicted_and_evaluated(model: Path, tmp_path: Path) -> None:
    maps, out = write_other_cohort(tmp_path / "other", 24), tmp_path / "out"
    found = call("predict", model, maps, out, "--quiet")
    assert found.exit_code == 0, found.output
    assert "24 of 24 scans predicted, 0 failed" in found.output
    assert "no diagnoses are known: a folder of maps has no diagnoses" in found.output
    refused = call("evaluate", out)
    assert isinstance(refused.exception, InputError)
    table = tmp_path / "other" / COHORT
    found = call("evaluate", out, "--diagnoses", table, "--resamples", 100)
    assert found.exit_code == 0, found.output
    for told in (
        "Virtual participants",
        "jsm on 24 participants, 24 scans",
        "at the thresholds of training (",
        "not recalibrated: fewer than 10 participants",
        "shift: age_years: training ",
        "shift: site b: training 0.00, cohort 1.00",
        "shift: embedding_distance: training 1.00",
        "share far from the training scans",
        f"metrics: {out / EXTERNAL}",
    ):
        assert told in found.output
    recalibrated = call(
        *("evaluate", out, "--diagnoses", table, "--resamples", 100),
        *("--recalibrate", 0.9),
    )
    assert "recalibrated on 22 participants (90%, seed 0)" in recalibrated.output
    assert "outside the part, after recalibration: slope" in recalibrated.output


def test_a_failed_scan_is_told_and_nothing_is_hidden(
    model: Path, tmp_path: Path
) -> None:
    maps, out = write_other_cohort(tmp_path / "other", 4), tmp_path / "out"
    next(maps.glob("sub-E01/**/*logjacobian_T1w.nii.gz")).unlink()
    found = call("predict", model, maps, out, "--quiet", "--json")
    assert isinstance(found.exception, IncompleteError)
    assert json.loads(found.output)["predicted"] == 3


def test_overlap_is_refused_and_left_out(model: Path, tmp_path: Path) -> None:
    maps = write_other_cohort(tmp_path / "other", 17, name="", seed=9)
    found = call("predict", model, maps, tmp_path / "out", "--quiet")
    assert isinstance(found.exception, LeakageError)
    found = call(
        "predict", model, maps, tmp_path / "out", "--quiet", "--overlap", "leave-out"
    )
    assert "1 of 17 scans predicted, 0 failed, 16 left out" in found.output


@pytest.mark.parametrize("options", [("--overlap", "leave-out"), ("--retry-failed",)])
def test_options_of_a_cohort_are_refused_for_one_scan(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    (tmp_path / "one.nii.gz").write_text("a scan")
    found = call("predict", tmp_path, tmp_path / "one.nii.gz", tmp_path / "o", *options)
    assert "is one scan, which runs here" in str(found.exception)


def test_options_of_the_other_kind_are_refused(model: Path, tmp_path: Path) -> None:
    maps, out = write_other_cohort(tmp_path / "other", 2), tmp_path / "out"
    assert call("predict", model, maps, out, "--quiet").exit_code == 0
    found = call("evaluate", out, "--reference", "jsm")
    assert "leave out --reference" in str(found.exception)
    found = call("evaluate", tmp_path, "--recalibrate", 0.5)
    assert "has no predictions for a cohort" in str(found.exception)
