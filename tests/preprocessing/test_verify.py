"""`verify_derivatives`: whole, or what is wrong with which file and what mends it."""

import json
import shutil
from pathlib import Path

import pytest

from crosswarp.bids.tables import read_table, write_table
from crosswarp.cli.flags import with_flags
from crosswarp.documents import read_json
from crosswarp.files import write_json
from crosswarp.outputs import MAPS, PREDICTION, made_for
from crosswarp.preprocessing.command import command_of
from crosswarp.preprocessing.verify import verify_derivatives
from crosswarp.provenance import Finding, write_record
from crosswarp.registration.build import registration_named
from crosswarp.verification.folder import verify
from tests.made_maps import made, write_scans


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return write_scans(tmp_path / "raw", "sub-01", "sub-02")


@pytest.fixture
def out(raw: Path, tmp_path: Path) -> Path:
    made(raw, tmp_path / "out")
    made(raw, tmp_path / "out", "sub-01", resolution=1)
    return tmp_path / "out"


def only(out: Path) -> Finding:
    [finding] = verify_derivatives(out)
    return finding


def product(out: Path, pattern: str) -> Path:
    [path] = (out / "sub-02").rglob(pattern)
    return path


def test_what_was_made_is_whole(out: Path) -> None:
    assert verify_derivatives(out) == []


@pytest.mark.parametrize(
    "pattern", ["*preproc*.nii.gz", "*logjacobian*.nii.gz", "*qc*", "*.txt"]
)
def test_each_fault_has_its_kind_and_what_mends_it(
    raw: Path, out: Path, pattern: str
) -> None:
    path = product(out, pattern)
    whole, name = path.read_bytes(), path.relative_to(out).as_posix()
    command = f"crosswarp preprocess {raw} {out} `resolution=2`"
    path.write_bytes(whole[:-1])
    assert only(out) == Finding(name, "damaged", only(out).says, command)
    path.unlink()
    assert only(out) == Finding(name, "gone", "is gone", command)
    path.write_bytes(bytes(byte ^ 1 for byte in whole))
    found = only(out)
    assert (found.path, found.kind) == (name, "changed")
    # What it says does mend it.
    assert found.mend == f"rm {path} && {command}"
    path.unlink()
    assert made(raw, out) == ["sub-02"]
    assert verify_derivatives(out) == []


def test_a_record_that_is_none(out: Path) -> None:
    product(out, "*logjacobian*.json").write_text("[]")
    kinds = {
        (finding.path.rpartition("/")[2], finding.kind)
        for finding in verify_derivatives(out)
    }
    assert (
        "sub-02_space-MNI152NLin2009cSym_res-2_desc-logjacobian_T1w.json",
        "damaged",
    ) in kinds


def test_maps_that_were_not_finished(raw: Path, out: Path) -> None:
    product(out, "*logjacobian*.json").unlink()
    found = verify_derivatives(out)
    assert [f.kind for f in found if f.path.endswith(".nii.gz")] == ["unfinished"] * 3
    [row] = [f for f in found if f.path == "ledger.tsv"]
    assert (row.kind, row.says) == (
        "mixed",
        "sub-02 is ok in it, and its maps are not there",
    )
    assert made(raw, out) == ["sub-02"]
    assert verify_derivatives(out) == []


def test_a_map_of_other_settings_than_its_record(out: Path) -> None:
    sidecar = product(out, "*preproc*.json")
    sidecar.write_text(json.dumps({"Fingerprint": "of other settings"}))
    kinds = [finding.kind for finding in verify_derivatives(out)]
    assert sorted(kinds) == ["damaged", "mixed"]


def test_a_raw_scan_that_is_another_one_now(raw: Path, out: Path) -> None:
    write_scans(raw, "sub-02", text="another scan of")
    found = only(out)
    assert (found.kind, found.says) == (
        *("mixed", "the raw scan has changed since its maps were made"),
    )
    made(raw, out)
    assert verify_derivatives(out) == []


def test_the_ledger_and_the_maps(raw: Path, out: Path) -> None:
    table = read_table(out / "ledger.tsv", text=["fingerprint"])
    write_table(out / "ledger.tsv", table[table["participant_id"] != "sub-02"])
    assert (only(out).kind, only(out).says) == ("mixed", "it has no row of sub-02")
    made(raw, out)
    assert verify_derivatives(out) == []
    last = table.assign(fingerprint=[*table["fingerprint"][:-1], "0" * 16])
    write_table(out / "ledger.tsv", last)
    assert only(out).says == "its row of sub-02 is not of the maps that are there"
    (out / "ledger.tsv").write_bytes(b"")
    assert (only(out).path, only(out).kind) == ("ledger.tsv", "damaged")


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"\x00\xff"])
def test_a_description_that_is_lost_is_told_and_mended(
    raw: Path, out: Path, content: bytes | None
) -> None:
    path = out / "dataset_description.json"
    path.unlink() if content is None else path.write_bytes(content)
    found = only(out)
    assert (found.path, found.kind) == (
        *(path.name, "gone" if content is None else "damaged"),
    )
    assert found.mend.startswith(f"crosswarp preprocess SCANS {out}")
    # The folder is still known for what it is, and the command does mend it.
    [verified] = verify(out)
    assert (verified.holds, verified.findings) == (MAPS.name, [found])
    assert made(raw, out) == []
    assert verify_derivatives(out) == []


def test_what_was_predicted_is_known_without_its_description(out: Path) -> None:
    (out / "dataset_description.json").unlink()
    answers = out / "predictions"
    answers.mkdir()
    (answers / "sub-01_model-a_bundle-1_prediction.json").touch()
    assert made_for(out) is MAPS
    (answers / "sub-02_model-a_bundle-1_prediction.json").touch()
    assert made_for(out) is PREDICTION
    shutil.rmtree(answers)
    assert made_for(out) is MAPS
    (out / "cohort_prediction.json").touch()
    assert made_for(out) is PREDICTION
    (out / "cohort_prediction.json").unlink()
    (out / "preprocessing.json").unlink()
    assert made_for(out) is None


def test_what_a_killed_process_left(out: Path) -> None:
    left = product(out, "*preproc*.nii.gz").with_name(".part-host-1-x.nii.gz")
    left.touch()
    assert (only(out).path, only(out).kind) == (
        *(left.relative_to(out).as_posix(), "unfinished"),
    )


def test_an_answer_about_maps_that_are_not_there(out: Path) -> None:
    record = json.loads(product(out, "*logjacobian*.json").read_text())
    folder = out / "predictions"
    folder.mkdir()
    answer = folder / "sub-02_model-a_bundle-1_prediction.json"
    answer.write_text(json.dumps({"maps_fingerprint": record["Fingerprint"]}))
    assert verify_derivatives(out) == []
    answer.write_text(json.dumps({"maps_fingerprint": "other"}))
    assert only(out).kind == "mixed"
    answer.write_text("null")
    assert only(out).kind == "damaged"


def test_a_row_with_another_number_is_told_and_mended(raw: Path, out: Path) -> None:
    table = read_table(out / "ledger.tsv", text=["fingerprint"])
    write_table(out / "ledger.tsv", table.assign(overlap=0.99))
    says = {finding.says for finding in verify_derivatives(out)}
    wrong = "its row of sub-02 has another overlap than the record of the maps"
    assert wrong in says
    write_table(out / "ledger.tsv", table.assign(overlap="x"))
    assert wrong in {finding.says for finding in verify_derivatives(out)}
    assert made(raw, out) == []
    assert made(raw, out, "sub-01", resolution=1) == []
    assert verify_derivatives(out) == []


def test_the_template_belongs_to_the_maps(out: Path) -> None:
    mask = out / "tpl-MNI152NLin2009cSym_res-2_desc-brain_mask.nii.gz"
    record = out / mask.name.replace(".nii.gz", ".json")
    write_record(record, {}, products=[mask.name])
    assert verify_derivatives(out) == []
    mask.write_bytes(bytes(byte ^ 1 for byte in mask.read_bytes()))
    assert (only(out).path, only(out).kind) == (mask.name, "changed")
    mask.unlink()
    assert (only(out).path, only(out).kind) == (mask.name, "gone")
    record.unlink()
    assert (only(out).path, only(out).kind) == (mask.name, "gone")


def test_the_settings_that_are_kept_are_those_of_the_maps(raw: Path, out: Path) -> None:
    path = out / "preprocessing.json"
    kept = read_json(path)
    grid = "space-MNI152NLin2009cSym_res-2"
    other = kept[grid]["settings"] | {"brain_mask": "template"}
    write_json(path, kept | {grid: kept[grid] | {"settings": other}})
    assert (only(out).path, only(out).kind) == (path.name, "mixed")
    path.unlink()
    assert {(f.path, f.kind) for f in verify_derivatives(out)} == {(path.name, "gone")}
    made(raw, out)
    made(raw, out, "sub-01", resolution=1)
    assert verify_derivatives(out) == []


def test_what_mends_names_the_options_that_made_the_maps(
    raw: Path, tmp_path: Path
) -> None:
    def mend(name: str, **settings: object) -> str:
        folder = tmp_path / name
        made(raw, folder, "sub-02", **settings)
        product(folder, "*preproc*.nii.gz").unlink()
        return only(folder).mend

    start = f"crosswarp preprocess {raw} {tmp_path}"
    assert mend("fine", resolution=1) == f"{start}/fine"
    greedy = registration_named("greedy")
    words = "--resolution 2 --brain-mask template --fall-back --registration greedy"
    chosen = {"registration": greedy, "brain_mask": "template", "fall_back": True}
    assert with_flags(mend("rough ones", **chosen)) == (
        f"crosswarp preprocess {raw} '{tmp_path}/rough ones' {words}"
    )
    # No options have another schedule: a study file has it.
    slow = greedy.model_copy(update={"metric_radius": 3})
    by_study = "crosswarp run STUDY --steps preprocess"
    assert with_flags(mend("own", registration=slow)) == by_study


def test_what_mends_maps_on_a_template_of_ones_own(raw: Path, out: Path) -> None:
    record = product(out, "*logjacobian*.json")
    told = read_json(record)
    own = {"space": "Own", "t1w_digest": "1", "mask_digest": "2"}
    settings = told["Settings"] | {"template": own}
    again = command_of(out, settings, ("Own", 2))
    assert with_flags(again) == (
        f"crosswarp preprocess {raw} {out} --resolution 2 --template T1W"
        " --template-mask MASK --space Own"
    )
    kept = {"settings": settings, "steps": 4, "template_files": ["../t.nii", "../m"]}
    write_json(out / "preprocessing.json", {"space-Own_res-2": kept})
    parent = out.parent.resolve()
    again = with_flags(command_of(out, settings, ("Own", 2)))
    assert f"--template {parent}/t.nii --template-mask {parent}/m" in again


def test_what_mends_a_prediction_is_predict(out: Path) -> None:
    description = read_json(out / "dataset_description.json")
    made_by = [{"Name": "crosswarp", "Description": "crosswarp predict"}]
    written = description | {"GeneratedBy": made_by}
    write_json(out / "dataset_description.json", written)
    product(out, "*preproc*.nii.gz").unlink()
    assert only(out).mend == f"crosswarp predict BUNDLE SCAN {out}"
    write_json(out / "cohort_prediction.json", {})
    assert only(out).mend == f"crosswarp predict BUNDLE COHORT {out}"
