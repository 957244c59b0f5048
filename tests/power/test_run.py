"""Power of a run, from its predictions to its files."""

from pathlib import Path

import pytest

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.tables import read_table, write_table
from crosswarp.errors import InputError
from crosswarp.files import file_digest
from crosswarp.power.run import folds_of_run, power_run
from crosswarp.power.sample_size import Question
from crosswarp.study.power_analysis import read_power
from tests.report.fake_run import FakeRun

QUESTION = Question(0.1, folds=2, simulations=50)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    made = FakeRun(strengths={"one": 1.5, "two": 0.8, "three": 0.6})
    write_table(tmp_path / "predictions.tsv", made.predictions())
    return tmp_path


def test_files_hold_what_was_found(run: Path) -> None:
    found = power_run(run, QUESTION, reference="two")
    assert read_power(run) == found
    assert found.note == VIRTUAL_NOTICE
    assert found.predictions == file_digest(run / "predictions.tsv")
    assert [pair.model for pair in found.pairs] == ["one", "three"]
    for pair in found.pairs:
        assert pair.participants_of_run == 40
        assert pair.monte_carlo_low <= pair.participants
        assert 0 < pair.auc_reference < 1
    table = read_table(run / "power.tsv", text=["model", "reference"])
    assert set(table["reference"]) == {"two"}
    assert table.columns[-1] == "note"
    first = (run / "power.json").read_bytes()
    power_run(run, QUESTION, reference="two")
    assert (run / "power.json").read_bytes() == first


def test_one_model_can_be_asked_about(run: Path) -> None:
    found = power_run(run, QUESTION, reference="two", model="three")
    assert [pair.model for pair in found.pairs] == ["three"]


def test_hopeless_question_has_no_number(run: Path) -> None:
    question = Question(0.001, folds=2, simulations=50)
    (pair,) = power_run(run, question, reference="two", model="three").pairs
    assert pair.participants is pair.monte_carlo_low is None


def test_declared_reference_is_the_default(run: Path) -> None:
    (run / "experiment.yaml").write_text("primary: {model: one, reference: three}\n")
    (pair,) = power_run(run, QUESTION, model="one").pairs
    assert pair.reference == "three"


def test_models_that_are_not_two_are_refused(run: Path) -> None:
    with pytest.raises(InputError, match="no model 'gpt'"):
        power_run(run, QUESTION, model="gpt")
    with pytest.raises(InputError, match="name a --model other than two"):
        power_run(run, QUESTION, reference="two", model="two")


def test_folds_are_those_of_the_run(run: Path) -> None:
    assert folds_of_run(run) == 5
