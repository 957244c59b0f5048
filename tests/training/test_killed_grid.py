"""`benchmarks.grid_resume`, small: a comparison whose program is killed twice."""

import pytest
from benchmarks.grid_resume import Grid

from crosswarp.documents import read_json

SMALL = {"features": 8, "standardise": "fixed"}
THREE = [
    {"like": "compact_jsm", "name": "jsm", **SMALL},
    {"like": "compact_t1w", "name": "t1w", **SMALL},
    {"like": "compact_cross_attention", "name": "fused", "dropout": 0.2, **SMALL},
]


@pytest.mark.slow
def test_a_comparison_killed_twice_ends_as_the_undisturbed_one(tiny) -> None:
    experiment = tiny.write(models=THREE, training=tiny.training(epochs=12))
    grid = Grid(tiny.folder, experiment, cells=6)
    undisturbed = grid.compare("one", workers=1)
    assert grid.compare("killed", workers=2, kills=2) == undisturbed
    first, second = read_json(tiny.folder / "killed.json")["killed_at"]
    assert 2 <= first["cells_done"] <= second["cells_done"] < 6
    assert first["cells_begun"] > 0
    assert second["cells_begun"] > 0
    left = list((tiny.folder / "killed").glob("models/*/.*"))
    assert left == []
