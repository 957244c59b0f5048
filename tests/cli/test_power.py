"""``crosswarp power`` as typed."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.cli.main import app
from crosswarp.cli.power import _sentence
from crosswarp.study.power_analysis import ComparedPair
from tests.report.fake_run import FakeRun


@pytest.fixture
def run(tmp_path: Path) -> Path:
    made = FakeRun(strengths={"one": 1.5, "two": 0.8}, origin="real")
    made.predictions().to_csv(tmp_path / "predictions.tsv", sep="\t", index=False)
    return tmp_path


def printed(*words: str) -> list[str]:
    found = CliRunner().invoke(app, ["power", *words, "--simulations", "50"])
    assert found.exit_code == 0, found.output
    return found.output.splitlines()


def test_answer_is_one_sentence_a_model(run: Path) -> None:
    options = ["--reference", "two", "--difference", "0.08", "--folds", "2"]
    sentence, last = printed(str(run), *options)
    assert sentence.startswith("one against two: ")
    assert "participants (here 40, power 0." in sentence
    assert sentence.endswith("since this run is a sample")
    assert last == f"power: {run / 'power.json'}"


def test_hopeless_question_is_said(run: Path) -> None:
    sentence, _ = printed(str(run), "--reference", "two", "--difference", "0.001")
    assert "more than 100000 participants (here 40" in sentence


def test_virtual_participants_are_said(tmp_path: Path) -> None:
    table = FakeRun(strengths={"one": 1.5, "two": 0.8}).predictions()
    table.to_csv(tmp_path / "predictions.tsv", sep="\t", index=False)
    assert printed(str(tmp_path), "--reference", "two")[0] == VIRTUAL_NOTICE


def test_range_that_is_not_known_is_not_printed() -> None:
    pair = ComparedPair(
        model="a",
        reference="b",
        auc_model_observed=0.8,
        auc_reference=0.7,
        correlation=0.5,
        participants=10,
        participants_of_run=8,
        power_of_run=0.5,
        monte_carlo_low=9,
        monte_carlo_high=11,
    )
    assert _sentence(pair, 100).endswith("9 to 11 by the simulation's own error")
    unknown = {"monte_carlo_low": None, "monte_carlo_high": None}
    small = pair.model_copy(update=unknown)
    assert _sentence(small, 100).endswith(
        "10 participants (here 8, power 0.50) or fewer"
    )
