"""A run on maps of change: trained, evaluated, explained, reported as what it is."""

from pathlib import Path

import pytest

from crosswarp.bids.tables import read_table
from crosswarp.evaluation.evaluate import evaluate_run
from crosswarp.execution.pool import LocalEngine
from crosswarp.explanation import explain as module
from crosswarp.explanation.explain import explain_run
from crosswarp.report.assemble import write_report
from crosswarp.training.cross_validation import cross_validate
from crosswarp.training.experiment import read_experiment
from tests.explanation.test_explain import MODELS, halves
from tests.training.conftest import Tiny
from tests.training.visits import add_visits


@pytest.mark.slow
def test_a_run_on_change_is_explained_and_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = Tiny(tmp_path / "tiny")
    add_visits(tiny)
    experiment = read_experiment(
        tiny.write(
            maps=["jsm", "change"], models=MODELS[:1], training=tiny.training(epochs=1)
        )
    )
    run = tiny.folder / "run"
    cross_validate(experiment, run, engine=LocalEngine(2))
    evaluate_run(run, resamples=100)
    monkeypatch.setattr(module, "load_atlas", halves)
    explain_run(run, models=["fused"])
    regions = read_table(run / "attribution" / "fused" / "regions.tsv")
    assert regions.groupby("map")["share"].sum().tolist() == pytest.approx([1, 1])
    page = write_report(run).read_text(encoding="utf-8")
    assert "map of change" in page
    first, second = (
        page.split(f'id="figure-attribution_{slot}"')[1].split("</figcaption>")[0]
        for slot in ("t1w", "jsm")
    )
    assert "mean attribution to the log-Jacobian map" in first
    assert "mean attribution to the map of change" in second
    assert "Registration of the maps" in first
    assert "Registration of the maps" not in second
