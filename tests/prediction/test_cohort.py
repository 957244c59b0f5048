"""predict_cohort: a row for every scan, the same bytes however often it was stopped."""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crosswarp.bids.cohort import read_cohort
from crosswarp.bids.ids import ScanId
from crosswarp.documents import read_json
from crosswarp.errors import (
    IncompleteError,
    InputError,
    LeakageError,
    MissingDerivativeError,
    OccupiedError,
)
from crosswarp.execution.progress import SilentProgress
from crosswarp.files import write_json
from crosswarp.prediction.asking import NO_GRID
from crosswarp.prediction.cohort import (
    CohortAsked,
    check_predicted,
    predict_cohort,
)
from crosswarp.prediction.given_maps import NOT_RECORDED
from crosswarp.prediction.made_maps import Running
from crosswarp.prediction.overlap import SAME_MAPS, SAME_NAME
from crosswarp.preprocessing.ledger import Ledger
from crosswarp.preprocessing.ledger_row import refused
from crosswarp.study.cohort_prediction import read_cohort_prediction
from crosswarp.study.names import ANSWERS, COHORT, VIRTUAL_MAPS
from crosswarp.verification.folder import verify
from tests.prediction.made_cohort import train, write_other_cohort
from tests.tiny_maps import RESOLUTION, SPACE, map_path, write_map


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tmp_path_factory.mktemp("training"))


@pytest.fixture
def maps(tmp_path: Path) -> Path:
    return write_other_cohort(tmp_path / "other", 6)


def rows(table: pd.DataFrame) -> dict[str, Any]:
    return table.set_index("participant_id").to_dict("index")


def contents(out: Path) -> dict[str, bytes]:
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def test_every_scan_has_a_row_and_a_bad_one_its_reason(
    model: Path, maps: Path, tmp_path: Path
) -> None:
    map_path(maps, ScanId("sub-E01"), "logjacobian").write_bytes(b"cut")
    map_path(maps, ScanId("sub-E02"), "preproc").unlink()
    out = tmp_path / "out"
    record, table = predict_cohort(CohortAsked(model, maps), out)
    found = rows(table)
    assert sorted(found) == [f"sub-E{n:02d}" for n in range(6)]
    assert found["sub-E01"]["quality"] == found["sub-E02"]["quality"] == "failed"
    assert "logjacobian_T1w.nii.gz" in found["sub-E01"]["quality_reason"]
    assert "there is no sub-E02_space" in found["sub-E02"]["quality_reason"]
    assert found["sub-E00"]["quality"] == "ok"
    assert found["sub-E00"]["networks"] == 2
    assert found["sub-E00"]["brain_volume_cm3"] == 1400
    assert found["sub-E00"]["embedding_distance"] > 0
    # Of eight training scans nobody knows the tail: no doubt.
    assert found["sub-E00"]["doubt"] == "none"
    assert (record.predicted, record.failed, record.left_out) == (4, 2, 0)
    assert read_cohort_prediction(out) == record
    with pytest.raises(IncompleteError, match="2 of 6 scans have no prediction"):
        check_predicted(record, out)
    assert [finding for one in verify(out) for finding in one.findings] == []


class Killed(SilentProgress):
    """Stops everything after so many scans."""

    def __init__(self, after: int) -> None:
        self.left = after

    def advance(self, label: str) -> None:
        del label
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt


def test_a_killed_prediction_goes_on_to_the_same_bytes(
    model: Path, maps: Path, tmp_path: Path
) -> None:
    asked = CohortAsked(model, maps)
    predict_cohort(asked, tmp_path / "whole")
    out = tmp_path / "killed"
    with pytest.raises(KeyboardInterrupt):
        predict_cohort(asked, out, Running(progress=Killed(2)))
    with pytest.raises(MissingDerivativeError, match="has not ended"):
        read_cohort_prediction(out)
    done = {path: path.stat().st_mtime_ns for path in (out / ANSWERS).iterdir()}
    assert 2 <= len(done) < 6
    predict_cohort(asked, out)
    assert contents(out) == contents(tmp_path / "whole")
    # What was there was kept, not made again.
    assert all(path.stat().st_mtime_ns == when for path, when in done.items())


def test_a_participant_of_the_training_is_refused_or_left_out(
    model: Path, tmp_path: Path
) -> None:
    """Fresh noise under names of the training cohort, and one name that is new."""
    maps = write_other_cohort(tmp_path / "other", 17, name="", seed=9)
    out = tmp_path / "out"
    with pytest.raises(LeakageError) as error:
        predict_cohort(CohortAsked(model, maps), out)
    assert "16 of 17 participants of the cohort" in str(error.value)
    assert "`overlap='leave-out'`" in str(error.value)
    assert "sub-" not in str(error.value)
    assert not out.exists()
    record, table = predict_cohort(CohortAsked(model, maps, "leave-out"), out)
    assert (record.predicted, record.left_out) == (1, 16)
    assert rows(table)["sub-00"]["quality"] == "left out"
    assert rows(table)["sub-00"]["quality_reason"] == SAME_NAME
    check_predicted(record, out)
    record, table = predict_cohort(CohortAsked(model, maps, "other-people"), out)
    assert (record.predicted, record.same_names) == (17, 16)


def test_training_maps_under_another_name_are_found(
    model: Path, maps: Path, tmp_path: Path
) -> None:
    training = model.parents[2] / "derivatives"
    shutil.copy(
        map_path(training, ScanId("sub-03"), "preproc"),
        map_path(maps, ScanId("sub-E03"), "preproc"),
    )
    for overlap in ("refuse", "other-people"):
        with pytest.raises(LeakageError, match="1 scans of the cohort have the very"):
            predict_cohort(CohortAsked(model, maps, overlap), tmp_path / "out")
    asked = CohortAsked(model, maps, "leave-out")
    record, table = predict_cohort(asked, tmp_path / "out")
    assert (record.predicted, record.left_out) == (5, 1)
    assert rows(table)["sub-E03"]["quality_reason"] == SAME_MAPS


def test_another_bundle_is_said_and_predicts_anew(
    model: Path, maps: Path, tmp_path: Path
) -> None:
    out, said = tmp_path / "out", list[str]()
    predict_cohort(CohortAsked(model, maps), out)
    one = model / "repeat-0_fold-0" / "bundle"
    record, table = predict_cohort(
        CohortAsked(one, maps), out, Running(say=said.append)
    )
    assert any("has predictions of other networks" in sentence for sentence in said)
    assert record.networks.count == 1
    assert set(table["networks"]) == {1}
    assert len(list((out / ANSWERS).iterdir())) == 12
    bundle = tmp_path / "changed"
    shutil.copytree(one, bundle)
    weights = bundle / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    with pytest.raises(InputError, match="was changed since it was written"):
        predict_cohort(CohortAsked(bundle, maps), out)


def test_a_bundle_of_an_earlier_format_predicts_and_says_what_it_lacks(
    model: Path, maps: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "old"
    shutil.copytree(model / "repeat-0_fold-0" / "bundle", bundle)
    card = read_json(bundle / "bundle.json")
    del card["training_cohort"], card["trained_on"]
    card["participants"] = [f"sub-{number:02d}" for number in range(1, 9)]
    write_json(bundle / "bundle.json", {**card, "format": "crosswarp-bundle-2"})
    record, table = predict_cohort(CohortAsked(bundle, maps), tmp_path / "out")
    assert (record.networks.training, record.networks.maps_known) == (None, False)
    assert "embedding_distance" not in table
    assert record.networks.participants == 8
    others = write_other_cohort(tmp_path / "same", 16, name="", seed=9)
    with pytest.raises(LeakageError):
        predict_cohort(CohortAsked(bundle, others), tmp_path / "new")


def test_maps_of_other_settings_and_of_another_grid_are_rows(
    model: Path, maps: Path, tmp_path: Path
) -> None:
    sidecar = map_path(maps, ScanId("sub-E00"), "logjacobian")
    sidecar = sidecar.with_name(sidecar.name.replace(".nii.gz", ".json"))
    write_json(sidecar, {**read_json(sidecar), "Settings": {"resolution": 1}})
    write_map(
        map_path(maps, ScanId("sub-E01"), "preproc"),
        pd.DataFrame([[1.0]]).to_numpy()[None],
    )
    silent = map_path(maps, ScanId("sub-E02"), "logjacobian")
    silent.with_name(silent.name.replace(".nii.gz", ".json")).unlink()
    _, table = predict_cohort(CohortAsked(model, maps), tmp_path / "out")
    found = rows(table)
    assert "made with other settings" in found["sub-E00"]["quality_reason"]
    assert "is on another grid" in found["sub-E01"]["quality_reason"]
    answer = json.loads((tmp_path / "out" / found["sub-E02"]["file"]).read_text())
    assert NOT_RECORDED in answer["notes"]


def test_no_map_on_the_grid_of_the_bundle(
    model: Path, maps: Path, tmp_path: Path
) -> None:
    for path in maps.glob("sub-*/**/*.nii.gz"):
        write_map(path, pd.DataFrame([[1.0]]).to_numpy()[None])
    record, table = predict_cohort(CohortAsked(model, maps), tmp_path / "out")
    assert record.predicted == 0
    assert set(table["quality_reason"]) == {NO_GRID}
    empty = tmp_path / "empty"
    shutil.copytree(maps, empty, ignore=shutil.ignore_patterns("sub-*", "ledger.tsv"))
    with pytest.raises(MissingDerivativeError, match="has no maps in MNI152NLin2009c"):
        predict_cohort(CohortAsked(model, empty), tmp_path / "new")


def test_strict_predicts_nothing_that_must_be_checked(
    model: Path, maps: Path, tmp_path: Path
) -> None:
    (maps / "ledger.tsv").unlink()
    out = tmp_path / "out"
    predict_cohort(CohortAsked(model, maps), out)
    record, table = predict_cohort(CohortAsked(model, maps, strict=True), out)
    assert record.failed == 6
    assert table["quality_reason"].str.contains("the quality control says check").all()


def test_a_folder_of_something_else_is_left_alone(
    model: Path, maps: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(OccupiedError, match="something else than a prediction"):
        predict_cohort(CohortAsked(model, maps), tmp_path / "out")
    with pytest.raises(
        OccupiedError, match="maps of scans, made by crosswarp preprocess"
    ):
        predict_cohort(CohortAsked(model, maps), maps)
    assert contents(tmp_path / "out") == {"notes.txt": b"mine"}


def test_virtual_maps_bring_their_cohort(model: Path, tmp_path: Path) -> None:
    """As `crosswarp simulate` draws them: maps and their table in one folder."""
    folder = tmp_path / "drawn"
    write_other_cohort(folder, 4)
    write_json(folder / VIRTUAL_MAPS, {"classes": ["CN", "AD"]})
    record, _ = predict_cohort(CohortAsked(model, folder), tmp_path / "out")
    assert (record.predicted, record.diagnoses) == (4, None)
    assert len(read_cohort(tmp_path / "out" / COHORT)) == 4
    (folder / COHORT).write_text("participant_id\tsession_id\nsub-E00\tn/a\n")
    record, _ = predict_cohort(CohortAsked(model, folder), tmp_path / "out")
    assert "lacks diagnosis" in str(record.diagnoses)
    assert not (tmp_path / "out" / COHORT).exists()


def test_what_preprocessing_refused_stays_refused(
    model: Path, maps: Path, tmp_path: Path
) -> None:
    ledger = Ledger(maps)
    scan, grid = ScanId("sub-E00"), (SPACE, RESOLUTION)
    ledger.add(refused(scan, "no image of a head", grid))
    ledger.write()
    # The first map that is looked at for the grid is none; the next one is.
    map_path(maps, ScanId("sub-E01"), "preproc").write_bytes(b"no map")
    # A map on another grid beside it is another one's.
    other = map_path(maps, ScanId("sub-E02"), "logjacobian")
    shutil.copy(other, other.with_name(other.name.replace("res-2", "res-1")))
    record, table = predict_cohort(CohortAsked(model, maps), tmp_path / "out")
    found = rows(table)
    assert found["sub-E00"]["quality_reason"] == "no image of a head"
    assert found["sub-E01"]["quality"] == "failed"
    assert (record.predicted, len(record.scans)) == (4, 6)


def test_a_folder_without_a_cohort_says_which_command_makes_one(
    tmp_path: Path,
) -> None:
    with pytest.raises(
        MissingDerivativeError, match=r"`crosswarp predict BUNDLE COHORT .*` writes it"
    ):
        read_cohort_prediction(tmp_path)
