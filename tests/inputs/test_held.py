"""Maps in the memory of a device are the same numbers as those of the store."""

import numpy as np
import pytest
import torch

from crosswarp.inputs.datamodule import FoldData
from crosswarp.inputs.dataset import PairDataset
from crosswarp.inputs.held import HeldMaps, fits, hold
from crosswarp.inputs.store import MapStore


@pytest.fixture
def store() -> MapStore:
    drawn = np.random.default_rng(0)
    t1w, jsm = drawn.normal(size=(2, 4, 5, 6, 7)).astype(np.float16)
    return MapStore(t1w, jsm)


def _data(store: MapStore) -> FoldData:
    return FoldData(
        store, ["train", "test", "train", "test"], [0, 1, 1, 0], batch_size=2, seed=0
    )


def test_batches_are_the_same_to_the_last_bit(store: MapStore) -> None:
    read, held = _data(store), _data(store)
    held.held = hold(store, torch.device("cpu"))
    for ours, theirs in zip(
        held.train_dataloader(), read.train_dataloader(), strict=True
    ):
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    for name in ("t1w", "jsm"):
        ours, theirs = (list(data.training_maps(name)) for data in (held, read))
        assert all(map(torch.equal, ours, theirs))


def test_an_exchanged_pair_is_the_same(store: MapStore) -> None:
    held = hold(store, torch.device("cpu"))
    pairs = [(1, 3)]
    ours, theirs = (PairDataset(maps, pairs)[0] for maps in (held, store))
    assert torch.equal(ours["t1w"], theirs["t1w"])
    assert torch.equal(ours["jsm"], theirs["jsm"])


def test_held_maps_stay_at_16_bits(store: MapStore) -> None:
    held = hold(store, torch.device("cpu"))
    assert isinstance(held, HeldMaps)
    assert held.t1w.nbytes + held.jsm.nbytes == store.t1w.nbytes + store.jsm.nbytes


def test_they_may_take_a_third_of_what_is_free(store: MapStore) -> None:
    whole = store.t1w.nbytes + store.jsm.nbytes
    assert fits(store, 3.0 * whole)
    assert not fits(store, 3.0 * whole - 1)
