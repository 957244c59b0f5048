"""The experiment file of a run, as the stages after training read it."""

from pathlib import Path

import pytest

from crosswarp.errors import InputError, MissingDerivativeError
from crosswarp.study.experiment import (
    COVARIATES,
    RunExperiment,
    find_run_experiment,
    read_run_experiment,
)


def written(run: Path, text: str) -> Path:
    (run / "experiment.yaml").write_text(text, encoding="utf-8")
    return run


def test_models_are_named_by_entry_or_by_name(tmp_path: Path) -> None:
    text = "models: [a, {name: b, encoder: x}, {like: y}]\nfamily: null\n"
    found = read_run_experiment(written(tmp_path, text))
    assert found.models == {"a": {"name": "a"}, "b": {"name": "b", "encoder": "x"}}
    assert (found.primary, found.family) == (None, None)
    assert list(found.everything) == ["models", "family"]


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    found = read_run_experiment(written(tmp_path, "training: null\ncohort: c.tsv\n"))
    assert found.grid == ("MNI152NLin2009cSym", 1)
    assert found.covariates == COVARIATES
    assert found.training == {}
    assert found.place(tmp_path, "cohort") == tmp_path / "c.tsv"
    assert found.place(tmp_path, "folds") is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("primary: {model: a}", r"primary\.reference: Field required; mend it, or run"),
        ("covariates: APOE", r"covariates: must be a list of columns, got 'APOE'"),
        ("resolution: fine", r"resolution: Input should be a valid integer"),
        ("models: 3", r"models: Input should be a valid dictionary"),
    ],
)
def test_a_choice_of_another_kind_is_refused(
    tmp_path: Path, text: str, fault: str
) -> None:
    with pytest.raises(InputError, match=fault):
        find_run_experiment(written(tmp_path, text))


def test_without_a_file_nothing_is_chosen(tmp_path: Path) -> None:
    assert find_run_experiment(tmp_path) == RunExperiment()
    with pytest.raises(MissingDerivativeError, match="`crosswarp compare` writes it"):
        read_run_experiment(tmp_path)
