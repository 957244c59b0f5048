"""Every stage, killed at its first and last file event, or half-way.

All events: ``python -m tests.faults.long``.
"""

from pathlib import Path

import pytest

from tests.faults.harness import Harness
from tests.faults.kills import killed_at, prepare

CHEAP = (
    *("cohort", "folds", "evaluate", "explain", "power", "pretrain", "export"),
    "jacobian",
)


def spread(events: int, points: int) -> list[int]:
    """First, last, and some in between, the same each time."""
    if points == 1:
        return [max(1, events // 2)]
    return sorted({1 + (events - 1) * n // (points - 1) for n in range(points)})


def check(
    name: str, place: Path, harness: Harness, points: int, *, stale: bool
) -> None:
    bench = prepare(name, place, harness, stale=stale)
    wrong = {
        f"{at}: {bench.events[at - 1]}": found
        for at in spread(len(bench.events), points)
        if (found := killed_at(bench, at))
    }
    assert wrong == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", CHEAP)
def test_a_killed_stage_ends_with_the_same_bytes(name, tmp_path, harness) -> None:
    check(name, tmp_path, harness, 2, stale=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["simulate", "preprocess", "compare", "predict", "report"]
)
def test_a_killed_long_stage_ends_with_the_same_bytes(name, tmp_path, harness) -> None:
    check(name, tmp_path, harness, 1, stale=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["compare", "evaluate"])
def test_no_old_number_stands_beside_a_new_one(name, tmp_path, harness) -> None:
    check(name, tmp_path, harness, 1, stale=True)
