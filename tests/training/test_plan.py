"""plan_run: what does not fit together is refused before anything is trained."""

import re

import pandas as pd
import pytest

from crosswarp.bids.cohort import read_cohort, write_cohort
from crosswarp.bids.ids import ScanId
from crosswarp.bids.tables import read_table, write_table
from crosswarp.documents import read_json
from crosswarp.errors import (
    InputError,
    LeakageError,
    MissingDerivativeError,
    ShapeError,
)
from crosswarp.files import write_json
from crosswarp.inputs.folds import make_folds
from crosswarp.preprocessing.kept import KeptSettings, settings_digest, write_kept
from crosswarp.preprocessing.settings import STEPS_VERSION, PreprocessSettings
from crosswarp.training import fold
from crosswarp.training.experiment import read_experiment
from crosswarp.training.plan import plan_run
from tests.tiny_maps import map_path


def plan(tiny, *, allow_missing: bool = False, **changes):
    return plan_run(read_experiment(tiny.write(**changes)), allow_missing=allow_missing)


def change_folds(tiny, change) -> None:
    path = tiny.folder / "folds.tsv"
    write_table(path, change(read_table(path)))


def test_the_summary_says_what_will_be_done(tiny) -> None:
    assert plan(tiny, models=["compact_jsm", "compact_t1w"]).summary() == (
        "scans: 8 CN, 8 AD\n"
        "maps: 26x26x26 voxels at 2 mm\n"
        "folds: 2\n"
        "no hippocampal_volume: the atlas has (97, 115, 97) voxels at 2 mm, the maps"
        " (26, 30, 28)\n"
        "no hippocampal_ventricular_volume: the atlas has (97, 115, 97) voxels at 2 mm,"
        " the maps (26, 30, 28)\n"
        "models: compact_jsm, compact_t1w\n"
        "cells: 4"
    )


def test_a_leaking_fold_file_is_refused(tiny) -> None:
    def twice(folds: pd.DataFrame) -> pd.DataFrame:
        return pd.concat([folds, folds.iloc[[0]]])

    change_folds(tiny, twice)
    with pytest.raises(LeakageError, match="more than one split"):
        plan(tiny)


def test_folds_without_validation_are_for_the_last_epoch(tiny) -> None:
    change_folds(tiny, lambda f: f.assign(split=f["split"].replace("val", "train")))
    with pytest.raises(InputError, match="no validation part"):
        plan(tiny)
    assert plan(tiny, training=tiny.training(selection="last"))


def test_a_class_that_nobody_has_is_refused(tiny) -> None:
    with pytest.raises(InputError, match="no participant with diagnosis MCI; it has"):
        plan(tiny, classes=["CN", "MCI"])


def test_the_papers_network_is_refused_on_small_maps(tiny) -> None:
    with pytest.raises(ShapeError, match=r"model paper_jsm: volume is .* needs 146"):
        plan(tiny, models=["paper_jsm"])


def test_covariates_must_be_columns_of_the_cohort(tiny) -> None:
    with pytest.raises(InputError, match="no column APOE; it has age_years, sex, site"):
        plan(tiny, covariates=["Age", "APOE"])
    cohort = read_cohort(tiny.folder / "cohort.tsv").assign(APOE="E3")
    write_cohort(tiny.folder / "cohort.tsv", cohort)
    assert plan(tiny, covariates=["Age", "apoe", "head_size"]).unmatched == ()
    years = ["12"] * (len(cohort) - 2) + ["inf", "n/a"]
    write_cohort(tiny.folder / "cohort.tsv", cohort.assign(years=years))
    with pytest.raises(InputError, match="years holds numbers, and inf; correct them"):
        plan(tiny, covariates=["years"])


def test_participants_of_the_folds_alone_are_named(tiny) -> None:
    cohort = read_cohort(tiny.folder / "cohort.tsv")
    write_cohort(tiny.folder / "cohort.tsv", cohort.iloc[:-1])
    said = "in the folds, but not in the cohort: sub-15"
    assert said in plan(tiny).summary()


def test_missing_maps_are_listed_or_left_out(tiny) -> None:
    map_path(tiny.folder / "derivatives", ScanId("sub-03"), "preproc").unlink()
    with pytest.raises(MissingDerivativeError, match="sub-03"):
        plan(tiny)
    left = plan(tiny, allow_missing=True)
    assert left.missing.to_dict("records") == [
        {
            "participant_id": "sub-03",
            "session_id": "n/a",
            "diagnosis": "AD",
            "lacks": "t1w",
            "reason": "not in the ledger of preprocessing",
        }
    ]
    assert left.summary().endswith(
        "left out: sub-03 n/a: not in the ledger of preprocessing"
    )
    assert left.summary().startswith("scans: 8 CN, 7 AD (1 without maps left out)")
    assert all(len(cell.scans) == 15 for cell in left.cells(tiny.folder / "run"))


def test_faults_of_maps_folds_and_networks_are_shown_together(tiny) -> None:
    map_path(tiny.folder / "derivatives", ScanId("sub-03"), "preproc").unlink()
    change_folds(tiny, lambda f: pd.concat([f, f.iloc[[0]]]))
    with pytest.raises(InputError) as refused:
        plan(tiny, models=["compact_jsm", "paper_jsm", "paper_t1w"])
    first, *faults = str(refused.value).split("\n")
    assert first == "the experiment cannot be run, 4 faults:"
    said = (
        "1 of 16 scans have no maps .*: sub-03; run crosswarp preprocess",
        "sub-00 is in more than one split of a fold",
        "model paper_jsm: volume is .* needs 146",
        "model paper_t1w: volume is .* needs 146",
    )
    assert len(faults) == len(said)
    for fault, pattern in zip(faults, said, strict=True):
        assert re.search(pattern, fault)


def test_without_any_map_folds_are_checked_still(tiny) -> None:
    change_folds(tiny, lambda f: f[f["participant_id"] != "sub-05"])
    for path in (tiny.folder / "derivatives").rglob("*.nii.gz"):
        path.unlink()
    with pytest.raises(InputError, match=r"2 faults(.|\n)*16 of 16(.|\n)*where sub-05"):
        plan(tiny)


def test_maps_of_another_resolution_are_told_from_none(tiny) -> None:
    with pytest.raises(
        MissingDerivativeError,
        match=r"16 of 16 scans have no maps .* at 1 mm .* and 11 more; there are maps"
        r" at 2 mm: set resolution to 2, or run crosswarp preprocess with"
        r" `resolution=1`",
    ):
        plan(tiny, resolution=1)


def test_more_folds_than_participants_are_refused(tiny) -> None:
    cohort = read_cohort(tiny.folder / "cohort.tsv")
    with pytest.raises(InputError, match=r"9 folds need 9 participants .* 8 with AD"):
        make_folds(cohort, folds=9)


def test_a_fold_without_one_class_is_refused(tiny) -> None:
    def without(folds: pd.DataFrame) -> pd.DataFrame:
        number = folds["participant_id"].str.removeprefix("sub-").astype(int)
        moved = (folds["fold"] == 1) & (folds["split"] == "val") & (number % 2 == 1)
        return folds.assign(split=folds["split"].mask(moved, "train"))

    change_folds(tiny, without)
    with pytest.raises(InputError, match="fold 1 has no participant with AD in val"):
        plan(tiny)


def fingerprints(tiny, **changes) -> list[str]:
    cells = plan(tiny, **changes).cells(tiny.folder / "run")
    return [cell.fingerprint for cell in cells]


def test_a_fingerprint_follows_all_that_counts(tiny) -> None:
    before = fingerprints(tiny)
    assert len(set(before)) == 2
    assert fingerprints(tiny, name="other name") == before
    for changes in (
        {"seed": 2},
        {"training": tiny.training(epochs=7)},
        {"crop": False},
        {"models": [{"like": "compact_jsm", "name": "jsm"}]},
    ):
        assert not set(before) & set(fingerprints(tiny, **changes))
    path = map_path(tiny.folder / "derivatives", ScanId("sub-03"), "logjacobian")
    sidecar = path.with_name(path.name.replace(".nii.gz", ".json"))
    write_json(sidecar, {"Fingerprint": "new", "Settings": {"resolution": 2}})
    assert not set(before) & set(fingerprints(tiny))


def test_another_model_does_not_touch_the_first(tiny) -> None:
    before = fingerprints(tiny)
    both = fingerprints(
        tiny,
        models=[*tiny.models, "compact_t1w"],
    )
    assert both[:2] == before


def test_absent_weights_stop_everything_before_it_begins(tiny, monkeypatch) -> None:
    monkeypatch.setenv("CROSSWARP_WEIGHTS", str(tiny.folder / "weights"))
    resnet = {
        "name": "pretrained",
        "encoder": "resnet10",
        "fusion": "none",
        "maps": ["jsm"],
        "first_stride": 1,
        "weights": "medicalnet_resnet10",
    }
    with pytest.raises(
        MissingDerivativeError, match="crosswarp model weights fetch medical"
    ):
        plan(tiny, models=[resnet])


def test_one_scan_a_participant_unless_all_are_asked_for(tiny) -> None:
    tiny.add_second_sessions()
    one = plan(tiny)
    assert len(one.samples) == 16
    used = {s.scan.session_id for s in one.samples if s.scan.session_id}
    assert used == {"ses-M00"}
    assert one.passed_over["session_id"].tolist() == ["ses-M12", "ses-M12"]
    said = one.summary()
    assert "2 later scans of 2 participants are passed over" in said
    assert "passed over: sub-00 ses-M12 (used: ses-M00)" in said
    several = plan(tiny, scans_per_participant="all")
    assert len(several.samples) == 18
    assert several.passed_over.empty
    assert "passed over" not in several.summary()


def test_the_first_scan_is_used_without_looking_at_its_maps(tiny) -> None:
    """A scan that fails is missing; a later one does not stand in for it in silence."""
    tiny.add_second_sessions()
    lacking = ScanId("sub-01", "ses-M00")
    map_path(tiny.folder / "derivatives", lacking, "preproc").unlink()
    with pytest.raises(MissingDerivativeError, match="sub-01_ses-M00"):
        plan(tiny)
    left = plan(tiny, allow_missing=True)
    assert left.missing["session_id"].tolist() == ["ses-M00"]
    assert len(left.samples) == 15


def test_whole_settings_of_the_maps_reach_the_bundles(tiny, monkeypatch) -> None:
    """And are no part of what a trained fold is: it is not trained again for them."""
    before = fingerprints(tiny)
    folder = tiny.folder / "derivatives"
    made = PreprocessSettings(resolution=2, brain_mask="hd-bet")
    for path in folder.rglob("*_desc-logjacobian_T1w.json"):
        write_json(path, {**read_json(path), "Settings": made.model_dump(mode="json")})
    write_kept(folder, made)
    cells = plan(tiny).cells(tiny.folder / "run")
    assert [cell.fingerprint for cell in cells] == before
    assert {cell.preprocessing for cell in cells} == {
        settings_digest(made.model_dump(mode="json"))
    }
    monkeypatch.setattr(fold, "calibration_of", lambda *_: None)
    card = fold._card(cells[0], pd.DataFrame(), {})
    assert card.made_with == KeptSettings(settings=made, steps=STEPS_VERSION)


def test_what_is_known_of_people_reaches_bundles_and_trains_nothing_anew(tiny) -> None:
    before = plan(tiny).cells(tiny.folder / "run")
    path = tiny.folder / "cohort.tsv"
    cohort = read_cohort(path)
    write_cohort(path, cohort.assign(age_years=81.0, field_strength_t=3.0))
    after = plan(tiny).cells(tiny.folder / "run")
    assert {one.facts.age_years for one in before[0].scans} == {70.0}
    assert {one.facts.age_years for one in after[0].scans} == {81.0}
    assert {one.facts.field_strength for one in after[0].scans} == {"3"}
    assert [c.fingerprint for c in before] == [c.fingerprint for c in after]
