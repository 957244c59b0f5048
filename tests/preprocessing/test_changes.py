"""What would be made again is said first, with the changed setting or file."""

import json
from pathlib import Path

import pytest

from crosswarp.bids.dataset import find_scans
from crosswarp.bids.series import SeriesChoice
from crosswarp.errors import OccupiedError
from crosswarp.execution.work import Work
from crosswarp.files import write_json
from crosswarp.preprocessing.changes import refuse_changes, sentences
from crosswarp.preprocessing.cohort import (
    CohortPlan,
    plan_cohort,
    run_plan,
)
from crosswarp.preprocessing.request import ScanRequest, record_path
from crosswarp.preprocessing.scan import ScanResult
from crosswarp.preprocessing.settings import STEPS_VERSION, PreprocessSettings
from crosswarp.registration.settings import (
    GreedySettings,
    MapSettings,
    OwnTemplate,
)
from tests.made_maps import Here, made, plan, write_scans

GREEDY = GreedySettings()


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return write_scans(tmp_path / "raw", "sub-01", "sub-02", "sub-03", "sub-04")


@pytest.fixture
def out(raw: Path, tmp_path: Path) -> Path:
    made(raw, tmp_path / "out", registration=GREEDY)
    return tmp_path / "out"


def refusal(planned: CohortPlan) -> str:
    with pytest.raises(OccupiedError) as error:
        refuse_changes(planned.changes())
    return str(error.value)


def test_nothing_changed(raw: Path, out: Path) -> None:
    planned = plan(raw, out, registration=GREEDY)
    assert planned.todo == {}
    assert planned.changes() == []
    refuse_changes([])


def test_a_forgotten_registration_is_named(raw: Path, out: Path) -> None:
    planned = plan(raw, out)
    assert refusal(planned) == (
        "4 scans (sub-01, sub-02, sub-03 and 1 more) were made with"
        " `registration='greedy'`; this run asks for `registration='two_stage'`:"
        " they would be made again. Give `registration='greedy'` to keep them, or"
        " `redo=True` to make them again."
        " Nothing was changed."
    )
    assert sentences(planned.changes()) == [
        "4 scans (sub-01, sub-02, sub-03 and 1 more) are made again: made with"
        " `registration='greedy'`, now `registration='two_stage'`"
    ]
    # The library does what it is asked; the command asks first.
    assert len(made(raw, out)) == 4
    assert plan(raw, out).changes() == []


def test_new_scans_of_another_kind_are_said(raw: Path, out: Path) -> None:
    write_scans(raw, "sub-05")
    planned = plan(raw, out, "sub-05")
    assert planned.changes() == []
    assert planned.warnings() == [
        "4 scans (sub-01, sub-02, sub-03 and 1 more) were made with"
        " `registration='greedy'`, and this run asks for `registration='two_stage'`:"
        " training refuses maps of two kinds"
    ]
    assert plan(raw, out, "sub-05", registration=GREEDY).warnings() == []
    assert plan(raw, out, "sub-05", resolution=1).warnings() == []
    assert plan(raw, out, registration=GREEDY).warnings() == []


def test_new_scans_and_failed_ones_are_no_change(raw: Path, out: Path) -> None:
    write_scans(raw, "sub-05")
    write_scans(raw, "sub-06", text="bad")
    assert made(raw, out, registration=GREEDY) == ["sub-05", "sub-06"]
    planned = plan(raw, out, "sub-06", registration=MapSettings())
    assert list(planned.todo) == ["sub-06"]
    assert planned.changes() == []


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (
            {"brain_mask": "given"},
            {},
            "made with `brain_mask='given'`; this run asks for `brain_mask='deepbet'`",
        ),
        (
            {"fall_back": True},
            {},
            "made with `fall_back=True`; this run asks for `fall_back=False`",
        ),
        (
            {"brain_mask": "hd-bet", "registration": GREEDY},
            {"brain_mask": "template"},
            "made with `registration='greedy'` `brain_mask='hd-bet'`; this run asks for"
            " `registration='two_stage'` `brain_mask='template'`",
        ),
    ],
)
def test_each_option_is_named(before, now, said, raw: Path, tmp_path: Path) -> None:
    made(raw, tmp_path / "each", "sub-01", **before)
    told = refusal(plan(raw, tmp_path / "each", "sub-01", **now))
    assert told.startswith(f"1 scan (sub-01) was {said}: ")


def test_another_template_of_the_same_space_is_named(raw: Path, tmp_path: Path) -> None:
    path = tmp_path / "t1w.nii.gz"
    request = plan(raw, tmp_path / "out").todo["sub-01"]
    own, other = (
        PreprocessSettings(
            resolution=2,
            template=OwnTemplate(
                space="Own", t1w=path, mask=path, t1w_digest=digest, mask_digest="m"
            ),
        )
        for digest in ("a", "b")
    )
    planned = plan_cohort(find_scans(raw), tmp_path / "out", other)
    record = record_path(planned.todo["sub-01"])
    record.parent.mkdir(parents=True)
    settings = own.model_dump(mode="json")
    made_of = request.fingerprint_with(settings)
    record.write_text(json.dumps({"Settings": settings, "Fingerprint": made_of}))
    described = {"DatasetType": "derivative", "GeneratedBy": [{"Name": "crosswarp"}]}
    path = tmp_path / "out" / "dataset_description.json"
    path.write_text(json.dumps(described))
    planned = plan_cohort(find_scans(raw), tmp_path / "out", other)
    assert "digests a, mask m; this run asks for a `template`" in refusal(planned)


def test_a_changed_file_is_said_and_done(raw: Path, out: Path) -> None:
    write_scans(raw, "sub-02", text="another scan of")
    planned = plan(raw, out, registration=GREEDY)
    refuse_changes(planned.changes())
    assert sentences(planned.changes()) == [
        "1 scan (sub-02) is made again: the file has changed"
    ]
    assert made(raw, out, registration=GREEDY) == ["sub-02"]


def test_a_lone_file_never_replaces_maps_of_another(raw: Path, out: Path) -> None:
    """Two people's scans may have one name: a folder does not tell whose it is."""
    other = raw.parent / "inbox" / "sub-02_T1w.nii.gz"
    other.parent.mkdir()
    other.write_text("of someone else")
    told = refusal(plan(other, out, registration=GREEDY))
    assert told.startswith("1 scan (sub-02) was made from another file than the one")
    assert "`redo=True` to replace" in told
    same = raw / "sub-02" / "anat" / "sub-02_T1w.nii.gz"
    assert plan(same, out, registration=GREEDY).todo == {}
    new = other.rename(other.with_name("sub-99_T1w.nii.gz"))
    assert made(new, out, registration=GREEDY) == ["sub-99"]


def test_what_a_version_changed_is_said_and_done(raw: Path, out: Path) -> None:
    """Steps, a default that is no option, and a setting that there was not yet."""
    requests = plan(raw, out).todo
    for label, change in (
        ("sub-01", {}),
        ("sub-02", {"smoothing": 3}),
        ("sub-03", {"registration": {**GREEDY.model_dump(mode="json"), "seed": 1}}),
    ):
        path = record_path(requests[label])
        record = json.loads(path.read_text())
        record["Settings"].update(change)
        steps = 1 if label == "sub-01" else STEPS_VERSION
        made_of = requests[label].fingerprint_with(record["Settings"], steps)
        path.write_text(json.dumps({**record, "Fingerprint": made_of}))
    planned = plan(raw, out, registration=GREEDY)
    refuse_changes(planned.changes())
    told = sentences(planned.changes())
    steps = "the steps of crosswarp have changed: they were version 1, and are"
    assert any(steps in sentence for sentence in told)
    assert any("the setting smoothing was 3, and is not" in each for each in told)
    assert (
        "1 scan (sub-03) is made again: the setting registration.seed was 1, and is 42"
        " now" in told
    )
    assert all(sentence.startswith("1 scan (") for sentence in told)


def test_a_record_that_cannot_be_read_is_no_change(raw: Path, out: Path) -> None:
    record = record_path(plan(raw, out).todo["sub-01"])
    record.write_text('{"Fingerprint": "of old"}')
    assert plan(raw, out, "sub-01", registration=GREEDY).changes() == []


def test_another_dicom_series_is_said(tmp_path: Path) -> None:
    exam = tmp_path / "exam"
    exam.mkdir()
    (exam / "1.dcm").write_bytes(bytes(128) + b"DICM")
    settings, out = PreprocessSettings(resolution=2), tmp_path / "out"
    planned = plan_cohort(find_scans(exam), out, settings)
    run_plan(planned, work=Work(record_alone), engine=Here())
    # Of this series; but its record says too little to be one.
    told = sentences(plan_cohort(find_scans(exam), out, settings).changes())
    assert [sentence.rpartition(" is ")[2] for sentence in told] == [
        "no record of maps"
    ]
    planned = plan_cohort(
        find_scans(exam, series=SeriesChoice.parse(["3"])), out, settings
    )
    assert sentences(planned.changes()) == [
        "1 scan (sub-exam) is made again: another `dicom_series` was taken"
    ]
    (exam / "2.dcm").write_bytes(bytes(128) + b"DICM")
    planned = plan_cohort(
        find_scans(exam, series=SeriesChoice.parse(["3"])), out, settings
    )
    assert sentences(planned.changes()) == [
        "1 scan (sub-exam) is made again: its files have changed, or another"
        " `dicom_series` was taken"
    ]


def record_alone(request: ScanRequest) -> ScanResult:
    """Write the record of maps of a folder of DICOM files."""
    settings = request.settings.model_dump(mode="json")
    made_of = {"Settings": settings, "Fingerprint": request.fingerprint}
    write_json(record_path(request), made_of)
    return ScanResult({}, "deepbet")
