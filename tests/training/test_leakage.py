"""Setups that leak are refused, or cannot change what was trained. One test each."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

from crosswarp.bids.tables import read_table, write_table
from crosswarp.errors import LeakageError
from crosswarp.evaluation.cells import cells_of, people_of
from crosswarp.evaluation.predictions import check_predictions
from crosswarp.inputs.datamodule import FoldData
from crosswarp.inputs.store import open_store
from crosswarp.training.cell import CellRequest
from crosswarp.training.cross_validation import cross_validate
from crosswarp.training.experiment import read_experiment
from crosswarp.training.fold import train_fold
from tests.evaluation.made_predictions import rows

VOXEL = {"like": "compact_jsm", "name": "jsm", "features": 8, "standardise": "voxel"}


def refuse(tiny, reason: str) -> None:
    run = tiny.folder / "run"
    with pytest.raises(LeakageError, match=reason):
        cross_validate(read_experiment(tiny.write()), run)
    assert not list(run.glob("models/*"))


def change_folds(tiny, change) -> None:
    path = tiny.folder / "folds.tsv"
    write_table(path, change(read_table(path)))


def test_a_participant_in_training_and_test_is_refused(tiny) -> None:
    def shared(folds: pd.DataFrame) -> pd.DataFrame:
        row = folds.query("fold == 1 and split == 'test'").head(1)
        return pd.concat([folds, row.assign(split="train")])

    change_folds(tiny, shared)
    refuse(tiny, "is in more than one split of a fold")


def test_a_participant_tested_in_two_folds_is_refused(tiny) -> None:
    def overlapping(folds: pd.DataFrame) -> pd.DataFrame:
        tested = set(folds.query("fold == 0 and split == 'test'")["participant_id"])
        again = (folds["fold"] == 1) & folds["participant_id"].isin(sorted(tested)[:1])
        return folds.assign(split=folds["split"].mask(again, "test"))

    change_folds(tiny, overlapping)
    refuse(tiny, "is tested in more than one fold")


@pytest.fixture
def cell(tiny) -> CellRequest:
    training = tiny.training(epochs=3, learning_rate=[0.003, 0.03], patience=2)
    return tiny.cells(models=[VOXEL], training=training)[0]


def with_other_test_scans(cell: CellRequest, change) -> CellRequest:
    """The same cell with other maps where the test part is."""
    store = cell.store.with_name("changed")
    store.mkdir()
    tested = [row for row, s in enumerate(cell.scans) if s.split == "test"]
    for name in ("t1w", "jsm"):
        maps = np.load(cell.store / f"{name}.npy")
        maps[tested] = change(maps[tested])
        np.save(store / f"{name}.npy", maps)
    folder = cell.folder.parent / "changed" / cell.folder.name
    return dataclasses.replace(cell, store=store, folder=folder)


@pytest.fixture
def pair(cell: CellRequest) -> tuple[CellRequest, CellRequest]:
    """A cell, and the same with nonsense for test scans and wrong labels."""
    changed = with_other_test_scans(cell, lambda maps: 7 - 9 * maps[::-1])
    scans = tuple(
        dataclasses.replace(s, diagnosis="CN" if s.diagnosis == "AD" else "AD")
        if s.split == "test"
        else s
        for s in cell.scans
    )
    changed = dataclasses.replace(changed, scans=scans)
    train_fold(cell)
    train_fold(changed)
    return cell, changed


def test_the_test_part_changes_nothing_before_the_end(pair) -> None:
    """Neither normalisation, weights, epoch, learning rate, nor validation scores."""
    cell, changed = pair
    for name in ("learning_curve.tsv", "learning_rates.tsv"):
        assert (cell.folder / name).read_bytes() == (changed.folder / name).read_bytes()
    one, other = (load_file(c.folder / "bundle/weights.safetensors") for c in pair)
    assert all(np.array_equal(one[key], other[key]) for key in one)
    first, second = (read_table(c.folder / "predictions.tsv") for c in pair)
    chosen_by = [table[table["split"] == "val"] for table in (first, second)]
    pd.testing.assert_frame_equal(*chosen_by)
    tested = [table[table["split"] == "test"]["logit_AD"] for table in (first, second)]
    assert not np.isclose(*tested).any()


def test_the_test_part_is_given_once(cell) -> None:
    data = FoldData(
        open_store(cell.store),
        [s.split for s in cell.scans],
        [0] * len(cell.scans),
        batch_size=2,
        seed=0,
    )
    assert sum(len(b["diagnosis"]) for b in data.test_dataloader()) == 8
    with pytest.raises(LeakageError, match="read once, after training"):
        data.test_dataloader()


def test_normalisation_is_fitted_on_the_training_part(pair) -> None:
    cell, _ = pair
    maps = open_store(cell.store).jsm.astype(np.float64)
    weights = load_file(cell.folder / "bundle" / "weights.safetensors")
    mean = weights["jsm_scaling.mean"]
    splits = np.array([s.split for s in cell.scans])
    np.testing.assert_allclose(mean, maps[splits == "train"].mean(axis=0), atol=1e-5)
    assert np.abs(mean - maps.mean(axis=0)).max() > 0.01


def test_thresholds_do_not_follow_the_test_part(rng) -> None:
    """Whatever the test scores are, the threshold is the same."""
    positive = np.linspace(0.2, 0.8, 48) + np.tile([0.0, 0.2], 24)
    diagnoses, folds = ["CN", "AD"] * 24, np.repeat([0, 1], 24)
    validated = rows(diagnoses, {"a": positive}, 1 - folds, split="val")

    def thresholds(tested: pd.DataFrame) -> list[float]:
        both = pd.concat([tested, validated], ignore_index=True)
        predictions = check_predictions(both, "made up")
        found = cells_of(predictions, "a", people_of(predictions))
        return [c.threshold.value for c in found if c.threshold is not None]

    one = thresholds(rows(diagnoses, {"a": positive}, folds))
    scores = rng.uniform(0, 1, 48)
    other = thresholds(rows(diagnoses, {"a": scores}, folds))
    assert one == other
    assert 0.5 not in one
