"""`crosswarp predict` and `crosswarp preprocess`, as a shell calls them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crosswarp.cli.main import app
from tests.prediction.test_predict import write_bundle
from tests.preprocessed import Preprocessed, raw_t1w

GREEDY = ("--registration", "greedy")

pytestmark = [pytest.mark.slow, pytest.mark.registration]


@pytest.fixture
def words(preprocessed: Preprocessed, tmp_path: Path) -> list[str]:
    bundle = write_bundle(tmp_path / "bundle")
    scan = raw_t1w(preprocessed.raw, "sub-good")
    return ["predict", str(bundle), str(scan), str(preprocessed.out), "--quiet"]


def test_the_probability_is_printed(words: list[str]) -> None:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert "sub-good: probability of AD 0." in result.output
    assert "not a medical device" in result.output


def test_json_for_programs(words: list[str]) -> None:
    result = CliRunner().invoke(app, [*words, "--json"])
    answer = json.loads(result.stdout)
    assert sum(p["mean"] for p in answer["probabilities"].values()) == pytest.approx(1)


def test_preprocess_ends_with_what_failed(preprocessed: Preprocessed) -> None:
    words = ["preprocess", str(preprocessed.raw), str(preprocessed.out)]
    result = CliRunner().invoke(app, [*words, *GREEDY, "--resolution", "2", "--quiet"])
    assert result.exit_code == 1
    assert "4 of 5 scans failed, see" in str(result.exception)


def test_preprocess_of_one_participant(
    preprocessed: Preprocessed, tmp_path: Path
) -> None:
    result = CliRunner().invoke(
        app,
        [
            "preprocess",
            str(preprocessed.raw),
            str(tmp_path),
            *("--participant-label", "zeros"),
            "--quiet",
        ],
    )
    assert "1 of 1 scans failed" in str(result.exception)
