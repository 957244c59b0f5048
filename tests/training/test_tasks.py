"""compare_tasks: a run for each task, all checked before the first is trained."""

import pytest

from crosswarp.bids.cohort import read_cohort, write_cohort
from crosswarp.bids.tables import read_table
from crosswarp.errors import IncompleteError, InputError
from crosswarp.evaluation.predictions import read_predictions
from crosswarp.inputs.folds import make_folds, write_folds
from crosswarp.training.cross_validation import cross_validate
from crosswarp.training.experiment import Experiment, read_experiment
from crosswarp.training.tasks import compare_tasks, plan_tasks

TASKS = [["CN", "AD"], ["CN", "MCI"]]


@pytest.fixture
def three(tiny) -> Experiment:
    """Six participants of each diagnosis, two folds."""
    cohort = read_cohort(tiny.folder / "cohort.tsv").head(15)
    cohort["diagnosis"] = [("CN", "MCI", "AD")[n % 3] for n in range(15)]
    write_cohort(tiny.folder / "cohort.tsv", cohort)
    write_folds(tiny.folder / "folds.tsv", make_folds(cohort, folds=2))
    training = tiny.training(epochs=1)
    return read_experiment(tiny.write(tasks=TASKS, training=training))


def test_each_task_has_a_run(tiny, three) -> None:
    run = tiny.folder / "run"
    plans = plan_tasks(three)
    assert plans["CN-MCI"].summary().startswith("scans: 5 CN, 5 MCI\n")
    made = compare_tasks(three, run)
    assert list(made) == [run / "CN-AD", run / "CN-MCI"]
    for folder, predictions in made.items():
        read = read_predictions(folder / "predictions.tsv")
        assert "-".join(read.classes) == folder.name
        assert (predictions["split"] == "test").sum() == 10
        assert read_experiment(folder / "experiment.yaml").classes == read.classes


def test_nothing_is_trained_when_a_later_task_cannot_be(tiny, three) -> None:
    cohort = read_cohort(tiny.folder / "cohort.tsv")
    write_cohort(tiny.folder / "cohort.tsv", cohort[cohort["diagnosis"] != "MCI"])
    with pytest.raises(InputError, match="has nobody with MCI"):
        compare_tasks(three, tiny.folder / "run")
    assert not (tiny.folder / "run").exists()


def test_a_task_that_fails_does_not_stop_the_next(tiny, three) -> None:
    run = tiny.folder / "run"
    blocked = run / "CN-AD" / "models" / "jsm" / "repeat-0_fold-1"
    compare_tasks(three, run)
    (blocked / "done.json").unlink()
    for path in sorted(blocked.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    blocked.rmdir()
    blocked.write_text("not a folder")
    (run / "CN-MCI" / "predictions.tsv").unlink()
    with pytest.raises(IncompleteError, match="CN-AD: 1 of 2 cells failed"):
        compare_tasks(three, run)
    assert len(read_table(run / "CN-MCI" / "predictions.tsv")) > 10


def test_one_task_at_a_time_elsewhere(tiny, three) -> None:
    with pytest.raises(InputError, match=r"experiment has CN-AD, CN-MCI; use compare"):
        cross_validate(three, tiny.folder / "run")
