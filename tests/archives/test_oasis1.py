"""OASIS-1: a rule on the CDR, two scans of one person, pairs without orientation."""

from pathlib import Path

import numpy as np
import pytest

from crosswarp.archives.oasis1 import (
    DERIVED,
    GEOMETRY,
    HALF,
    NO_SESSION,
    SINGLE,
    UNRATED,
)
from crosswarp.archives.sessions import PACKED
from crosswarp.archives.writer import write_import
from crosswarp.bids.dataset import find_scans
from crosswarp.bids.stated_orientation import stated_orientation
from crosswarp.errors import InputError
from crosswarp.readers.source import read_source
from tests.analyze_pairs import RIGHT_EAR, write_analyze
from tests.archives.oasis_trees import (
    OASIS1_HEADER,
    OASIS1_ROWS,
    analyze,
    lines,
    oasis1,
    oasis1_session,
)
from tests.archives.trees import imported, labels, reasons


def test_the_cdr_of_the_row_is_the_label(tmp_path: Path) -> None:
    made = imported(oasis1(tmp_path))
    assert labels(made) == {
        "OAS19002 MR1": "CN",
        "OAS19003 MR1": "AD",
        "OAS19004 MR1": "AD",
    }
    row = next(r for r in made.rows if r["participant_id"] == "sub-OAS19003")
    assert (row["label_table"], row["label_visit"], row["label_days"]) == (
        "oasis_cross-sectional.csv",
        "MR1",
        "0",
    )
    assert row["label_rule"] == "CDR 0.5, rule dementia"
    assert (row["age_years"], row["sex"], row["mmse"]) == ("73", "F", "27")
    assert (row["cdr"], row["field_strength_t"]) == ("0.5", "1.5")
    # A code of five levels is not taken for years.
    assert (row["education_level"], row["education_years"]) == ("4", "n/a")
    # Without an id: notes are for the terminal and for logs.
    assert made.notes[0] == "archive: OASIS-1, known by folders OAS1_NNNN_MRn"
    assert not [note for note in made.notes if "900" in note]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("cdr1", {"OAS19002 MR1": "CN", "OAS19004 MR1": "AD"}),
        ("stage", {"OAS19002 MR1": "CN", "OAS19003 MR1": "MCI", "OAS19004 MR1": "AD"}),
    ],
)
def test_the_rule_on_the_cdr_can_be_chosen(
    tmp_path: Path, rule: str, expected: dict[str, str]
) -> None:
    made = imported(oasis1(tmp_path), cdr=rule)
    assert labels(made) == expected
    left = reasons(made, "OAS1_9003_MR1/PROCESSED/MPRAGE/SUBJ_111")
    assert left == (["CDR 0.5 is left out by the CDR rule"] if rule == "cdr1" else [])


def test_the_young_without_a_cdr_are_neither_ill_nor_lost(tmp_path: Path) -> None:
    made = imported(oasis1(tmp_path), visits="all")
    assert not [row for row in made.rows if row["participant_id"] == "sub-OAS19001"]
    assert reasons(made, "OAS1_9001_MR1/PROCESSED/MPRAGE/SUBJ_111") == [UNRATED]
    assert reasons(made, "OAS1_9001_MR2/PROCESSED/MPRAGE/SUBJ_111") == [UNRATED]


def test_two_scans_of_one_person_are_one_participant(tmp_path: Path) -> None:
    young = {"unrated": "cn"}
    made = imported(oasis1(tmp_path), visits="all", settings=young)
    own = [row for row in made.rows if row["participant_id"] == "sub-OAS19001"]
    assert [(r["session_id"], r["scan_day"], r["diagnosis"]) for r in own] == [
        ("ses-MR1", "0", "CN"),
        ("ses-MR2", "30", "CN"),
    ]
    assert {row["label_rule"] for row in own} == {
        "under 60 years and not rated, taken for CN"
    }
    first = imported(tmp_path, settings=young)
    assert labels(first)["OAS19001 MR1"] == "CN"
    assert "OAS19001 MR2" not in labels(first)


def test_only_the_average_in_the_participants_space_is_taken(tmp_path: Path) -> None:
    made = imported(oasis1(tmp_path), visits="all", settings={"unrated": "cn"})
    names = [row["path"].name for row in made.rows]
    # Averages of three, four and five acquisitions.
    assert names == [
        "OAS1_9001_MR1_mpr_n4_anon_sbj_111.img",
        "OAS1_9001_MR2_mpr_n3_anon_sbj_111.img",
        "OAS1_9002_MR1_mpr_n3_anon_sbj_111.img",
        "OAS1_9003_MR1_mpr_n4_anon_sbj_111.img",
        "OAS1_9004_MR1_mpr_n5_anon_sbj_111.img",
    ]
    # Of each, the reader knows where left and right are.
    assert all(stated_orientation(name) for name in names)
    assert {row["orientation"] for row in made.rows} == {"stated"}
    assert reasons(made, "OAS1_9002_MR1/RAW") == [SINGLE] * 3
    assert reasons(made, "OAS1_9002_MR1/PROCESSED/MPRAGE/T88_111") == [DERIVED] * 2
    assert reasons(made, "OAS1_9002_MR1/FSL_SEG") == [DERIVED]


def test_disk_and_table_are_held_against_each_other(tmp_path: Path) -> None:
    made = imported(oasis1(tmp_path))
    assert reasons(made, "OAS1_9006_MR1/PROCESSED/MPRAGE/SUBJ_111") == [
        "no clinical visit of the participant is known"
    ]
    absent = [one for one in made.exclusions if one.participant == "sub-OAS19005"]
    assert [(one.reason, one.item) for one in absent] == [
        ("a participant without a T1", "oasis_cross-sectional.csv line 7")
    ]


def test_faults_of_files_leave_out_that_file_alone(tmp_path: Path) -> None:
    oasis1(tmp_path)
    oasis1_session(tmp_path / "disc2", "OAS1_9005_MR1")
    folder = tmp_path / "disc2/OAS1_9005_MR1/PROCESSED/MPRAGE/SUBJ_111"
    (folder / "OAS1_9005_MR1_mpr_n4_anon_sbj_111.hdr").unlink()
    other = tmp_path / "disc2/OAS1_9004_MR1/PROCESSED/MPRAGE/SUBJ_111"
    analyze(other / "OAS1_9004_MR1_mpr_n5_anon_sbj_111.img", (160, 256, 256))
    analyze(tmp_path / "notes/head_mpr_n4_anon_sbj_111.img", (256, 256, 160))
    made = imported(tmp_path)
    assert set(labels(made)) == {"OAS19002 MR1", "OAS19003 MR1"}
    assert reasons(made, "OAS1_9005_MR1/PROCESSED/MPRAGE/SUBJ_111") == [HALF]
    assert reasons(made, "OAS1_9004_MR1/PROCESSED/MPRAGE/SUBJ_111") == [GEOMETRY]
    assert reasons(made, "notes/head") == [NO_SESSION]


def test_sessions_of_a_list_are_left_out(tmp_path: Path) -> None:
    made = imported(oasis1(tmp_path), exclude=frozenset({"OAS1_9003_MR1"}))
    assert set(labels(made)) == {"OAS19002 MR1", "OAS19004 MR1"}
    assert reasons(made, "OAS1_9003_MR1/PROCESSED/MPRAGE/SUBJ_111") == [
        "named in the list of --exclude"
    ]


def test_a_sex_that_changes_is_missing_and_said(tmp_path: Path) -> None:
    oasis1(tmp_path)
    oasis1_session(tmp_path / "disc1", "OAS1_9002_MR2")
    rows = [*OASIS1_ROWS, "OAS1_9002_MR2,F,R,74,2,3,29,0,1344,0.743,1.306,12"]
    lines(tmp_path / "oasis_cross-sectional.csv", OASIS1_HEADER, rows)
    made = imported(tmp_path)
    assert next(r for r in made.rows if "9002" in r["participant_id"])["sex"] == "n/a"
    assert any("1 participant(s) whose sex differs" in note for note in made.notes)


def test_without_a_table_it_is_said_where_it_is_to_be_had(tmp_path: Path) -> None:
    (oasis1(tmp_path) / "oasis_cross-sectional.csv").unlink()
    lines(tmp_path / "other.csv", "a,b", ["1,2"])
    with pytest.raises(
        InputError, match=r"columns ID, M/F, CDR, Delay .*; it has other"
    ):
        imported(tmp_path)


def test_the_scan_of_a_cohort_lies_as_the_archive_says(tmp_path: Path) -> None:
    root = oasis1(tmp_path / "oasis1")
    folder = root / "disc1/OAS1_9002_MR1/PROCESSED/MPRAGE/SUBJ_111"
    write_analyze(folder, "OAS1_9002_MR1_mpr_n3_anon_sbj_111")
    table = tmp_path / "cohort.tsv"
    write_import(imported(root), table, tmp_path / "excluded.tsv")
    [raw] = find_scans(table, ["OAS19002"]).scans
    read = read_source(raw.path)
    (ear,) = np.argwhere(read.scan.values == 3000)
    np.testing.assert_allclose((read.scan.affine @ [*ear, 1])[:3], RIGHT_EAR)


def test_discs_that_are_not_unpacked_are_named(tmp_path: Path) -> None:
    oasis1(tmp_path)
    (tmp_path / "oasis_cross-sectional_disc3.tar.gz").write_bytes(b"")
    made = imported(tmp_path)
    assert reasons(made, "disc3.tar.gz") == [PACKED]
    alone = tmp_path / "alone"
    lines(alone / "oasis_cross-sectional.csv", OASIS1_HEADER, OASIS1_ROWS)
    (tmp_path / "oasis_cross-sectional_disc3.tar.gz").rename(alone / "disc3.tar.gz")
    assert imported(alone, "oasis1").rows == []
