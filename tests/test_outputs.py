"""Whose a folder is: ours for one purpose, empty, or left alone."""

import json
from pathlib import Path

import pytest

from crosswarp.errors import OccupiedError
from crosswarp.outputs import (
    DEMO,
    EXPORT,
    MAPS,
    PREDICTION,
    PRETRAINING,
    RUN,
    RUN_OF_TASKS,
    TRUTH,
    VIRTUAL_COHORT,
    Purpose,
    claim_folder,
    claim_names,
    contents,
    is_output,
    lies_in,
    made_for,
    same_place,
)

OURS = {"Name": "crosswarp"}


def describe(folder: Path, *, kind: str = "derivative", **by: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"Name": "Study", "DatasetType": kind, **by})
    (folder / "dataset_description.json").write_text(text)


def put(path: Path, text: str = "{}") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def write_maps(out: Path) -> None:
    describe(out, GeneratedBy=[{**OURS, "Description": "crosswarp preprocess"}])


def write_old_maps(out: Path) -> None:
    describe(out, GeneratedBy=[OURS])


def write_prediction(out: Path) -> None:
    describe(out, GeneratedBy=[{**OURS, "Description": "crosswarp predict"}])


def write_old_prediction(out: Path) -> None:
    describe(out, GeneratedBy=[OURS])
    put(out / "prediction.json")


def write_truth(out: Path) -> None:
    describe(out, GeneratedBy=[{**OURS, "Description": "crosswarp simulate"}])


def write_old_truth(out: Path) -> None:
    describe(out, GeneratedBy=[OURS])
    put(out / "simulation.json")


def write_virtual(out: Path) -> None:
    describe(out, kind="raw", GeneratedBy=[OURS])
    put(out / "derivatives/truth/simulation.json")


def write_run(out: Path) -> None:
    put(out / "environment.json", '{"versions": {"crosswarp": "0.1.0"}}')


def write_old_run(out: Path) -> None:
    put(out / "environment.json", '{"versions": {"crosswarp": "0.1.0"}}')


def write_tasks(out: Path) -> None:
    write_run(out / "CN-AD")


def write_pretraining(out: Path) -> None:
    put(out / "pretraining.json", '{"fingerprint": "0123"}')


def write_export(out: Path) -> None:
    put(out / "export.json", '{"format": "onnx", "card": {}}')


def write_demo(out: Path) -> None:
    put(out / ".crosswarp-demo")


KINDS = [
    (write_maps, MAPS),
    (write_old_maps, MAPS),
    (write_prediction, PREDICTION),
    (write_old_prediction, PREDICTION),
    (write_truth, TRUTH),
    (write_old_truth, TRUTH),
    (write_virtual, VIRTUAL_COHORT),
    (write_run, RUN),
    (write_old_run, RUN),
    (write_tasks, RUN_OF_TASKS),
    (write_pretraining, PRETRAINING),
    (write_export, EXPORT),
    (write_demo, DEMO),
]
BY_NAME = [write.__name__ for write, _ in KINDS]


@pytest.mark.parametrize(("write", "purpose"), KINDS, ids=BY_NAME)
def test_a_folder_is_ours_for_one_purpose(write, purpose: Purpose, tmp_path) -> None:
    out = tmp_path / "out"
    write(out)
    assert made_for(out) is purpose
    assert is_output(out) == (purpose is not VIRTUAL_COHORT)
    claim_folder(out, purpose)
    for other in [
        each for each in dict.fromkeys(p for _, p in KINDS) if each is not purpose
    ]:
        with pytest.raises(OccupiedError, match="holds something else than") as error:
            claim_folder(out, other)
        assert f"{purpose.name}, made by {purpose.command}" in str(error.value)


def write_fmriprep(out: Path) -> None:
    describe(out, GeneratedBy=[{"Name": "fMRIPrep"}, "odd"])


def write_raw(out: Path) -> None:
    describe(out, kind="raw")
    (out / "sub-01").mkdir()


def write_thesis(out: Path) -> None:
    for name in ("a.txt", "b.txt", "c.txt", "d.txt"):
        put(out / name)


def write_experiment(out: Path) -> None:
    put(out / "experiment.yaml", "name: mine")
    put(out / "environment.json", "[1]")


FOREIGN = [
    (write_fmriprep, "the data set 'Study', made by fMRIPrep"),
    (write_raw, "the data set 'Study'; nothing was changed"),
    (write_thesis, "a.txt, b.txt, c.txt and 1 more"),
    (write_experiment, "environment.json, experiment.yaml"),
]


@pytest.mark.parametrize(("write", "said"), FOREIGN)
@pytest.mark.parametrize(
    "purpose", dict.fromkeys(p for _, p in KINDS), ids=lambda p: p.name
)
def test_what_is_not_ours_is_left_alone(write, said, purpose, tmp_path) -> None:
    out = tmp_path / "out"
    write(out)
    assert not is_output(out)
    with pytest.raises(OccupiedError) as error:
        claim_folder(out, purpose)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_what_to_type_instead(tmp_path: Path) -> None:
    write_raw(tmp_path / "bids")
    free = tmp_path / "bids" / "derivatives" / "crosswarp"
    with pytest.raises(OccupiedError, match=f"such as {free}"):
        claim_folder(tmp_path / "bids", MAPS)
    write_fmriprep(tmp_path / "fmriprep")
    with pytest.raises(OccupiedError, match=f"such as {tmp_path / 'crosswarp'}$"):
        claim_folder(tmp_path / "fmriprep", MAPS)
    put(tmp_path / "crosswarp" / "taken")
    with pytest.raises(OccupiedError, match=r"Choose a new or empty folder$"):
        claim_folder(tmp_path / "fmriprep", MAPS)


def test_absent_empty_and_littered_folders_are_free(tmp_path: Path) -> None:
    claim_folder(tmp_path / "absent", MAPS)
    for name in (".DS_Store", "Thumbs.db", ".part-host-1-x.json"):
        (tmp_path / name).touch()
    assert contents(tmp_path) == []
    claim_folder(tmp_path, RUN)
    (tmp_path / "file").touch()
    with pytest.raises(OccupiedError, match="it is a file, not a folder"):
        claim_folder(tmp_path / "file", MAPS)


def test_an_output_is_not_its_input(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_maps(out)
    put(out / "scan.nii.gz")
    (tmp_path / "link").symlink_to(out)
    for same in (out, tmp_path / "link", tmp_path / "out" / ".." / "out"):
        with pytest.raises(OccupiedError, match="cannot be what is written"):
            claim_folder(same, MAPS, [out])
    with pytest.raises(OccupiedError, match=r"holds what is read, .*scan\.nii\.gz"):
        claim_folder(out, MAPS, [out / "scan.nii.gz"])


def test_an_output_within_its_input_is_fine_but_not_in_a_participant(
    tmp_path: Path,
) -> None:
    write_raw(tmp_path)
    claim_folder(tmp_path / "derivatives" / "crosswarp", MAPS, [tmp_path])
    claim_folder(tmp_path / "maps", MAPS, [tmp_path])
    for inside in ("sub-01/maps", "sub-new"):
        with pytest.raises(OccupiedError, match="in the folder of a participant"):
            claim_folder(tmp_path / inside, MAPS, [tmp_path])


def test_places_through_links(tmp_path: Path) -> None:
    put(tmp_path / "one")
    (tmp_path / "other").symlink_to(tmp_path / "one")
    assert same_place(tmp_path / "one", tmp_path / "other")
    assert not same_place(tmp_path / "one", tmp_path / "absent")
    assert same_place(tmp_path / "absent", tmp_path / "x" / ".." / "absent")
    assert lies_in(tmp_path / "a" / "b", tmp_path)
    assert not lies_in(tmp_path, tmp_path)


def test_names_in_a_folder_of_the_user(tmp_path: Path) -> None:
    names = ["report.html", "figures"]
    claim_names(tmp_path, names, False, "crosswarp report", "report.html")
    (tmp_path / "figures").mkdir()
    claim_names(tmp_path, names, True, "crosswarp report", "report.html")
    with pytest.raises(OccupiedError, match=r"has figures, which crosswarp report wou"):
        claim_names(tmp_path, names, False, "crosswarp report", "report.html")
