"""Baselines in a run: the same folds and table as networks, and no torch."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from crosswarp.atlas import load_atlas
from crosswarp.baselines.settings import BASELINES, DEFAULTS
from crosswarp.bids.ids import ScanId
from crosswarp.bids.tables import read_table
from crosswarp.documents import read_json
from crosswarp.errors import InputError, MissingDerivativeError, ShapeError
from crosswarp.evaluation.predictions import read_predictions
from crosswarp.inputs.grid import Grid, whole_box
from crosswarp.registration.template import load_template
from crosswarp.study.harmonisation import find_harmonisation
from crosswarp.training.baseline import (
    BaselineRequest,
    check_baselines,
    fit_baseline,
)
from crosswarp.training.cross_validation import cross_validate
from crosswarp.training.experiment import read_experiment
from crosswarp.training.plan import plan_run
from crosswarp.training.scans import CellScan
from crosswarp.training.sites import scan_sites
from tests.tiny_maps import EXTENT, REGION, tiny_affine, tiny_brain, write_map


@pytest.mark.slow
def test_baselines_stand_in_the_same_table_after_the_networks(tiny) -> None:
    names = ["svm_jsm", "logistic_both", "logistic_t1w"]
    path = tiny.write(training=tiny.training(epochs=1), baselines=names)
    run = tiny.folder / "run"
    table = cross_validate(read_experiment(path), run)
    assert list(dict.fromkeys(table["model"])) == ["jsm", *sorted(names)]
    checked = read_predictions(run / "predictions.tsv")
    for name in names:
        tested = checked.of(name, "test")
        assert len(tested) == 16
        aucs = [
            roc_auc_score(part["diagnosis"] == "AD", part["probability_AD"])
            for _, part in tested.groupby("fold")
        ]
        assert np.mean(aucs) >= 0.9, name
        done = read_json(run / "models" / name / "repeat-0_fold-0/done.json")
        assert done["calibrated_on"] == ("val" if name.startswith("svm") else None)
        assert 0 <= done["inner_auc"] <= 1
    ledger = read_table(run / "ledger.tsv")
    assert (ledger["status"] == "ok").all()
    assert len(ledger) == 8
    before = (run / "models/svm_jsm/repeat-0_fold-0/done.json").stat().st_mtime_ns
    cross_validate(read_experiment(path), run)
    again = (run / "models/svm_jsm/repeat-0_fold-0/done.json").stat().st_mtime_ns
    assert again == before
    more = tiny.write(training=tiny.training(epochs=2), baselines=names)
    cross_validate(read_experiment(more), run)
    kept = (run / "models/svm_jsm/repeat-0_fold-0/done.json").stat().st_mtime_ns
    assert kept == before, "epochs are nothing to a baseline"


def test_a_plan_counts_baselines_and_checks_what_they_need(tiny) -> None:
    def plan(*names: object):
        return plan_run(read_experiment(tiny.write(baselines=list(names))))

    assert plan("svm_jsm").summary().endswith("models: jsm, svm_jsm\ncells: 4")
    with pytest.raises(ShapeError, match="the atlas has"):
        plan("volumes_jsm")
    with pytest.raises(InputError, match=r"baselines\.0.*did you mean svm_jsm"):
        plan("svm_jms")
    with pytest.raises(InputError, match="jsm is there twice"):
        plan({"name": "jsm"})
    mask = next((tiny.folder / "derivatives").rglob("*_mask.nii.gz"))
    mask.unlink()
    with pytest.raises(MissingDerivativeError, match="voxel-wise baselines need"):
        plan_run(read_experiment(tiny.write(baselines=["svm_jsm"], crop=False)))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["volumes_jsm", "regions_both"])
def test_regions_on_the_real_grid_find_atrophied_hippocampi(
    tmp_path: Path, name: str
) -> None:
    brain = load_template(2).brain
    labels, regions = load_atlas(brain.extent, brain.affine)
    hippocampi = np.isin(labels, [r.label for r in regions if r.name == "hippocampus"])
    assert hippocampi.sum() > 500
    rng = np.random.default_rng(0)
    store = tmp_path / "store"
    store.mkdir()
    scans, maps = [], np.zeros((16, *brain.extent), np.float16)
    for number in range(16):
        is_ad = number % 2
        # Each participant's own size of everything is no sign of the disease.
        maps[number] = rng.normal(0, 0.05)
        maps[number][hippocampi] += rng.normal(-0.2 * is_ad, 0.02)
        scans.append(
            CellScan(
                ScanId(f"sub-{number:02d}"),
                "AD" if is_ad else "CN",
                "virtual",
                "train" if number < 10 else "test",
            )
        )
    for one in ("t1w", "jsm"):
        np.save(store / f"{one}.npy", maps)
    grid = Grid(
        "MNI152NLin2009cSym", 2, brain.extent, brain.affine, whole_box(brain.extent)
    )
    request = BaselineRequest(
        model=BASELINES[name],
        classes=("CN", "AD"),
        repeat=0,
        fold=0,
        seed=0,
        scans=tuple(scans),
        grid=grid,
        brain=tmp_path / "none.nii.gz",
        store=store,
        folder=tmp_path / "cell",
        fingerprint="a",
    )
    fit_baseline(request)
    table = read_table(tmp_path / "cell/predictions.tsv")
    assert len(table) == 6
    ranked = table.sort_values("probability_AD")["diagnosis"].tolist()
    assert ranked == ["CN"] * 3 + ["AD"] * 3


def test_smoothed_products_are_computed_once_for_all_folds(tmp_path: Path, rng) -> None:
    """They are those of the maps in the brain; the second fold reads them."""
    store, brain = tmp_path / "store", tiny_brain()
    store.mkdir()
    diagnoses = ["CN", "AD"] * 8
    jsm = rng.normal(0, 0.1, (16, *EXTENT)).astype(np.float16)
    jsm[1::2, *REGION] -= 1.0
    np.save(store / "jsm.npy", jsm)
    np.save(store / "t1w.npy", np.abs(jsm))
    write_map(tmp_path / "mask.nii.gz", brain)
    grid = Grid("any", 2, EXTENT, tiny_affine(), whole_box(EXTENT))
    written = []
    for fold in (0, 1):
        scans = tuple(
            CellScan(ScanId(f"sub-{n:02d}"), d, "virtual", ("train", "test")[n // 8])
            for n, d in enumerate(diagnoses)
        )
        request = BaselineRequest(
            model=BASELINES["logistic_both"],
            classes=("CN", "AD"),
            repeat=0,
            fold=fold,
            seed=0,
            scans=scans,
            grid=grid,
            brain=tmp_path / "mask.nii.gz",
            store=store,
            folder=tmp_path / str(fold),
            fingerprint="a",
        )
        done = fit_baseline(request)
        assert done["fwhm_mm"] in (0.0, 4.0, 8.0)
        found = {path.name: path for path in store.glob("products_*")}
        assert set(found) == {
            f"products_{name}_fwhm-{fwhm}mm.npy"
            for name in ("t1w", "jsm")
            for fwhm in (0, 4, 8)
        }
        written.append({n: p.stat().st_mtime_ns for n, p in found.items()})
    assert written[0] == written[1]
    flat = jsm[:, brain].astype(np.float64)
    np.testing.assert_allclose(
        np.load(store / "products_jsm_fwhm-0mm.npy"), flat @ flat.T
    )
    table = read_table(tmp_path / "1/predictions.tsv")
    assert roc_auc_score(table["diagnosis"] == "AD", table["probability_AD"]) == 1.0


def test_a_baselines_process_loads_no_torch() -> None:
    program = (
        "import sys, json, crosswarp.training.baseline;"
        "print(json.dumps([m for m in ('torch', 'lightning') if m in sys.modules]))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert json.loads(printed.stdout) == []


def test_volumes_of_every_table_are_absent_where_the_atlas_does_not_fit(tiny) -> None:
    """Nobody asked for them: a run goes on without, and says why."""
    experiment = read_experiment(tiny.write())
    added = ["hippocampal_volume", "hippocampal_ventricular_volume"]
    assert experiment.names == ["jsm", *added]
    found = plan_run(experiment)
    assert list(found.absent) == added
    assert found.baselines == []
    assert found.absent[added[0]].startswith("the atlas has")
    off = plan_run(read_experiment(tiny.write(volume_baselines=False)))
    assert (off.absent, off.experiment.names) == ({}, ["jsm"])
    primary = {"model": "jsm", "reference": added[0]}
    with pytest.raises(ShapeError, match="the atlas has"):
        plan_run(read_experiment(tiny.write(primary=primary)))
    with pytest.raises(ShapeError, match="the atlas has"):
        plan_run(read_experiment(tiny.write(baselines=[added[1]])))
    listed = read_experiment(tiny.write(baselines=[added[1]]))
    assert listed.names == ["jsm", added[1], added[0]], "none is there twice"


def test_structures_without_a_voxel_are_refused(tmp_path: Path) -> None:
    brain = load_template(2).brain
    corner = ((0, 8), (0, 8), (0, 8))
    grid = Grid("MNI152NLin2009cSym", 2, brain.extent, brain.affine, corner)
    with pytest.raises(ShapeError, match="hippocampal_volume: no voxel of hippocampus"):
        check_baselines(DEFAULTS, tmp_path / "none", grid)


def harmonised(
    folder: Path, scans: list[CellScan], **changes: object
) -> BaselineRequest:
    """Request a fold on the real grid whose maps have a site's shift everywhere."""
    brain = load_template(2).brain
    labels, regions = load_atlas(brain.extent, brain.affine)
    small = np.isin(labels, [r.label for r in regions if r.name == "hippocampus"])
    rng = np.random.default_rng(0)
    maps = np.zeros((len(scans), *brain.extent), np.float16)
    for number, scan in enumerate(scans):
        maps[number] = rng.normal(0, 0.02) + 0.5 * (SITES[number] == "b")
        maps[number][small] += rng.normal(-0.2 * (scan.diagnosis == "AD"), 0.02)
    (folder / "store").mkdir(parents=True)
    for name in ("t1w", "jsm"):
        np.save(folder / "store" / f"{name}.npy", maps)
    own = BASELINES["hippocampal_volume"].model_copy(
        update={"harmonise": "site", **changes}
    )
    known = pd.DataFrame(
        {"site": SITES, "age_years": np.arange(70.0, 86.0)},
        index=pd.MultiIndex.from_tuples(
            [(s.scan.participant_id, "n/a") for s in scans],
            names=["participant_id", "session_id"],
        ),
    )
    return BaselineRequest(
        model=own,
        classes=("CN", "AD"),
        repeat=0,
        fold=0,
        seed=0,
        scans=tuple(scans),
        grid=Grid(
            "MNI152NLin2009cSym", 2, brain.extent, brain.affine, whole_box(brain.extent)
        ),
        brain=folder / "none.nii.gz",
        store=folder / "store",
        folder=folder / "cell",
        fingerprint="a",
        sites=scan_sites(own, [s.scan for s in scans], known),
    )


SITES = [*("a", "a", "b", "b") * 3, "a", "b", "c", None]
"""Twelve scans that are fitted on, and four tested: two of them of no known site."""


@pytest.mark.slow
def test_sites_are_harmonised_by_the_training_part_alone(tmp_path: Path) -> None:
    """Diagnosis and site of the test part are nothing to the fit; what was is kept."""
    scans = [
        CellScan(
            ScanId(f"sub-{n:02d}"),
            ("CN", "AD")[n % 2],
            "virtual",
            "train" if n < 12 else "test",
        )
        for n in range(16)
    ]
    protect = ("diagnosis", "age_years")
    done = fit_baseline(harmonised(tmp_path / "one", scans, protect=protect))
    folder = tmp_path / "one" / "cell"
    assert "harmonisation.json" in done["products"]
    found = find_harmonisation(folder)
    assert found is not None
    assert (found.tested, found.passed_through) == (4, 2)
    assert set(found.sites) == {"a", "b"}
    assert found.sites["a"].participants == 6
    assert found.covariates == ("age_years",)
    assert found.regions[-1] == "hippocampus"
    assert len(found.regions) == len(found.mean) > 90
    apart = np.subtract(found.sites["b"].shift, found.sites["a"].shift)
    np.testing.assert_allclose(apart * np.array(found.deviation), 0.5, atol=0.06)
    table = read_table(folder / "predictions.tsv", text=["participant_id"])
    answers = table.set_index("participant_id")["probability_AD"]
    assert answers["sub-12"] < 0.5 < answers["sub-13"], "CN of a, AD of b"

    other = [
        replace(s, diagnosis="AD" if s.diagnosis == "CN" else "CN")
        if s.split == "test"
        else s
        for s in scans
    ]
    # The maps are made by the first diagnoses.
    request = harmonised(tmp_path / "two", scans, protect=protect)
    fit_baseline(replace(request, scans=tuple(other)))
    spoilt = read_table(tmp_path / "two" / "cell" / "predictions.tsv")
    np.testing.assert_array_equal(spoilt["probability_AD"], table["probability_AD"])
    assert find_harmonisation(tmp_path / "two" / "cell") == found


def test_volumes_need_the_space_of_the_atlas(tmp_path: Path) -> None:
    brain = load_template(2).brain
    box = whole_box(brain.extent)
    ours, own = (
        Grid(space, 2, brain.extent, brain.affine, box)
        for space in ("MNI152NLin2009cSym", "Own")
    )
    check_baselines([BASELINES["volumes_jsm"]], tmp_path / "none", ours)
    with pytest.raises(InputError, match="lies in MNI152NLin2009cSym, the maps in Own"):
        check_baselines([BASELINES["volumes_jsm"]], tmp_path / "none", own)
