"""`crosswarp predict` and `crosswarp preprocess`, as a shell calls them."""

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from crosswarp.cli.main import app
from crosswarp.preprocessing.cohort import run_plan
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
    lines = result.output.splitlines()
    assert lines[0] == "sub-good: quality control: ok"
    assert "sub-good: probability of AD 0." in result.output
    assert "sub-good: decision " in result.output
    assert "written by an earlier version, without temperature" in result.output
    assert "not a medical device" in result.output
    page = next(line for line in lines if line.startswith("page: "))
    assert "Answer of compact_cross_attention" in Path(page[6:]).read_text("utf-8")


def test_json_for_programs(words: list[str]) -> None:
    result = CliRunner().invoke(app, [*words, "--json"])
    answer = json.loads(result.stdout)
    assert next(iter(answer)) == "quality"
    assert sum(p["mean"] for p in answer["probabilities"].values()) == pytest.approx(1)


DOUBT = "the brain lies against the edge; is a part of the head cut off?"


@pytest.fixture
def doubted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the quality control doubt every scan."""

    def ledger(*given: object, **chosen: object) -> pd.DataFrame:
        found = run_plan(*given, **chosen)  # type: ignore[arg-type]
        return found.assign(qc="check", reason=DOUBT)

    monkeypatch.setattr("crosswarp.prediction.predict.run_plan", ledger)


@pytest.mark.usefixtures("doubted")
def test_what_must_be_checked_is_said_before_the_probability(words: list[str]) -> None:
    first, second, *rest = CliRunner().invoke(app, words).output.splitlines()
    assert first == f"sub-good: quality control: check, {DOUBT}"
    assert "probability of CN" in second
    assert DOUBT not in "\n".join(rest)  # said once


@pytest.mark.usefixtures("doubted")
def test_strict_makes_it_an_error(words: list[str]) -> None:
    result = CliRunner().invoke(app, [*words, "--strict"])
    assert result.exit_code == 1
    assert "probability" not in result.output
    assert DOUBT in str(result.exception)
    assert "\n" not in str(result.exception)


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
