"""The validation study's own arithmetic: where it is wrong, so is every figure."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from benchmarks.validation_study import coarse, null
from benchmarks.validation_study.chain import Case, agreement, summed
from benchmarks.validation_study.chain_curves import Compared, chain_curves
from benchmarks.validation_study.curves import NETWORKS, first_of_each
from benchmarks.validation_study.difficulty import cohort_of, drawn_difficulty
from benchmarks.validation_study.dose import changes
from benchmarks.validation_study.linear import (
    chosen_of,
    linear_predictions,
    products_of,
)
from benchmarks.validation_study.page import difficulty_table, markdown, page
from benchmarks.validation_study.pieces import done_or_made, rows_of
from benchmarks.validation_study.scoring import scores_of

from crosswarp.bids.tables import read_table
from crosswarp.inputs.folds import make_folds
from crosswarp.registration.template import load_template
from crosswarp.simulation.drawing import draw_participant
from crosswarp.simulation.regions import region_ids
from tests.tiny_maps import write_tiny_cohort


def test_a_piece_is_made_once(tmp_path: Path) -> None:
    first = done_or_made(tmp_path, "dose/one", lambda: {"auc": 0.5})
    again = done_or_made(tmp_path, "dose/one", lambda: {"auc": 0.9})
    done_or_made(tmp_path, "dose/two", lambda: {"auc": 0.7})
    assert first == again == {"auc": 0.5}
    assert rows_of(tmp_path, "dose")["auc"].tolist() == [0.5, 0.7]
    assert rows_of(tmp_path, "null").empty


def test_a_piece_that_fails_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        done_or_made(tmp_path, "dose/one", lambda: {"auc": 1 / 0})
    assert rows_of(tmp_path, "dose").empty


def test_products_of_participants_that_are_kept_are_those_of_their_maps(
    rng: np.random.Generator,
) -> None:
    maps = rng.normal(3, 1, (6, 7, 8, 9)).astype(np.float32)
    voxels = rng.random((7, 8, 9)) < 0.5
    kept = np.array([4, 0, 1])
    found = chosen_of(products_of(maps, voxels, (2.0, 2.0, 2.0)), kept)
    assert set(found) == {0.0, 4.0, 8.0}
    flat = maps[kept][:, voxels].astype(float)
    np.testing.assert_allclose(found[0.0], flat @ flat.T, rtol=1e-6)
    assert (np.diag(found[4.0]) < np.diag(found[0.0])).all()


def test_the_linear_model_finds_a_small_region(rng: np.random.Generator) -> None:
    """And nothing where the labels are dealt at random."""
    maps = rng.normal(0, 1, (80, 15, 15, 15))
    voxels = np.ones(maps.shape[1:], dtype=bool)
    nothing = products_of(maps, voxels, (2.0, 2.0, 2.0))
    maps[40:, 4:8, 4:8, 4:8] -= 1.0
    something = products_of(maps, voxels, (2.0, 2.0, 2.0))
    cohort = cohort_of(np.repeat(["CN", "AD"], 40))
    folds = make_folds(cohort, folds=4)
    found = linear_predictions("linear", something, cohort, folds)
    assert scores_of(found)["linear"]["auc"] > 0.9
    lost = scores_of(linear_predictions("linear", nothing, cohort, folds))["linear"]
    assert lost["low"] < 0.5 < lost["high"]
    tested = found[found["split"] == "test"]
    assert sorted(tested["participant_id"]) == sorted(cohort["participant_id"])


def test_drawn_volumes_tell_patients_better_than_mci_and_nothing_in_null() -> None:
    """Two hundred people, five folds: the areas move by some hundredths."""
    patients, mci = (
        {row["positive"]: row["auc"] for row in drawn_difficulty("realistic", 300)}[d]
        for d in ("AD", "MCI")
    )
    # An oracle of the severity of volume has 0.85 and 0.68 (tests of worlds).
    assert 0.75 < patients < 0.88
    assert 0.52 < mci < patients - 0.1
    assert all(0.3 < row["auc"] < 0.6 for row in drawn_difficulty("null", 300))


def test_changes_compare_a_participant_with_itself() -> None:
    rows = pd.DataFrame(
        {
            "registration": ["map"] * 5,
            "number": [1, 1, 2, 2, 3],
            "head": "mni2009c",
            "dose": [0.0, 0.2, 0.0, 0.2, 0.2],
            "status": ["ok", "ok", "ok", "failed", "ok"],
            "true_hippocampus": [100.0, 80.0, 200.0, 160.0, 60.0],
            "found_hippocampus": [110.0, 99.0, 220.0, np.nan, 70.0],
        }
    )
    [found] = changes(rows, "hippocampus", []).to_dict("records")
    assert (found["number"], found["dose"]) == (1, 0.2)
    assert found["true"] == pytest.approx(-0.2)
    assert found["found"] == pytest.approx(-0.1)


def test_volumes_are_summed_with_the_affine() -> None:
    labels = np.zeros((6, 7, 8), dtype=int)
    labels[1:3] = region_ids(("hippocampus",))["hippocampus_left"]
    log_jacobian = np.full(labels.shape, np.log(0.5))
    found = summed(log_jacobian, labels, 1.5)
    assert found["hippocampus_left"] == pytest.approx(2 * 7 * 8 * 8 * 0.5 * 1.5)
    assert found["hippocampus_right"] == 0


def test_a_map_agrees_with_itself(rng: np.random.Generator) -> None:
    true = rng.normal(0, 0.2, 1000)
    same = agreement(true, true)
    assert (same["r"], same["rmse"]) == (pytest.approx(1), 0)
    shifted = agreement(true, 2 * true + 0.1)
    assert shifted["r"] == pytest.approx(1)
    assert shifted["sd_found"] == pytest.approx(2 * shifted["sd_true"])


def test_a_dose_changes_the_disease_alone() -> None:
    """The same person, age and healthy anatomy; each structure by the dose."""
    well, sick = (draw_participant(3, Case(3, dose).settings) for dose in (0.0, 0.2))
    assert well.healthy_ratios == sick.healthy_ratios
    assert (well.age_years, well.head) == (sick.age_years, sick.head)
    for side in ("left", "right"):
        for structure, ratio in (("hippocampus", 0.8), ("lateral_ventricle", 1.2)):
            region = f"{structure}_{side}"
            assert sick.ratios[region] / well.ratios[region] == pytest.approx(ratio)


def test_studies_of_nothing_differ_and_are_balanced() -> None:
    first, cohort = null.draw_study(0)
    second, _ = null.draw_study(1)
    assert sorted(first) == sorted(second) == list(range(null.POOL))
    patients = cohort["diagnosis"] == "AD"
    assert patients.sum() == null.SIZE // 2
    assert set(first[patients]) != set(second[patients])


def test_each_head_is_dealt_to_both_diagnoses_equally_often() -> None:
    heads = np.array(["colin27", "mni2009c"] * (null.POOL // 2))
    order, cohort = null.draw_study(3, heads)
    assert sorted(order) == list(range(null.POOL))
    patients = cohort["diagnosis"] == "AD"
    assert (heads[order[patients]] == "colin27").sum() == null.SIZE // 4
    assert (heads[order[~patients]] == "colin27").sum() == null.SIZE // 4


def test_block_means_keep_the_place_and_the_mean() -> None:
    fine = np.zeros((9, 6, 4), dtype=np.float32)
    fine[2:4, 4:6, 0:2] = 3
    means = coarse.block_means(fine)
    assert means.shape == (4, 3, 2)
    assert means[1, 2, 0] == 3
    assert means.sum() == 3


@pytest.mark.slow
def test_a_network_is_tested_on_everybody(
    tmp_path: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On coarse maps, in order, and nothing is left behind; one epoch shows it."""
    monkeypatch.setattr(coarse, "TRAINING", {**coarse.TRAINING, "epochs": 1})
    diagnoses = np.repeat(["CN", "AD"], 6)
    extent = coarse.block_means(load_template(2).mask.astype(np.float32)).shape
    jsm = rng.normal(0, 0.1, (12, *extent)).astype(np.float32)
    cohort = cohort_of(diagnoses)
    folds = make_folds(cohort, folds=2)
    found = coarse.network_predictions(
        tmp_path, "compact_jsm", cohort, folds, (np.abs(jsm), jsm)
    )
    tested = found[found["split"] == "test"].sort_values("participant_id")
    assert tested["participant_id"].tolist() == cohort["participant_id"].tolist()
    assert tested["diagnosis"].tolist() == cohort["diagnosis"].tolist()
    assert set(found["origin"]) == {"virtual"}
    assert not list(tmp_path.iterdir())


def test_a_smaller_study_is_part_of_a_larger_one() -> None:
    diagnoses = np.array(["CN", "AD", "AD", "CN"] * 5)
    small, large = first_of_each(diagnoses, 6), first_of_each(diagnoses, 12)
    assert sorted(diagnoses[small]) == ["AD"] * 3 + ["CN"] * 3
    assert set(small) < set(large)


@pytest.mark.slow
def test_cohorts_are_tested_each_for_itself(tmp_path: Path) -> None:
    """Two cohorts number their participants alike; pairs are of one cohort."""
    folders = [tmp_path / name for name in ("seed1", "seed2")]
    for folder in folders:
        write_tiny_cohort(folder)
    compared = Compared(NETWORKS[:1], ["logistic_jsm"], [8])
    chain_curves(tmp_path / "work", folders, compared)
    rows = rows_of(tmp_path / "work", "chain-curves").set_index("model")
    assert set(rows.index) == {NETWORKS[0], "logistic_jsm"}
    assert set(rows["cohorts"]) == {2}
    assert (rows["low"] <= rows["auc"]).all()
    together = read_table(tmp_path / "work" / "chain" / "all-008" / "predictions.tsv")
    assert together["participant_id"].nunique() == 16
    cohorts = together["participant_id"].str.extract(r"sub-(\d+)x")[0]
    assert (together["fold"] // 100 == cohorts.astype(int)).all()
    text = page(tmp_path / "work", tmp_path / "figures")
    assert "| cross attention | " in text
    drawing = (tmp_path / "figures" / "chain-curves.svg").read_text(encoding="utf-8")
    assert "cross attention" in drawing


def test_the_page_has_what_is_there_and_says_what_is_not(tmp_path: Path) -> None:
    for seed, (low, high) in enumerate([(0.4, 0.6), (0.55, 0.8), (0.2, 0.45)]):
        row = {"model": "linear", "auc": (low + high) / 2, "low": low, "high": high}
        done_or_made(tmp_path, f"null/linear-{seed}", lambda row=row: row)
    text = page(tmp_path, tmp_path / "figures")
    assert "| linear | 3 | 2 (66.7 %, 20.8 to 93.9) | 1 |" in text
    assert "They say nothing about diagnostic accuracy" in text
    assert text.count("Not run.") == 5
    drawing = (tmp_path / "figures" / "null.svg").read_text(encoding="utf-8")
    assert "linear: 2 of 3" in drawing
    assert "never evidence of diagnostic accuracy" in drawing


def test_a_table_is_markdown() -> None:
    assert markdown(("a", "b"), [(1, "x")]) == [
        "| a | b |",
        "| --- | --- |",
        "| 1 | x |",
    ]


def test_an_area_without_an_interval_is_written_alone() -> None:
    rows = pd.DataFrame(
        {
            "preset": "realistic",
            "positive": ["AD", "MCI"],
            "participants": 4,
            "auc": [0.75, 0.5],
            "low": [None, 0.25],
            "high": [None, 0.75],
        }
    )
    *_, first, second = difficulty_table(rows)
    assert first == "| realistic | AD and CN | 4 | 0.75 |"
    assert second == "| realistic | MCI and CN | 4 | 0.50 [0.25, 0.75] |"
