"""MIRIAD: diagnosis and sex stand in the names; no table is needed."""

from pathlib import Path

from crosswarp.archives.miriad import CHANGES, DERIVED, NO_NAME
from tests.archives.nacc_trees import miriad
from tests.archives.oasis_trees import lines, noise
from tests.archives.trees import imported, labels, reasons


def test_names_alone_make_the_cohort(tmp_path: Path) -> None:
    made = imported(miriad(tmp_path), visits="all")
    assert labels(made) == {
        "miriad988 01": "AD",
        "miriad988 02": "AD",
        "miriad989 01": "CN",
    }
    row = made.rows[0]
    assert (row["sex"], row["field_strength_t"]) == ("M", "1.5")
    assert (row["label_table"], row["label_rule"]) == (
        "name of the scan",
        "AD in the name",
    )
    assert made.archive == "miriad"


def test_of_two_scans_in_a_row_the_first_is_taken(tmp_path: Path) -> None:
    made = imported(miriad(tmp_path))
    assert [row["path"].name for row in made.rows] == [
        "miriad_988_AD_M_01_MR_1.nii",
        "miriad_989_HC_F_01_MR_1.nii",
    ]
    assert reasons(made, "01_MR_2") == ["another T1 of the session is taken"]
    assert reasons(made, "02_MR_1") == [
        "not the participant's first scan with a label (--visits all takes it)"
    ]


def test_what_is_no_scan_by_its_name_is_left_out(tmp_path: Path) -> None:
    miriad(tmp_path)
    noise(tmp_path / "miriad_988_AD_M_01_MR_1/miriad_988_AD_M_01_MR_1_brain.nii.gz")
    noise(tmp_path / "template.nii")
    made = imported(tmp_path)
    assert len(made.rows) == 2
    assert reasons(made, "_brain") == [DERIVED]
    assert reasons(made, "template") == [NO_NAME]


def test_a_participant_with_two_diagnoses_has_none(tmp_path: Path) -> None:
    names = ("miriad_988_AD_M_01_MR_1", "miriad_988_HC_M_02_MR_1")
    made = imported(miriad(tmp_path, *names))
    assert made.rows == []
    assert {reason for name in names for reason in reasons(made, name)} == {CHANGES}


def test_tables_add_age_and_score_in_spite_of_totals(tmp_path: Path) -> None:
    miriad(tmp_path)
    rows = ["miriad_988_1_MR_1,miriad_988,F,70.4", "miriad_989_1_MR_1,miriad_989,F,69"]
    sessions = [*rows, "Total,,,", "2"]
    lines(tmp_path / "miriad_sessions.csv", "MR ID,Subject,M/F,Age", sessions)
    scores = ["miriad_988_1_MMSE,miriad_988,19", "miriad_989_1_MMSE,miriad_989,."]
    lines(tmp_path / "miriad_scores.csv", "Label,Subject,MMSE", scores)
    made = imported(tmp_path)
    assert [(row["age_years"], row["mmse"]) for row in made.rows] == [
        ("70.4", "19"),
        ("69", "n/a"),
    ]
    # The names say that 988 is a man.
    assert made.rows[0]["sex"] == "M"
    assert any("the sex of 1 participant(s) is another" in n for n in made.notes)
