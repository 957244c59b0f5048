"""compare_tasks: a run for each task, all checked before the first is trained."""

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from crosswarp.bids.cohort import read_cohort, write_cohort
from crosswarp.bids.tables import read_table
from crosswarp.documents import read_json
from crosswarp.errors import IncompleteError, InputError
from crosswarp.evaluation.evaluate import evaluate_run
from crosswarp.evaluation.predictions import read_predictions
from crosswarp.inputs import scan_files
from crosswarp.inputs.folds import make_folds, write_folds
from crosswarp.models.bundle import load_bundle
from crosswarp.report.assemble import write_report
from crosswarp.study.names import BUNDLE
from crosswarp.training import cross_validation
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
    with pytest.raises(
        InputError,
        match="with diagnosis MCI; it has 5 AD, 5 CN",
    ):
        compare_tasks(three, tiny.folder / "run")
    assert not (tiny.folder / "run").exists()


def test_every_map_and_sidecar_is_looked_at_once(tiny, monkeypatch) -> None:
    """Planning is done once, and what it has read is handed on."""
    asked, read = Counter(), Counter()
    is_file, read_record = Path.is_file, scan_files.read_record

    def counted(path: Path) -> bool:
        asked[path.name] += 1
        return is_file(path)

    def noted(path: Path, *rest: object) -> dict:
        read[path.name] += 1
        return read_record(path, *rest)

    def listed(plan, run, *_: object) -> pd.DataFrame:
        assert len(plan.cells(run)) == 2
        return pd.DataFrame()

    chosen = read_experiment(tiny.write())
    monkeypatch.setattr(Path, "is_file", counted)
    monkeypatch.setattr(scan_files, "read_record", noted)
    monkeypatch.setattr(cross_validation, "_carried_out", listed)
    compare_tasks(chosen, tiny.folder / "run")
    maps = [name for name in asked if name.startswith("sub-")]
    assert len(maps) == 16 * 2 * 2  # both maps and their sidecars
    # The first one is opened, too, for the grid.
    assert sum(asked[name] for name in maps) <= len(maps) + 1
    assert len(read) == 16 * 2
    assert set(read.values()) == {1}


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


@pytest.mark.usefixtures("three")
def test_a_merged_class_is_trained_and_evaluated(tiny) -> None:
    cohort = read_cohort(tiny.folder / "cohort.tsv")
    named = cohort["diagnosis"].replace({"MCI": "pMCI"})
    write_cohort(tiny.folder / "cohort.tsv", cohort.assign(diagnosis=named))
    merged = read_experiment(
        tiny.write(
            tasks=[["CN", "pMCI+AD"]],
            training=tiny.training(epochs=1),
            baselines=["logistic_jsm"],
        )
    )
    name = "CN-pMCI+AD"
    assert plan_tasks(merged)[name].summary().startswith("scans: 5 CN, 10 pMCI+AD\n")
    run = tiny.folder / "run"
    [(folder, predictions)] = compare_tasks(merged, run).items()
    assert folder.name == name
    assert set(predictions["diagnosis"]) == {"CN", "pMCI+AD"}
    assert read_predictions(folder / "predictions.tsv").positive == "pMCI+AD"
    metrics = evaluate_run(folder, resamples=100).metrics
    assert metrics.classes == ("CN", "pMCI+AD")
    assert {"jsm", "logistic_jsm"} < set(metrics.models)
    cell = folder / "models" / "jsm" / "repeat-0_fold-0"
    assert load_bundle(cell / BUNDLE).card.classes == ("CN", "pMCI+AD")
    assert "pMCI+AD" in write_report(folder).read_text()


def test_scans_passed_over_are_said_and_listed(tiny) -> None:
    tiny.add_second_sessions()
    said: list[str] = []
    chosen = read_experiment(tiny.write(training=tiny.training(epochs=1)))
    (made,) = compare_tasks(chosen, tiny.folder / "run", say=said.append).values()
    # The tiny grid has no atlas: what stands in every other table is said to be absent.
    assert [text.partition(":")[0] for text in said[1:]] == [
        "no hippocampal_volume",
        "no hippocampal_ventricular_volume",
    ]
    assert set(read_json(tiny.folder / "run" / "run.json")["absent"]) == {
        "hippocampal_volume",
        "hippocampal_ventricular_volume",
    }
    assert "2 later scans of 2 participants are passed over" in said[0]
    assert said[0].endswith("they are listed in run/passed_over.tsv")
    listed = read_table(tiny.folder / "run" / "passed_over.tsv")
    assert listed["session_id"].tolist() == ["ses-M12"] * 2
    assert (made["split"] == "test").sum() == 16


def test_all_scans_of_a_participant_are_trained_on_and_tested(tiny) -> None:
    tiny.add_second_sessions()
    path = tiny.write(
        training=tiny.training(epochs=1),
        scans_per_participant="all",
        baselines=[{"name": "svm", "classifier": "svm"}],
        volume_baselines=False,
    )
    said: list[str] = []
    run = tiny.folder / "run"
    (made,) = compare_tasks(read_experiment(path), run, say=said.append).values()
    assert not said
    assert not (run / "passed_over.tsv").exists()
    for _, rows in made.query("split == 'test'").groupby("model"):
        assert len(rows) == 18
        assert rows["participant_id"].nunique() == 16
