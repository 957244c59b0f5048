"""`crosswarp simulate`: what it refuses, and what it prints."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.cli.main import app
from crosswarp.errors import InputError


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (["--preset", "hard"], "no preset 'hard'; there are easy, realistic"),
        (["--classes", "CN,XY"], "unknown diagnosis 'XY'"),
    ],
)
def test_faults_are_said_before_anything_is_written(
    tmp_path: Path, option: list[str], message: str
) -> None:
    out = tmp_path / "bids"
    result = CliRunner().invoke(app, ["simulate", str(out), *option])
    assert isinstance(result.exception, InputError)
    assert message in str(result.exception)
    assert not out.exists()


@pytest.mark.slow
@pytest.mark.registration
def test_one_head_of_the_first_real_one(tmp_path: Path) -> None:
    out = tmp_path / "bids"
    command = ["simulate", str(out), "--participants", "1", "--quiet"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert f"1 virtual participants in {out}" in result.output
    assert VIRTUAL_NOTICE in result.output
    assert (out / "sub-001/anat/sub-001_T1w.nii.gz").stat().st_size > 3e6
