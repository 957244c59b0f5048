"""explain_run: tiny maps through real training; the atlas needs the real grid."""

from pathlib import Path

import numpy as np
import pytest

from crosswarp.atlas import Region
from crosswarp.bids.tables import read_table
from crosswarp.errors import InputError
from crosswarp.execution.isolated import run_isolated
from crosswarp.execution.pool import LocalEngine
from crosswarp.explanation import cell as cells
from crosswarp.explanation import explain as module
from crosswarp.explanation.cell import CellToExplain, Sums, explain_cell
from crosswarp.explanation.explain import explain_run
from crosswarp.inputs.folds import read_folds
from crosswarp.inputs.samples import read_map
from crosswarp.models.bundle import load_bundle
from crosswarp.study.attribution import read_attribution
from crosswarp.study.names import ATTRIBUTION, ATTRIBUTION_CARD
from crosswarp.training.cross_validation import cross_validate
from crosswarp.training.experiment import read_experiment
from tests.training.conftest import Tiny

pytestmark = pytest.mark.slow

MODELS = [
    {"like": "compact_cross_attention", "name": "fused", "features": 8},
    {"like": "compact_jsm", "name": "jsm", "features": 8},
]


def halves(extent: tuple[int, int, int], _: np.ndarray):
    """A stand-in for the atlas, which lies on the real template's grid alone."""
    labels = np.ones(extent, int)
    labels[extent[0] // 2 :] = 2
    return labels, [Region(1, "half", "left"), Region(2, "half", "right")]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tiny = Tiny(tmp_path_factory.mktemp("tiny"))
    training = tiny.training(epochs=2)
    experiment = read_experiment(tiny.write(models=MODELS, training=training))
    cross_validate(experiment, tiny.folder / "run", engine=LocalEngine(2))
    return tiny.folder / "run"


@pytest.fixture(autouse=True)
def _halves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "load_atlas", halves)


def test_maps_regions_and_card_are_written(run: Path) -> None:
    card = explain_run(run, models=["fused", "jsm"], workers=2)
    assert card.models == ("fused", "jsm")
    assert card == read_attribution(run)
    assert card.scans == 16
    assert "nothing about diagnostic accuracy" in card.note
    assert card.completeness_error_logits < 0.5
    outside = card.outside_brain
    assert set(outside["fused"]) == {"jsm", "t1w"}
    assert 0 <= outside["jsm"]["jsm"] < 1
    fused = read_table(run / ATTRIBUTION / "fused" / "regions.tsv")
    assert set(fused["map"]) == {"jsm", "t1w"}
    assert fused.groupby("map")["share"].sum().tolist() == pytest.approx([1, 1])
    jsm = read_table(run / ATTRIBUTION / "jsm" / "regions.tsv")
    assert set(jsm["map"]) == {"jsm"}
    assert not (run / ATTRIBUTION / "jsm" / "t1w.nii.gz").exists()


def test_again_it_is_left_as_it_is(run: Path) -> None:
    explain_run(run)
    path = run / ATTRIBUTION / "fused" / "jsm.nii.gz"
    before = path.stat().st_mtime_ns
    explain_run(run)
    assert path.stat().st_mtime_ns == before


def test_the_same_bytes_with_any_number_of_workers(run: Path) -> None:
    path = run / ATTRIBUTION / "fused" / "t1w.nii.gz"
    found = []
    for workers in (1, 2):
        (run / ATTRIBUTION / ATTRIBUTION_CARD).unlink(missing_ok=True)
        explain_run(run, models=["fused"], workers=workers)
        found.append(path.read_bytes())
    assert found[0] == found[1]


def test_an_unknown_model_is_refused(run: Path) -> None:
    with pytest.raises(InputError, match="no model nope; it has fused, jsm"):
        explain_run(run, models=["nope"])


def test_sums_add_up() -> None:
    one, other = (
        Sums(np.full((1, 1, 1), n), np.full((1, 1, 1), 2 * n)) for n in (1.0, 2.0)
    )
    one.add(other)
    assert (one.signed.item(), one.absolute.item()) == (3, 6)


def test_the_baseline_is_the_mean_of_the_training_part_alone(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither those who chose the epoch nor those who are tested are in it."""
    experiment = read_experiment(run / "experiment.yaml")
    inputs = module._inputs(experiment)
    predictions = read_table(run / "predictions.tsv", text=["participant_id"])
    answers = predictions.query("model == 'fused'")
    (cell, *_) = module._cells(run, "fused", answers, inputs)
    folds = read_folds(experiment.folds).query("repeat == 0 and fold == 0")
    trained = set(folds.query("split == 'train'")["participant_id"])
    card = load_bundle(cell.bundle).card
    assert all(card.saw(name) for name in trained)
    assert len(card.people) > len(trained)
    seen = []

    def noted(_, scan, baseline, *, positive: int):
        assert positive == 1
        seen.append(baseline)
        return scan, 0.0

    monkeypatch.setattr(cells, "integrated_gradients", noted)
    explain_cell(cell)
    expected = np.mean(
        [
            read_map(files.jsm, inputs.grid)
            for files in inputs.samples.values()
            if files.scan.participant_id in trained
        ],
        axis=0,
    )
    np.testing.assert_allclose(seen[0][1][0, 0].numpy(), expected, atol=1e-5)


def test_training_scans_that_are_gone_are_said(run: Path) -> None:
    from crosswarp.explanation.explain import _inputs

    inputs = _inputs(read_experiment(run / "experiment.yaml"))
    bundle = run / "models" / "fused" / "repeat-0_fold-0" / "bundle"
    cell = CellToExplain(bundle, (), (), inputs.grid)
    outcome = run_isolated(explain_cell, cell)
    assert outcome.status == "failed"
    assert "not in the cohort any more" in outcome.reason
