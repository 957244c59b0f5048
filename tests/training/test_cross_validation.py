"""cross_validate: learns, resumes, and gives the same bytes however it is run."""

import shutil

import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from crosswarp.bids.ids import ScanId
from crosswarp.bids.tables import read_table
from crosswarp.documents import read_json
from crosswarp.errors import (
    IncompleteError,
    MissingDerivativeError,
    OccupiedError,
)
from crosswarp.evaluation.predictions import read_predictions
from crosswarp.execution.pool import LocalEngine
from crosswarp.files import write_json
from crosswarp.models.bundle import load_bundle
from crosswarp.training.cross_validation import claim_run, cross_validate
from crosswarp.training.experiment import read_experiment, write_experiment
from crosswarp.training.tasks import compare_tasks
from tests.tiny_maps import map_path

CELLS = "models/*/repeat-*_fold-*"
SMALL = {"features": 8, "standardise": "fixed"}
TWO = [
    {"like": "compact_jsm", "name": "jsm", **SMALL},
    {"like": "compact_cross_attention", "name": "fused", **SMALL},
]


def times(run) -> dict[str, float]:
    return {
        str(path.relative_to(run)): path.stat().st_mtime_ns
        for path in run.glob(f"{CELLS}/done.json")
    }


def since(before: dict[str, float], run) -> set[str]:
    """Cells that were trained since."""
    return {name for name, time in times(run).items() if time != before.get(name)}


@pytest.mark.slow
def test_a_separable_cohort_is_learned_and_written_down(tiny) -> None:
    run = tiny.folder / "run"
    training = tiny.training(epochs=12)
    experiment = read_experiment(tiny.write(models=TWO, training=training))
    predictions = cross_validate(experiment, run, engine=LocalEngine(2))

    for _, rows in predictions.query("split == 'test'").groupby("model"):
        assert len(rows) == 16
        assert roc_auc_score(rows["diagnosis"] == "AD", rows["probability_AD"]) > 0.9
    assert set(predictions["split"]) == {"val", "test"}
    assert set(predictions["origin"]) == {"virtual"}
    assert read_predictions(run / "predictions.tsv").classes == ("CN", "AD")
    ledger = read_table(run / "ledger.tsv")
    assert ledger["status"].tolist() == ["ok"] * 4
    assert (ledger["peak_mb"] > 50).all()
    written = read_experiment(run / "experiment.yaml")
    assert (written.models, written.training) == (
        experiment.models,
        experiment.training,
    )
    assert "torch" in read_json(run / "environment.json")["versions"]
    assert not (run / "cache").exists()

    cell = run / "models" / "fused" / "repeat-0_fold-1"
    assert len(read_table(cell / "learning_curve.tsv")) == 12
    card = load_bundle(cell / "bundle").card
    tested = predictions.query("fold == 1 and split == 'test'")["participant_id"]
    assert not any(card.saw(name) for name in tested)
    assert len(card.people) == 8
    assert card.participants == ()
    assert len(card.preprocessing) == 16
    chosen_on = predictions.query("model == 'fused' and fold == 1 and split == 'val'")
    assert card.calibration is not None
    assert card.calibration.validation_scans == len(chosen_on)
    assert "too few" in card.calibration.temperature_rule


@pytest.mark.slow
def test_only_what_changed_is_redone(tiny) -> None:
    run = tiny.folder / "run"
    training = tiny.training(epochs=2)
    experiment = read_experiment(tiny.write(models=TWO, training=training))
    predictions = cross_validate(experiment, run, engine=LocalEngine(2))
    done = times(run)
    again = cross_validate(experiment, run)
    assert times(run) == done
    pd.testing.assert_frame_equal(again, predictions)

    changed = [TWO[0], {**TWO[1], "pooling": "max"}]
    cross_validate(read_experiment(tiny.write(models=changed, training=training)), run)
    assert since(done, run) == {name for name in done if "fused" in name}

    done = times(run)
    more = [*changed, {**TWO[0], "name": "more"}]
    cross_validate(read_experiment(tiny.write(models=more, training=training)), run)
    added = since(done, run)
    assert len(added) == 2
    assert all("more" in name for name in added)

    done = times(run)
    training = tiny.training(epochs=1)
    cross_validate(read_experiment(tiny.write(models=more, training=training)), run)
    assert since(done, run) == set(done)


def test_the_same_bytes_for_any_number_of_workers_and_after_a_loss(tiny) -> None:
    experiment = read_experiment(tiny.write())
    one, two = tiny.folder / "one", tiny.folder / "two"
    cross_validate(experiment, one, engine=LocalEngine(1))
    cross_validate(experiment, two, engine=LocalEngine(2))
    expected = (one / "predictions.tsv").read_bytes()
    assert (two / "predictions.tsv").read_bytes() == expected
    shutil.rmtree(two / "models" / "jsm" / "repeat-0_fold-1")
    (two / "predictions.tsv").unlink()
    cross_validate(experiment, two, engine=LocalEngine(1))
    assert (two / "predictions.tsv").read_bytes() == expected


def test_a_cell_that_fails_is_in_the_ledger_and_the_others_are_done(tiny) -> None:
    """A file stands where a fold's folder should be."""
    run = tiny.folder / "run"
    experiment = read_experiment(tiny.write(training=tiny.training(epochs=1)))
    blocked = run / "models" / "jsm" / "repeat-0_fold-1"
    cross_validate(experiment, run)
    shutil.rmtree(blocked)
    blocked.write_text("not a folder")
    with pytest.raises(IncompleteError, match=r"1 of 2 cells failed, .*jsm repeat 0 f"):
        cross_validate(experiment, run)
    ledger = read_table(run / "ledger.tsv")
    assert ledger["status"].tolist() == ["ok", "failed"]
    assert "NotADirectoryError" in ledger["reason"].iloc[1]
    assert set(read_table(run / "predictions.tsv")["fold"]) == {0}


def test_nothing_done_leaves_no_predictions(tiny) -> None:
    run = tiny.folder / "run"
    choices = tiny.training(epochs=1, learning_rate=1.0)
    experiment = read_experiment(tiny.write(training=choices))
    cross_validate(experiment, run)
    for fold in (0, 1):
        folder = run / "models" / "jsm" / f"repeat-0_fold-{fold}"
        shutil.rmtree(folder)
        folder.write_text("not a folder")
    with pytest.raises(IncompleteError, match="2 of 2 cells failed"):
        cross_validate(experiment, run)
    assert not (run / "predictions.tsv").exists()


def test_a_folder_of_something_else_is_left_alone(tiny) -> None:
    with pytest.raises(OccupiedError, match="holds something else"):
        cross_validate(read_experiment(tiny.write()), tiny.folder / "derivatives")


def test_the_run_of_another_experiment_is_left_alone(tiny) -> None:
    """The same experiment may change, as long as it is called the same."""
    run, experiment = tiny.folder / "run", read_experiment(tiny.write())
    run.mkdir()
    write_json(run / "environment.json", {"versions": {"crosswarp": "0.1.0"}})
    claim_run(run, "any")
    write_experiment(run / "experiment.yaml", experiment)
    claim_run(run, "tiny")
    other = read_experiment(tiny.write(name="other"))
    with pytest.raises(OccupiedError, match="the experiment 'tiny', not of 'other'"):
        cross_validate(other, run)
    with pytest.raises(OccupiedError, match="the experiment 'tiny', not of 'other'"):
        compare_tasks(other, run)
    assert read_experiment(run / "experiment.yaml").name == "tiny"


def test_a_run_without_some_scans_says_so(tiny) -> None:
    run = tiny.folder / "run"
    lost = map_path(tiny.folder / "derivatives", ScanId("sub-03"), "logjacobian")
    content = lost.read_bytes()
    lost.unlink()
    experiment = read_experiment(tiny.write(training=tiny.training(epochs=1)))
    with pytest.raises(
        MissingDerivativeError, match=r"sub-03; .* `allow_missing=True`"
    ):
        cross_validate(experiment, run)
    predictions = cross_validate(experiment, run, allow_missing=True)
    assert "sub-03" not in set(predictions["participant_id"])
    left_out = read_table(run / "missing.tsv")
    assert left_out["participant_id"].tolist() == ["sub-03"]
    assert left_out["lacks"].tolist() == ["jsm"]
    lost.write_bytes(content)
    predictions = cross_validate(experiment, run)
    assert "sub-03" in set(predictions["participant_id"])
    assert not (run / "missing.tsv").exists()
