"""OASIS-3: days matched within one person, tables of two generations, texts of dx1."""

from pathlib import Path

import pytest

from crosswarp.archives.oasis3 import NO_T1, NOT_MR, STRANGER
from crosswarp.archives.oasis3_labels import DISAGREE, NEITHER, UNSURE, label_of_dx1
from crosswarp.archives.oasis3_tables import NO_DAY, NO_PERSON
from crosswarp.archives.records import Imported
from crosswarp.archives.uds import OTHER_CAUSE
from crosswarp.errors import InputError
from tests.archives.oasis_trees import (
    CDR_HEADER,
    CDR_ROWS,
    MR_HEADER,
    adrc_tables,
    cdr_row,
    data_file,
    lines,
    noise,
    oasis3,
    oasis3_before_2022,
    oasis3_images,
    session3,
)
from tests.archives.trees import imported, labels, reasons

CDR_FILE = "OASIS3_UDSb4_cdr.csv"


def row_of(made: Imported, session: str) -> dict[str, str]:
    return next(
        r for r in made.rows if f"{r['participant_id']}_{r['session_id']}" == session
    )


def test_each_scan_gets_the_nearest_visit_of_its_own_person(tmp_path: Path) -> None:
    made = imported(oasis3(tmp_path), visits="all")
    # Two people scanned in the same half-year have the diagnoses of their own.
    assert labels(made) == {
        "OAS39001 d0129": "CN",
        "OAS39001 d1150": "AD",
        "OAS39002 d0131": "AD",
        "OAS39003 d0002": "MCI",
    }
    row = row_of(made, "sub-OAS39001_ses-d0129")
    assert (row["label_table"], row["label_visit"]) == (CDR_FILE, "d0000")
    assert (row["label_days"], row["scan_day"]) == ("-129", "129")
    assert row["label_rule"] == "dx1 cognitively normal, CDRTOT 0"
    assert (row["mmse"], row["cdr"]) == ("29", "0")
    assert (row["sex"], row["education_years"]) == ("F", "11")
    assert row["age_years"] == f"{61.5 + 129 / 365.25:.2f}"
    assert (row["field_strength_t"], row["scanner"]) == ("3", "Siemens TrioTim")
    demented = row_of(made, "sub-OAS39002_ses-d0131")
    assert (demented["mmse"], demented["cdr"], demented["sex"]) == ("21", "2", "M")


@pytest.mark.parametrize("days", ["0339", "339", "339.0"])
def test_days_are_numbers_however_they_are_written(tmp_path: Path, days: str) -> None:
    session3(tmp_path, "OAS39001_MR_d0340", "sub-OAS39001_ses-d0340_T1w")
    row = cdr_row("OAS39001", "339", "29", "0", "Cognitively normal")
    written = row.replace(",339,", f",{days},")
    lines(data_file(tmp_path, "UDSb4", "OASIS3_UDSb4_cdr"), CDR_HEADER, [written])
    made = imported(tmp_path)
    assert made.rows[0]["label_days"] == "-1"
    assert made.rows[0]["label_visit"] == "d0339"


def test_a_visit_before_entry_has_a_negative_day(tmp_path: Path) -> None:
    session3(tmp_path, "OAS39001_MR_d0001", "sub-OAS39001_ses-d0001_T1w")
    row = cdr_row("OAS39001", "-12", "29", "0", "Cognitively normal")
    lines(data_file(tmp_path, "UDSb4", "OASIS3_UDSb4_cdr"), CDR_HEADER, [row])
    assert imported(tmp_path).rows[0]["label_days"] == "-13"
    # The same of a visit whose day stands in its label alone.
    blank = row.replace(",-12,", ",,")
    lines(data_file(tmp_path, "UDSb4", "OASIS3_UDSb4_cdr"), CDR_HEADER, [blank])
    assert imported(tmp_path).rows[0]["label_days"] == "-13"


def test_sess_and_ses_and_split_folders_are_one_layout(tmp_path: Path) -> None:
    made = imported(oasis3(tmp_path), visits="all")
    paths = {
        r["session_id"]: r["path"].relative_to(tmp_path).as_posix() for r in made.rows
    }
    assert paths == {
        # The first run, whatever the number of its folder.
        "ses-d0129": "OAS39001_MR_d0129/anat10/"
        "sub-OAS39001_sess-d0129_run-01_T1w.nii.gz",
        "ses-d1150": "OAS39001_MR_d1150/anat2/sub-OAS39001_ses-d1150_run-01_T1w.nii.gz",
        "ses-d0131": "OAS39002_MR_d0131/anat4/NIFTI/sub-OAS39002_ses-d0131_T1w.nii.gz",
        "ses-d0002": "OAS39003_MR_d0002/scans/anat2-T1w/resources/NIFTI/files/"
        "sub-OAS39003_ses-d0002_T1w.nii.gz",
    }
    assert reasons(made, "run-02") == ["another T1 of the session is taken"]
    assert reasons(made, "_T2w") == [NO_T1]


def test_diagnoses_that_are_no_label_leave_out_the_scan(tmp_path: Path) -> None:
    made = imported(oasis3(tmp_path))
    assert reasons(made, "OAS39004_MR_d0010/anat2") == [UNSURE]
    assert reasons(made, "OAS39005_MR_d0010") == [OTHER_CAUSE]
    assert reasons(made, "OAS39006_MR_d0500") == [
        "no visit with a diagnosis lies in the window"
    ]
    assert reasons(made, "OAS39007_MR_d0001") == [
        "no clinical visit of the participant is known"
    ]
    # Once a wrong person's files were among those of a session.
    assert reasons(made, "OAS39004_MR_d0010/anat5") == [STRANGER]
    wide = imported(tmp_path, window=500)
    assert labels(wide)["OAS39006 d0500"] == "CN"
    assert labels(imported(tmp_path, dementia="any"))["OAS39005 d0010"] == "AD"


def test_a_missing_dx1_is_that_of_the_form_or_of_the_next_visit(tmp_path: Path) -> None:
    made = imported(oasis3(tmp_path))
    row = row_of(made, "sub-OAS39003_ses-d0002")
    assert (row["diagnosis"], row["label_rule"]) == ("MCI", "MCIAMEM 1")
    assert row["label_table"] == "OASIS3_UDSd1_diagnoses.csv"
    data_file(tmp_path, "UDSd1", "OASIS3_UDSd1_diagnoses").unlink()
    rows = [*CDR_ROWS, cdr_row("OAS39003", "0200", "28", "0", "Cognitively normal")]
    lines(data_file(tmp_path, "UDSb4-cdr", "OASIS3_UDSb4_cdr"), CDR_HEADER, rows)
    later = row_of(imported(tmp_path), "sub-OAS39003_ses-d0002")
    assert (later["diagnosis"], later["label_days"]) == ("CN", "198")


def test_the_source_of_labels_can_be_chosen(tmp_path: Path) -> None:
    oasis3(tmp_path)
    by_form = imported(tmp_path, settings={"label": "d1"})
    assert labels(by_form) == {
        "OAS39001 d0129": "CN",
        "OAS39002 d0131": "AD",
        "OAS39003 d0002": "MCI",
    }
    staged = imported(tmp_path, settings={"label": "cdr"}, cdr="stage")
    assert labels(staged)["OAS39004 d0010"] == "MCI"
    with pytest.raises(InputError, match="expected dx1 or d1 or cdr, got 'group'"):
        imported(tmp_path, settings={"label": "group"})
    with pytest.raises(InputError, match=r"--set labels=d1: OASIS-3 .* has label"):
        imported(tmp_path, settings={"labels": "d1"})


def test_disagreement_of_the_tables_is_counted(tmp_path: Path) -> None:
    rows = [cdr_row("OAS39003", "0000", "28", "0.5", "AD Dementia"), *CDR_ROWS[:5]]
    oasis3(tmp_path)
    lines(data_file(tmp_path, "UDSb4-cdr", "OASIS3_UDSb4_cdr"), CDR_HEADER, rows)
    made = imported(tmp_path)
    assert labels(made)["OAS39003 d0002"] == "AD"
    assert "1 visit(s) whose form D1 says otherwise than the rule 'dx1'" in made.notes


def test_the_table_until_2022_is_read_and_named(tmp_path: Path) -> None:
    made = imported(oasis3_before_2022(tmp_path), visits="all")
    assert labels(made) == {
        "OAS39001 d0129": "CN",
        "OAS39001 d1150": "AD",
        "OAS39002 d0131": "AD",
    }
    row = row_of(made, "sub-OAS39001_ses-d0129")
    assert row["label_table"] == "ADRC Clinical Data.csv"
    assert (row["sex"], row["education_years"]) == ("F", "16")
    assert row["age_years"] == f"{69.5 + 129 / 365.25:.2f}"
    # Of the exported list of sessions, in spite of its rows of totals.
    assert row["field_strength_t"] == "3"
    assert any("labels are from ADRC Clinical Data.csv" in n for n in made.notes)
    # A single visit whose dx1 is missing.
    assert reasons(made, "OAS39003_MR_d0002") == [
        "no visit of the participant has a diagnosis"
    ]


def test_of_both_generations_the_newer_one_counts(tmp_path: Path) -> None:
    oasis3(tmp_path)
    adrc_tables(tmp_path)
    made = imported(tmp_path)
    assert {row["label_table"] for row in made.rows} == {
        CDR_FILE,
        "OASIS3_UDSd1_diagnoses.csv",
    }
    assert any("ADRC Clinical Data.csv is of the generation" in n for n in made.notes)


def test_withdrawn_sessions_are_left_out_by_a_list(tmp_path: Path) -> None:
    listed = frozenset({"OAS39002_MR_d0131"})
    made = imported(oasis3(tmp_path), exclude=listed, exclude_from="withdrawn.txt")
    assert "OAS39002 d0131" not in labels(made)
    assert reasons(made, "OAS39002_MR_d0131") == ["named in the list of withdrawn.txt"]


def test_the_subject_of_the_data_files_is_no_participant(tmp_path: Path) -> None:
    noise(oasis3(tmp_path) / "0AS_data_files/preview_T1w.nii.gz")
    session3(tmp_path, "OAS39001_AV45_PET_d0129", "sub-OAS39001_ses-d0129_pet")
    made = imported(tmp_path)
    assert not [row for row in made.rows if "data" in row["participant_id"]]
    assert len(reasons(made, "0AS_data_files/preview_T1w")) == 1
    assert reasons(made, "AV45_PET") == [NO_T1]
    noise(tmp_path / "OAS39001_PET_d0129/pet1/sub-OAS39001_ses-d0129_T1w.nii.gz")
    assert reasons(imported(tmp_path), "OAS39001_PET") == [NOT_MR]


def test_bids_folders_of_the_archives_own_script(tmp_path: Path) -> None:
    oasis3(tmp_path)
    folder = tmp_path / "sub-OAS39006/ses-d0012/anat"
    noise(folder / "sub-OAS39006_ses-d0012_run-01_T1w.nii.gz")
    assert labels(imported(tmp_path))["OAS39006 d0012"] == "CN"


def test_oasis4_is_read_where_its_tables_have_the_same_columns(tmp_path: Path) -> None:
    session3(tmp_path, "OAS42001_MR_d3132", "sub-OAS42001_ses-d3132_T1w")
    row = cdr_row("OAS42001", "3100", "20", "1", "AD Dementia")
    lines(tmp_path / "0AS4_data_files/OASIS4_data.csv", CDR_HEADER, [row])
    made = imported(tmp_path)
    assert labels(made) == {"OAS42001 d3132": "AD"}
    assert not [note for note in made.notes if "42001" in note]


def test_rows_without_a_person_or_a_day_are_left_out(tmp_path: Path) -> None:
    session3(tmp_path, "OAS39001_MR_d0001", "sub-OAS39001_ses-d0001_T1w")
    good = cdr_row("OAS39001", "0", "29", "0", "Cognitively normal")
    rows = [good, good.replace("OAS39001", "XX"), "OAS39002,OAS39002_UDSb4,.,70,29"]
    lines(tmp_path / "OASIS3_UDSb4_cdr.csv", CDR_HEADER, rows)
    made = imported(tmp_path)
    assert labels(made) == {"OAS39001 d0001": "CN"}
    assert reasons(made, "OASIS3_UDSb4_cdr.csv line 3") == [NO_PERSON]
    assert reasons(made, "OASIS3_UDSb4_cdr.csv line 4") == [NO_DAY]


def test_without_a_clinical_table_it_is_said_where_they_are(tmp_path: Path) -> None:
    oasis3_images(tmp_path)
    lines(tmp_path / "OASIS3_MR_json.csv", MR_HEADER, [])
    with pytest.raises(InputError, match=r"it has OASIS3_MR_json.csv\. Download"):
        imported(tmp_path)


@pytest.mark.parametrize(
    ("dx1", "cdr", "label", "reason"),
    [
        ("Cognitively normal", 0.0, "CN", ""),
        ("Cognitively normal", 0.5, "CN", ""),
        ("Cognitively normal", 1.0, None, DISAGREE),
        ("AD Dementia", 0.5, "AD", ""),
        ("AD Dementia", None, "AD", ""),
        ("AD Dementia", 0.0, None, DISAGREE),
        ("AD dem w/depresss  not contribut", 1.0, "AD", ""),
        ("AD dem w/CVD contribut", 1.0, "AD", ""),
        ("DAT", 1.0, "AD", ""),
        ("AD dem cannot be primary", 1.0, None, UNSURE),
        ("uncertain dementia", 0.5, None, UNSURE),
        ("uncertain  possible NON AD dem", 0.5, None, UNSURE),
        ("Unc: ques. Impairment", 0.5, None, UNSURE),
        ("0.5 in memory only", 0.5, None, UNSURE),
        ("DLBD- primary", 1.0, None, OTHER_CAUSE),
        ("Vascular Demt- primary", 1.0, None, OTHER_CAUSE),
        ("Frontotemporal demt. prim", 1.0, None, OTHER_CAUSE),
        ("No dementia", 0.0, "CN", ""),
        ("No dementia", 0.5, None, NEITHER),
        ("Active Mood disorder", 0.0, None, NEITHER),
        (None, 0.0, None, ""),
    ],
)
def test_texts_of_dx1(
    dx1: str | None, cdr: float | None, label: str | None, reason: str
) -> None:
    found = label_of_dx1(dx1, cdr)
    assert (found.label, found.reason) == (label, reason)
