"""EpochOrder: a new order each epoch, that nothing but seed and epoch decide."""

import pytest

from crosswarp.inputs.order import EpochOrder, epoch_seed

CLASSES = [0] * 15 + [1] * 5


def order_of(epoch: int = 0, **changes) -> list[int]:
    order = EpochOrder(CLASSES, **{"batch_size": 4, "seed": 1, **changes})
    order.set_epoch(epoch)
    drawn = list(order)
    assert len(drawn) == len(order)
    return drawn


def test_each_scan_comes_once_in_an_order_of_the_epochs_own() -> None:
    assert sorted(order_of(0)) == list(range(20))
    assert order_of(3) == order_of(3)
    assert order_of(3) != order_of(4)
    assert order_of(3) != order_of(3, seed=2)


def test_an_iterator_that_nobody_used_changes_nothing() -> None:
    order = EpochOrder(CLASSES, batch_size=4, seed=1)
    iter(order)
    assert list(order) == order_of(0)


def test_balanced_draws_give_each_class_its_share() -> None:
    drawn = [CLASSES[n] for epoch in range(200) for n in order_of(epoch, balanced=True)]
    # 4,000 draws: the standard error of the share is 0.008.
    assert sum(drawn) / len(drawn) == pytest.approx(0.5, abs=0.03)
    assert len(order_of(0, balanced=True)) == 20


def test_balanced_draws_give_each_participant_its_share() -> None:
    """Ten scans of the first class are of one person, five of five others."""
    shares = [0.1] * 10 + [1.0] * 10
    drawn = [
        n for epoch in range(200) for n in order_of(epoch, balanced=True, shares=shares)
    ]
    first = [n for n in drawn if CLASSES[n] == 0]
    assert len(first) / len(drawn) == pytest.approx(0.5, abs=0.03)
    # One of six participants; the standard error is 0.008.
    assert sum(n < 10 for n in first) / len(first) == pytest.approx(1 / 6, abs=0.03)


def test_processes_share_the_scans() -> None:
    parts = [order_of(2, place=(rank, 3)) for rank in range(3)]
    assert [len(part) for part in parts] == [6, 6, 6]
    together = [n for part in parts for n in part]
    assert len(set(together)) == 18
    assert order_of(2)[:18:3] == parts[0]


@pytest.mark.parametrize(
    ("scans", "batch_size", "count"),
    [(20, 4, 20), (21, 4, 20), (21, 1, 21), (3, 4, 3), (1, 4, 1)],
)
def test_a_last_batch_of_one_is_left_out(scans, batch_size, count) -> None:
    order = EpochOrder([0] * scans, batch_size=batch_size, seed=0)
    assert len(order) == len(list(order)) == count


def test_processes_have_seeds_of_their_own() -> None:
    seeds = {epoch_seed(s, e, r) for s in (0, 1) for e in (0, 1) for r in (0, 1)}
    assert len(seeds) == 8
