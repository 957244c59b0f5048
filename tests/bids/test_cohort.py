"""Who is in the cohort, who is not and why, and which tables are refused."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from crosswarp.bids.cohort import COLUMNS, make_cohort, read_cohort, write_cohort
from crosswarp.errors import InputError

Add = Callable[..., None]


def write_participants(root: Path, *rows: str, name: str = "participants.tsv") -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("\n".join(row.replace(" ", "\t") for row in rows) + "\n")


def row_of(table: pd.DataFrame, participant: str) -> dict[str, object]:
    [row] = table[table["participant_id"] == participant].to_dict("records")
    return row


def test_tables_and_scans_come_together(tmp_path: Path, add_scans: Add) -> None:
    add_scans("sub-02", "sub-01")
    write_participants(
        tmp_path,
        "participant_id diagnosis age sex site field_strength_t",
        "sub-01 Dementia 89+ female 007 3",
        "sub-02 control 70.5 M n/a n/a",
    )
    made = make_cohort(tmp_path)
    assert tuple(made.table.columns) == COLUMNS
    assert made.table["participant_id"].tolist() == ["sub-01", "sub-02"]
    assert row_of(made.table, "sub-01") == {
        "participant_id": "sub-01",
        "session_id": "n/a",
        "diagnosis": "AD",
        "age_years": 89.0,
        "sex": "F",
        "site": "007",
        "field_strength_t": 3.0,
        "origin": "real",
    }
    assert made.left_out == []


def test_columns_that_name_people_are_left_out_aloud(
    tmp_path: Path, add_scans: Add
) -> None:
    add_scans("sub-1")
    named = "full_name PatientName birth_date e-mail comments"
    kept = "education apoe4 renamed addressed"
    write_participants(
        tmp_path, f"participant_id diagnosis {named} {kept}", "sub-1 CN" + " x" * 9
    )
    made = make_cohort(tmp_path)
    assert [c for c in made.table if c not in COLUMNS] == kept.split()
    [said] = [note for note in made.notes if "not taken over" in note]
    assert said.startswith(", ".join(named.split()))


def test_files_that_are_no_scan_are_listed_by_their_place(
    tmp_path: Path, add_scans: Add
) -> None:
    add_scans("sub-1")
    write_participants(tmp_path, "participant_id diagnosis", "sub-1 CN")
    for name in ("sub-1/sub-1_ses-2_T1w.nii", "other.nii"):
        (tmp_path / name).touch()
    labels = [left.participant_id for left in make_cohort(tmp_path).left_out]
    assert labels == ["sub-1/sub-1_ses-2_T1w.nii", "other.nii"]


def test_field_of_the_scanner_comes_from_the_table_else_the_sidecar(
    tmp_path: Path, add_scans: Add
) -> None:
    add_scans("sub-01/ses-1", "sub-01/ses-2", "sub-02", "sub-03")
    write_participants(
        tmp_path,
        "participant_id diagnosis field_strength_t",
        "sub-01 AD n/a",
        "sub-02 CN 1.5",
        "sub-03 CN n/a",
    )
    write_participants(
        tmp_path,
        "session_id field_strength_t",
        "ses-1 7",
        name="sub-01/sub-01_sessions.tsv",
    )
    for name in ("sub-01/ses-2/anat/sub-01_ses-2", "sub-02/anat/sub-02"):
        sidecar = tmp_path / f"{name}_T1w.json"
        sidecar.write_text('{"MagneticFieldStrength": 2.89362}')
    made = make_cohort(tmp_path).table
    assert made["field_strength_t"].tolist()[:3] == [7.0, 3.0, 1.5]
    assert pd.isna(made["field_strength_t"].iloc[3])
    write_cohort(tmp_path / "cohort.tsv", made)
    read = read_cohort(tmp_path / "cohort.tsv")
    pd.testing.assert_frame_equal(read, made)


def test_only_ids_and_diagnoses_are_needed(tmp_path: Path, add_scans: Add) -> None:
    add_scans("sub-01")
    write_participants(tmp_path, "participant_id diagnosis", "sub-01 MCI")
    row = row_of(make_cohort(tmp_path).table, "sub-01")
    assert pd.isna(row.pop("age_years"))
    assert pd.isna(row.pop("field_strength_t"))
    assert list(row.values()) == ["sub-01", "n/a", "MCI", "n/a", "n/a", "real"]


def test_nothing_is_left_out_in_silence(tmp_path: Path, add_scans: Add) -> None:
    add_scans("sub-01", "sub-02", "sub-03", "sub-05", "sub-05:sub-05_run-2_T1w.nii")
    (tmp_path / "sub-06").mkdir()
    write_participants(
        tmp_path,
        "participant_id diagnosis",
        "sub-01 AD",
        "sub-02 n/a",
        "sub-04 CN",
        "sub-05 CN",
    )
    made = make_cohort(tmp_path)
    assert made.table["participant_id"].tolist() == ["sub-01"]
    two, none, undiagnosed, scanless, unknown = map(str, made.left_out)
    assert two.startswith("sub-05: more than one T1w image")
    assert none == "sub-06: no T1w image in anat"
    assert undiagnosed == "sub-02: no diagnosis"
    assert unknown == "sub-03: not in participants.tsv"
    assert scanless == "sub-04: in participants.tsv, but without a T1w scan"


def test_a_session_has_its_own_diagnosis_and_age(
    tmp_path: Path, add_scans: Add
) -> None:
    add_scans("sub-01/ses-1", "sub-01/ses-2", "sub-01/ses-3", "sub-02/ses-1")
    write_participants(
        tmp_path,
        "participant_id diagnosis age sex",
        "sub-01 CN 70 F",
        "sub-02 AD 80 M",
    )
    write_participants(
        tmp_path,
        "session_id diagnosis age_years",
        "ses-1 n/a n/a",
        "ses-2 MCI 72",
        name="sub-01/sub-01_sessions.tsv",
    )
    made = make_cohort(tmp_path)
    assert made.table["diagnosis"].tolist() == ["CN", "MCI", "AD"]
    assert made.table["age_years"].tolist() == [70, 72, 80]
    assert made.table["sex"].tolist() == ["F", "F", "M"]
    # The table has diagnoses, so that the participant's is not put in its place.
    [left] = made.left_out
    assert left.label == "sub-01_ses-3"
    assert "is not in sub-01_sessions.tsv, which has ses-1, ses-2" in left.reason


def test_diagnoses_may_be_in_the_session_tables_alone(
    tmp_path: Path, add_scans: Add
) -> None:
    add_scans("sub-01/ses-1")
    write_participants(tmp_path, "participant_id sex", "sub-01 F")
    write_participants(
        tmp_path,
        "session_id diagnosis",
        "ses-1 AD",
        name="sub-01/sub-01_sessions.tsv",
    )
    assert make_cohort(tmp_path).table["diagnosis"].tolist() == ["AD"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            ["participant_id group", "sub-01 AD"],
            r"lacks diagnosis; it has .*`columns=\{'diagnosis': 'group'\}`",
        ),
        (
            ["participant_id diagnosis Age AGE", "sub-01 AD 70 71"],
            r"has Age and AGE; rename or delete one, or .*`columns=\{'age_years'",
        ),
        (["name diagnosis", "sub-01 AD"], "lacks participant_id"),
        (
            ["participant_id diagnosis", "sub-01 AD", "sub-01 CN"],
            "sub-01 is in participants.tsv more than once; keep one row",
        ),
        (["participant_id diagnosis", "sub-01 -4"], r"sub-01: no diagnosis \(-4\)"),
        (["participant_id diagnosis", "sub-01 1"], "sub-01: .*`mapping={'1': 'AD'}`"),
        (
            ["participant_id diagnosis origin", "sub-01 AD made"],
            "sub-01: origin.*'made'",
        ),
        (
            ["participant_id diagnosis", "sub-01 n/a"],
            "no scan with a diagnosis: sub-01",
        ),
    ],
)
def test_tables_that_cannot_be_used(
    tmp_path: Path, add_scans: Add, rows: list[str], message: str
) -> None:
    add_scans("sub-01")
    write_participants(tmp_path, *rows)
    with pytest.raises(InputError, match=message):
        make_cohort(tmp_path)


def test_no_table_is_refused(tmp_path: Path, add_scans: Add) -> None:
    add_scans("sub-01")
    with pytest.raises(InputError, match=r"no table at .*participants\.tsv"):
        make_cohort(tmp_path)


def test_many_faults_are_counted(tmp_path: Path, add_scans: Add) -> None:
    people = [f"sub-{number}" for number in range(1, 10)]
    add_scans(*people)
    write_participants(
        tmp_path, "participant_id diagnosis", *(f"{name} 3" for name in people)
    )
    with pytest.raises(InputError, match=r"sub-5: [^;]*'3': 'AD'[^;]*; and 4 more$"):
        make_cohort(tmp_path)


def cohort_of(**columns: object) -> pd.DataFrame:
    base = {
        "participant_id": ["sub-01", "sub-01"],
        "session_id": ["ses-1", "ses-2"],
        "diagnosis": ["CN", "AD"],
    }
    return pd.DataFrame({**base, **columns})


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "cohort.tsv"
    sexes = pd.Series(["F", pd.NA], dtype="string")
    ages = [70.5, None]
    write_cohort(path, cohort_of(age_years=ages, sex=sexes, origin=["virtual"] * 2))
    table = read_cohort(path)
    assert tuple(table.columns) == COLUMNS
    assert table["origin"].tolist() == ["virtual", "virtual"]
    write_cohort(tmp_path / "again.tsv", table)
    assert (tmp_path / "again.tsv").read_bytes() == path.read_bytes()


def test_a_scan_twice_is_refused(tmp_path: Path) -> None:
    table = cohort_of(session_id=["ses-1", "ses-1"])
    with pytest.raises(InputError, match="sub-01_ses-1: more than once"):
        write_cohort(tmp_path / "cohort.tsv", table)
    assert not (tmp_path / "cohort.tsv").exists()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"participant_id": ["01", "sub-02"]}, "got '01'; did you mean 'sub-01'"),
        ({"session_id": ["M00", "ses-2"]}, "got 'M00'; did you mean 'ses-M00'"),
        ({"diagnosis": [None, "AD"]}, "diagnosis 'n/a' is not a label"),
        ({"age_years": ["70", "inf"]}, "sub-01: age 'inf' is not a number of years"),
        ({"age_years": ["0", "70"]}, "age '0' is not a number"),
        ({"sex": ["1", "F"]}, "sex '1' is not understood"),
        ({"field_strength_t": ["high", "3"]}, "field_strength_t 'high' is not"),
    ],
)
def test_a_file_edited_by_hand_is_checked(
    tmp_path: Path, columns: dict[str, object], message: str
) -> None:
    path = tmp_path / "cohort.tsv"
    cohort_of(**columns).to_csv(path, sep="\t", index=False, na_rep="n/a")
    with pytest.raises(InputError, match=rf"cohort\.tsv: .*{message}"):
        read_cohort(path)


def test_a_file_without_a_needed_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cohort.tsv"
    path.write_text("participant_id\tdiagnosis\nsub-01\tAD\n")
    with pytest.raises(InputError, match="lacks session_id"):
        read_cohort(path)
