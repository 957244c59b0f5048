"""Store: the maps of all scans, and no image under two names."""

import pickle
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from crosswarp.bids.cohort import read_cohort
from crosswarp.errors import LeakageError, StorageError
from crosswarp.inputs.datamodule import FoldData
from crosswarp.inputs.samples import find_grid, find_samples, read_map
from crosswarp.inputs.store import MapStore, open_store, write_store


@pytest.fixture
def samples(tiny, derivatives):
    return find_samples(read_cohort(tiny / "cohort.tsv"), derivatives)


def test_maps_come_back_in_order(tiny, samples, derivatives) -> None:
    grid = find_grid(samples, derivatives, crop=True)
    write_store(tiny / "cache", samples, grid)
    store = open_store(tiny / "cache")
    assert store.jsm.shape == (4, *grid.seen_extent)
    for row, files in enumerate(samples):
        np.testing.assert_allclose(store.t1w[row], read_map(files.t1w, grid), atol=5e-4)
        np.testing.assert_allclose(store.jsm[row], read_map(files.jsm, grid), atol=1e-3)


def test_one_image_of_two_participants_is_leakage(tiny, samples, derivatives) -> None:
    shutil.copy(samples[0].t1w, samples[3].t1w)
    grid = find_grid(samples, derivatives, crop=True)
    with pytest.raises(LeakageError, match="sub-00 and sub-03 have the same T1w"):
        write_store(tiny / "cache", samples, grid)
    assert not (tiny / "cache").exists()


def test_a_disk_that_is_too_small_is_said_before_a_map_is_read(
    tiny, samples, derivatives, monkeypatch
) -> None:
    grid = find_grid(samples, derivatives, crop=True)
    scan = 2 * 2 * int(np.prod(grid.seen_extent))
    free = SimpleNamespace(free=3 * scan + 1)
    monkeypatch.setattr("crosswarp.disks.shutil.disk_usage", lambda _: free)
    monkeypatch.setattr("crosswarp.inputs.store.read_maps", None)
    with pytest.raises(
        StorageError, match=r"maps of 4 scans need .*, enough for 3; fr"
    ):
        write_store(tiny / "run" / "cache", samples, grid)
    assert not (tiny / "run").exists()


def test_another_process_is_sent_the_place_and_not_the_maps(
    tiny, samples, derivatives
) -> None:
    write_store(tiny / "cache", samples, find_grid(samples, derivatives, crop=True))
    store = open_store(tiny / "cache")
    sent = pickle.dumps(store)
    assert len(sent) < 1000
    received = pickle.loads(sent)  # noqa: S301 - our own
    np.testing.assert_array_equal(received.jsm, store.jsm)
    assert isinstance(received.t1w, np.memmap)
    alone = MapStore(np.asarray(store.t1w)[:1].copy(), np.asarray(store.jsm)[:1].copy())
    received = pickle.loads(pickle.dumps(alone))  # noqa: S301
    np.testing.assert_array_equal(received.jsm, store.jsm[:1])


@pytest.fixture
def data(tiny, samples, derivatives) -> FoldData:
    write_store(tiny / "cache", samples, find_grid(samples, derivatives, crop=True))
    return FoldData(
        open_store(tiny / "cache"),
        ["train", "val", None, "train"],
        [0, 1, 0, 1],
        batch_size=2,
        seed=0,
    )


def test_loaders_keep_splits_apart(data: FoldData) -> None:
    (batch,) = data.train_dataloader()
    assert sorted(batch["diagnosis"].tolist()) == [0, 1]
    assert batch["t1w"].shape == (2, 1, 26, 26, 26)
    (val,) = data.val_dataloader()
    assert val["diagnosis"].tolist() == [1]
    np.testing.assert_array_equal(val["jsm"][0, 0], data.store.jsm[1])


def test_statistics_see_the_training_part_alone(data: FoldData) -> None:
    maps = list(data.training_maps("jsm"))
    assert len(maps) == 2
    np.testing.assert_array_equal(maps[1][0, 0], data.store.jsm[3])


def test_a_last_batch_of_one_is_left_out(data: FoldData) -> None:
    data.splits = ["train", "train", "train", "test"]
    assert [len(b["diagnosis"]) for b in data.train_dataloader()] == [2]
    data.splits = ["train", "test", "test", "test"]
    assert [len(b["diagnosis"]) for b in data.train_dataloader()] == [1]


def test_scans_of_one_participant_share_its_weight(data: FoldData) -> None:
    data.splits = ["train", "train", "train", "val"]
    assert data.shares("train") == [1.0, 1.0, 1.0]
    data.participants = ["a", "b", "b", "c"]
    assert data.shares("train") == [1.0, 0.5, 0.5]
    # With a mean of 1, so that a loss does not depend on how many scans there are.
    batches = list(DataLoader(data._dataset("train", weighted=True), batch_size=3))
    assert batches[0]["weight"].tolist() == [1.5, 0.75, 0.75]
    (val,) = data.val_dataloader()
    assert val["weight"].tolist() == [1.0]
    seen = torch.cat([batch["weight"] for batch in data.train_dataloader()])
    assert set(seen.tolist()) <= {1.5, 0.75}


def test_balanced_draws_need_no_weights(data: FoldData) -> None:
    data.participants, data.balanced = ["a", "b", "b", "a"], True
    seen = torch.cat([batch["weight"] for batch in data.train_dataloader()])
    assert set(seen.tolist()) == {1.0}
