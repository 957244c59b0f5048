"""Our chain beside the paper's: medians of turns, ratios, and what is compared."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from benchmarks import performance_chain
from benchmarks.performance_chain import (
    SCAN,
    SIDES,
    Task,
    alike,
    compare_chains,
    table,
    timed,
)

from crosswarp.preprocessing.request import map_path
from crosswarp.registration.template import Template
from crosswarp.types.arrays import SpatialMap


def test_ratios_are_over_our_chain_on_as_many_threads(monkeypatch) -> None:
    seconds = {("ours", 1): 10.0, ("ours", 2): 12.0}
    seconds |= {("the paper's, by ANTs", 1): 50.0, ("the paper's, by ANTs", 2): 48.0}
    names = {side: name for name, side in SIDES.items()}
    monkeypatch.setattr(performance_chain, "prepare", lambda _: None)
    monkeypatch.setattr(
        performance_chain,
        "_once",
        lambda side, _, threads: (seconds[names[side], threads], 1.0, 900.0),
    )
    costs = compare_chains(Task(Path("scan"), Path("out")), 3)
    assert [(c.threads, c.ratio) for c in costs] == [(1, 1), (1, 5), (2, 1), (2, 4)]
    lines = table(costs, {"maps": 0.5}).splitlines()
    assert lines[3] == "| the paper's, by ANTs | 1 | 50.0 | 1.0 | 900 | 5 |"
    assert lines[-1] == "maps: r = 0.500"


def test_a_side_is_timed_on_both_clocks() -> None:
    used, wall = timed(lambda: sum(range(300_000)))
    assert 0 < used < 30
    assert wall > 0


def test_maps_of_both_sides_are_correlated(tmp_path: Path, monkeypatch) -> None:
    values = np.random.default_rng(0).random((5, 6, 7)).astype(np.float32)
    brain = SpatialMap(values, np.eye(4))
    template = Template(brain, np.ones(values.shape, dtype=bool), 1)
    monkeypatch.setattr(performance_chain, "load_template", lambda _: template)
    task = Task(tmp_path / "scan.nii.gz", tmp_path)
    written = {task.file(name): values for name in ("t1w", "warped")}
    written[task.file("jsm")] = -values
    for desc in ("preproc", "logjacobian"):
        written[map_path(tmp_path, SCAN, 1, desc)] = values
    for path, content in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        nib.save(nib.Nifti1Image(content, np.eye(4)), path)
    assert list(alike(task).values()) == pytest.approx([1, -1, 1])
