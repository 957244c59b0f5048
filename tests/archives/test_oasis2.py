"""OASIS-2: the CDR of each session's row, never the group of the person."""

from pathlib import Path

from crosswarp.archives.oasis2 import NO_ORIENTATION, NO_OTHER
from tests.archives.oasis_trees import analyze, noise, oasis2
from tests.archives.trees import imported, labels, reasons

ANOTHER = "another T1 of the session is taken"


def test_converted_people_are_labelled_by_the_rows_cdr(tmp_path: Path) -> None:
    made = imported(oasis2(tmp_path), visits="all")
    assert labels(made) == {
        "OAS29001 MR1": "CN",
        "OAS29001 MR3": "AD",
        "OAS29002 MR1": "CN",
        "OAS29002 MR2": "CN",
        "OAS29003 MR1": "AD",
    }
    late = next(row for row in made.rows if row["session_id"] == "ses-MR3")
    assert (late["label_rule"], late["label_visit"]) == (
        "CDR 0.5, rule dementia",
        "MR3",
    )
    assert (late["scan_day"], late["label_days"]) == ("800", "0")
    # Years here, not a code as in OASIS-1.
    assert (late["education_years"], late["age_years"]) == ("12", "82")
    assert late["baseline_diagnosis"] == "CN"
    assert any("Group is not used" in note for note in made.notes)


def test_the_first_session_of_each_is_the_default(tmp_path: Path) -> None:
    made = imported(oasis2(tmp_path))
    assert set(labels(made)) == {"OAS29001 MR1", "OAS29002 MR1", "OAS29003 MR1"}
    assert reasons(made, "OAS2_9001_MR3/RAW/mpr-1") == [
        "not the participant's first scan with a label (--visits all takes it)"
    ]


def test_the_first_acquisition_of_a_session_is_taken(tmp_path: Path) -> None:
    made = imported(oasis2(tmp_path))
    assert {row["path"].name for row in made.rows} == {"mpr-1.nifti.img"}
    assert {row["image_kind"] for row in made.rows} == {"nifti"}
    assert reasons(made, "OAS2_9001_MR1/RAW/mpr-2") == [ANOTHER]
    assert reasons(made, "OAS2_9001_MR1/RAW/mpr-3") == [ANOTHER]


def test_what_is_no_acquisition_is_left_out(tmp_path: Path) -> None:
    raw = oasis2(tmp_path) / "OAS2_RAW_PART2/OAS2_9003_MR1/RAW"
    analyze(raw / "mpr-1.nifti.img", (256, 256, 128))
    noise(raw / "brain.nii.gz")
    made = imported(tmp_path)
    row = next(r for r in made.rows if r["participant_id"] == "sub-OAS29003")
    assert row["path"].name == "mpr-2.nifti.img"
    assert reasons(made, "OAS2_9003_MR1/RAW/mpr-1") == [NO_ORIENTATION]
    assert reasons(made, "OAS2_9003_MR1/RAW/brain") == [NO_OTHER]


def test_the_group_is_taken_when_it_is_asked_for(tmp_path: Path) -> None:
    made = imported(oasis2(tmp_path), diagnosis="group")
    assert labels(made)["OAS29001 MR1"] == "Converted"
