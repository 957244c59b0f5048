"""Joins of scans with tables: matched as far as it is certain, and never in silence."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from crosswarp.bids.cohort import MadeCohort, make_cohort
from crosswarp.bids.options import read_options
from crosswarp.errors import InputError

Add = Callable[..., None]


def write(path: Path, *rows: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(row.replace(" ", "\t") + "\n" for row in rows))


def diagnoses(made: MadeCohort) -> dict[str, str]:
    rows = made.table[["participant_id", "session_id", "diagnosis"]].to_numpy()
    return {f"{person} {session}": label for person, session, label in rows}


@pytest.mark.parametrize(
    ("written", "folder"),
    [
        ("M12", "ses-M12"),
        ("M012", "ses-M12"),
        ("m12", "ses-M12"),
        ("ses-M012", "ses-M12"),
        ("12.0", "ses-12"),
        ("1", "ses-01"),
        ("ses-1", "ses-01"),
    ],
)
def test_a_session_written_otherwise_keeps_its_own_diagnosis(
    tmp_path: Path, add_scans: Add, written: str, folder: str
) -> None:
    """The AD visit must not become what participants.tsv says of the person."""
    add_scans("sub-01/ses-M00", f"sub-01/{folder}")
    write(tmp_path / "participants.tsv", "participant_id diagnosis", "sub-01 CN")
    write(
        tmp_path / "sub-01/sub-01_sessions.tsv",
        "session_id diagnosis age",
        "ses-M00 CN 70",
        f"{written} AD 71",
    )
    made = make_cohort(tmp_path)
    assert diagnoses(made)[f"sub-01 {folder}"] == "AD"
    note = f"in sessions tables {written} is taken for {folder}: sub-01"
    assert note in made.notes
    assert made.left_out == []


def test_a_session_that_could_be_two_is_none_of_them(
    tmp_path: Path, add_scans: Add
) -> None:
    add_scans("sub-01/ses-1", "sub-01/ses-01", "sub-02/ses-1")
    write(
        tmp_path / "participants.tsv",
        "participant_id diagnosis",
        "sub-01 CN",
        "sub-02 CN",
    )
    table = tmp_path / "sub-01/sub-01_sessions.tsv"
    write(table, "session_id diagnosis", "001 AD", "M24 AD")
    made = make_cohort(tmp_path)
    assert diagnoses(made) == {"sub-02 ses-1": "CN"}
    why = (
        "its session is not in sub-01_sessions.tsv, which has 001, M24; did you mean"
        " 001?"
    )
    assert {one.label: one.reason for one in made.left_out} == {
        "sub-01_ses-01": why,
        "sub-01_ses-1": why,
        "sub-01_001": "in sub-01_sessions.tsv, but without a T1w scan",
        "sub-01_M24": "in sub-01_sessions.tsv, but without a T1w scan",
    }


def test_a_sessions_table_without_diagnoses_takes_nobody_out(
    tmp_path: Path, add_scans: Add
) -> None:
    add_scans("sub-01/ses-1", "sub-01/ses-2")
    write(tmp_path / "participants.tsv", "participant_id diagnosis", "sub-01 AD")
    write(tmp_path / "sub-01/sub-01_sessions.tsv", "session_id age", "ses-1 70")
    made = make_cohort(tmp_path)
    assert set(made.table["diagnosis"]) == {"AD"}
    assert "sub-01_sessions.tsv has no row for sub-01_ses-2" in made.notes


def test_scans_without_sessions_get_no_session_of_the_table(
    tmp_path: Path, add_scans: Add
) -> None:
    add_scans("sub-01", "sub-02")
    write(
        tmp_path / "participants.tsv",
        "participant_id diagnosis",
        "sub-01 CN",
        "sub-02 CN",
    )
    write(tmp_path / "sub-01/sub-01_sessions.tsv", "session_id diagnosis", "M00 AD")
    made = make_cohort(tmp_path)
    assert diagnoses(made) == {"sub-02 n/a": "CN"}
    assert str(made.left_out[0]) == (
        "sub-01: it has no session, while sub-01_sessions.tsv has a diagnosis for each"
    )


def test_faults_of_one_sessions_table_leave_one_participant_out(
    tmp_path: Path, add_scans: Add
) -> None:
    add_scans(*(f"sub-0{number}/ses-1" for number in range(1, 6)))
    rows = [f"sub-0{number} CN" for number in range(1, 6)]
    write(tmp_path / "participants.tsv", "participant_id diagnosis", *rows)
    write(tmp_path / "sub-01/sub-1_sessions.tsv", "session_id diagnosis", "ses-1 AD")
    write(tmp_path / "sub-02/sub-02_sessions.tsv", "name diagnosis", "ses-1 AD")
    rows = ["ses-1 AD", "ses-1 CN"]
    write(tmp_path / "sub-03/sub-03_sessions.tsv", "session_id diagnosis", *rows)
    rows = ["ses-1 AD sub-06"]
    write(
        tmp_path / "sub-05/sub-05_sessions.tsv", "session_id dx participant_id", *rows
    )
    (tmp_path / "sessions.tsv").touch()
    made = make_cohort(tmp_path)
    assert diagnoses(made) == {"sub-04 ses-1": "CN"}
    assert any("sessions.tsv is not read" in note for note in made.notes)
    misnamed, columns, repeated, another = (one.reason for one in made.left_out)
    assert (
        misnamed == "sub-1_sessions.tsv lies in its folder; call it sub-01_sessions.tsv"
    )
    assert columns == "sub-02_sessions.tsv lacks session_id; it has name, diagnosis"
    assert another == "its row in sub-05_sessions.tsv is of sub-06"
    assert repeated == "ses-1 is in sub-03_sessions.tsv more than once; keep one row"


def test_participants_that_lost_prefix_or_zeros_are_matched_aloud(
    tmp_path: Path, add_scans: Add
) -> None:
    add_scans("sub-01", "sub-002", "sub-03")
    rows = ["1 CN", "2.0 AD", "SUB-03 CN"]
    write(tmp_path / "participants.tsv", "participant_id diagnosis", *rows)
    made = make_cohort(tmp_path)
    assert diagnoses(made) == {
        "sub-002 n/a": "AD",
        "sub-01 n/a": "CN",
        "sub-03 n/a": "CN",
    }
    note = "2.0 is taken for sub-002, 1 is taken for sub-01, SUB-03 is taken for sub-03"
    assert f"participants.tsv: {note}" in made.notes


def test_ids_that_fit_two_get_a_hint_only(tmp_path: Path, add_scans: Add) -> None:
    add_scans("sub-1", "sub-01", "sub-2")
    rows = ["001 AD", "2 CN"]
    write(tmp_path / "participants.tsv", "participant_id diagnosis", *rows)
    made = make_cohort(tmp_path)
    assert diagnoses(made) == {"sub-2 n/a": "CN"}
    assert [str(one) for one in made.left_out] == [
        "001: in participants.tsv, but without a T1w scan",
        "sub-01: not in participants.tsv; did you mean 001?",
        "sub-1: not in participants.tsv; did you mean 001?",
    ]


def test_equal_rows_count_once_and_unequal_ones_leave_their_own_out(
    tmp_path: Path, add_scans: Add
) -> None:
    add_scans("sub-01", "sub-02", "sub-03")
    rows = ["sub-01 CN", "sub-01 CN", "sub-02 CN", "sub-02 AD", "n/a AD", "sub-03 AD"]
    write(tmp_path / "participants.tsv", "participant_id diagnosis", *rows)
    made = make_cohort(tmp_path)
    assert set(made.table["participant_id"]) == {"sub-01", "sub-03"}
    [left] = made.left_out
    assert left.reason == "sub-02 is in participants.tsv more than once; keep one row"
    assert "participants.tsv: a row without participant_id is not used" in made.notes


@pytest.fixture
def four(tmp_path: Path, add_scans: Add) -> Callable[..., MadeCohort]:
    """Four people with one scan each; give the header and a row of each."""

    def make(header: str, *rows: str, **options: list[str]) -> MadeCohort:
        add_scans(*(f"sub-0{number}" for number in range(1, 5)))
        named = [f"sub-0{number} {row}" for number, row in enumerate(rows, 1)]
        write(tmp_path / "participants.tsv", f"participant_id {header}", *named)
        return make_cohort(tmp_path, read_options(**options))

    return make


def test_codes_and_impossible_ages_are_missing_and_said(four) -> None:
    made = four("age sex diagnosis", "-4 F AD", "71 M CN", "999 F AD", "inf M CN")
    ages = made.table["age_years"].tolist()
    assert [pd.isna(age) for age in ages] == [True, False, True, True]
    for value, label in (("-4", "sub-01"), ("999", "sub-03"), ("inf", "sub-04")):
        note = (
            f"age {value!r} is not a number of years above 0 and up to 120; taken as"
            f" missing: {label}"
        )
        assert note in made.notes
    zero = four("age diagnosis", "0 AD", "-1 CN", "nan CN", "88 CN", missing=["88"])
    assert zero.table["age_years"].isna().all()
    assert "age_years is known of no scan" in zero.notes


@pytest.mark.parametrize(
    ("header", "values", "sexes"),
    [
        ("Age Sex", ("71 F", "72 m"), ["F", "M"]),
        ("AGE gender", ("71 female", "72 Male"), ["F", "M"]),
        ("age_at_scan Gender", ("71 F", "72 NA"), ["F", "n/a"]),
        ("age sex", ("71 N/A", "72 unknown"), ["n/a", "n/a"]),
        ("age sex", ("71 1", "72 2"), ["n/a", "n/a"]),
    ],
)
def test_columns_and_values_in_usual_spellings(four, header, values, sexes) -> None:
    rows = [f"{values[number % 2]} {['CN', 'AD'][number % 2]}" for number in range(4)]
    table = four(f"{header} diagnosis", *rows).table
    assert table["age_years"].tolist() == [71, 72, 71, 72]
    assert table["sex"].tolist() == sexes * 2


def test_codes_of_sex_are_read_when_somebody_says_what_they_mean(
    tmp_path: Path, four
) -> None:
    rows = ["1 CN", "2 AD", "2 CN", "9 AD"]
    made = four("sex diagnosis", *rows)
    assert any("sex '1' is not understood" in note for note in made.notes)
    assert any(
        "`sex_codes={'1': 'M', '2': 'F'}`; taken as" in note for note in made.notes
    )
    stated = four("sex diagnosis", *rows, sex_codes=["1=M,2=female"])
    assert stated.table["sex"].tolist() == ["M", "F", "F", "n/a"]
    levels = (
        '{"Sex": {"Levels": {"1": "male", "2": {"Description": "Female"}}}, "x": 1}'
    )
    (tmp_path / "participants.json").write_text(levels)
    assert four("sex diagnosis", *rows).table["sex"].tolist() == ["M", "F", "F", "n/a"]
    for text, said in (("[]", True), ("{}", False), ("{", True)):
        (tmp_path / "participants.json").write_text(text)
        unread = four("sex diagnosis", *rows)
        assert set(unread.table["sex"]) == {"n/a"}
        assert (
            "participants.json is not a JSON object and is not used" in unread.notes
        ) == said


def test_levels_name_codes_and_leave_words_as_they_are(tmp_path: Path, four) -> None:
    levels = {
        "sex": {"F": "women of the cohort", "2": "Male"},
        "dx": {
            "1": "healthy control",
            "P": "Dementia",
            "SMC": "worried well",
            "9": "LBD",
        },
    }
    described = {name: {"Levels": words} for name, words in levels.items()}
    (tmp_path / "participants.json").write_text(json.dumps(described))
    table = four("sex dx", "F 1", "2.0 P", "F SMC", "2 9").table
    assert table["diagnosis"].tolist() == ["CN", "AD", "SMC", "LBD"]
    assert table["sex"].tolist() == ["F", "M", "F", "M"]


def test_one_bad_age_or_diagnosis_is_one_row(four) -> None:
    made = four("age diagnosis", "N/A AD", "71 3", "old CN", "74 SMC")
    assert diagnoses(made) == {
        "sub-01 n/a": "AD",
        "sub-03 n/a": "CN",
        "sub-04 n/a": "SMC",
    }
    [left] = made.left_out
    assert left.participant_id == "sub-02"
    assert "is not a label" in left.reason
    assert "diagnosis SMC (1 scan) is kept as a label of its own" in made.notes
    assert made.excluded().to_numpy().tolist() == [["sub-02", "n/a", left.reason]]


def test_labels_are_mapped_dropped_and_said(four) -> None:
    rows = ["SMC", "LMCI", "FTD", "Alzheimr"]
    made = four("diagnosis", *rows, mapping=["smc=CN", "MCI=AD", "x=CN"], drop=["ftd"])
    assert diagnoses(made) == {
        "sub-01 n/a": "CN",
        "sub-02 n/a": "AD",
        "sub-04 n/a": "Alzheimr",
    }
    assert [str(one) for one in made.left_out] == [
        "sub-03: diagnosis FTD is left out by --drop"
    ]
    assert "--map x=CN: no scan has this diagnosis" in made.notes
    slip = "kept as a label of its own; did you mean AD? Then add --map Alzheimr=AD"
    assert any(slip in note for note in made.notes)
    cases = four("diagnosis", "smc", "SMC", "AD", "CN").notes
    assert "diagnoses SMC and smc differ in case alone" in " ".join(cases)
    coded = four("diagnosis", "1", "2", "3", "3", mapping=["1=CN", "2=MCI", "3=AD"])
    assert coded.table["diagnosis"].tolist() == ["CN", "MCI", "AD", "AD"]


def test_a_column_is_read_as_the_user_says(four) -> None:
    rows = ["CN 1 a", "AD 2 b", "CN 3 c", "AD 4 d"]
    made = four("group dx site", *rows, columns=["diagnosis=GROUP"])
    assert made.table["diagnosis"].tolist() == ["CN", "AD", "CN", "AD"]
    note = "column group is taken for diagnosis, dx is not used"
    assert any(note in said for said in made.notes)
    with pytest.raises(InputError, match=r"'diagnosis': 'grp'.*: no table has"):
        four("diagnosis", *"ABCD", columns=["diagnosis=grp"])


def test_of_two_columns_the_plain_one_is_taken_and_the_other_named(four) -> None:
    made = four("diagnosis age Age", *(f"CN 7{n} 8{n}" for n in range(4)))
    assert made.table["age_years"].tolist() == [70, 71, 72, 73]
    assert "Age" not in made.table
    note = "participants.tsv: column age is taken for age_years, Age is not used"
    assert note in made.notes


def test_columns_of_the_users_own_are_carried_along(four) -> None:
    made = four(
        "diagnosis education APOE site z",
        *("CN 16 33 -4 -4", "AD -4 34 007 1", "CN 12 NA 7 -1.5", "AD 8 44 n/a 0"),
    )
    table = made.table.set_index("participant_id")
    assert table["education"].tolist() == ["16", "n/a", "12", "8"]
    assert table["APOE"].tolist() == ["33", "34", "n/a", "44"]
    assert table["site"].tolist() == ["n/a", "007", "7", "n/a"]
    assert table["z"].tolist() == ["-4", "1", "-1.5", "0"]
    assert "education: -4 is taken as missing" in made.notes
    assert any(note.endswith("education, APOE, z") for note in made.notes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mapping": ["SMC"]}, "expected a pair as in --map SMC=CN, got 'SMC'"),
        ({"mapping": ["SMC=a b"]}, "not a label"),
        ({"drop": ["1"]}, "not a label"),
        ({"sex_codes": ["1=x"]}, "meaning F, M or O, got 'x'"),
        ({"columns": ["group=diagnosis"]}, "--column sets one of participant_id"),
    ],
)
def test_options_that_cannot_be_read(
    options: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_options(**options)


def test_one_table_of_all_sessions(tmp_path: Path, add_scans: Add) -> None:
    scans = ["sub-01/ses-1", "sub-01/ses-2", "sub-02/ses-1", "sub-03/ses-1"]
    add_scans(*scans)
    write(tmp_path / "participants.tsv", "participant_id sex", "sub-01 F", "sub-02 M")
    head = "participant_id session_id diagnosis age"
    rows = ["sub-01 1 CN 70", "sub-01 ses-2 AD 72", "sub-02 ses-9 CN 60"]
    write(tmp_path / "sessions.tsv", head, *rows)
    made = make_cohort(tmp_path)
    assert diagnoses(made) == {"sub-01 ses-1": "CN", "sub-01 ses-2": "AD"}
    assert list(made.table["age_years"]) == [70, 72]
    reasons = {one.label: one.reason for one in made.left_out}
    assert reasons["sub-02_ses-1"].startswith("its session is not in sessions.tsv")
    assert reasons["sub-03_ses-1"].startswith("not in participants.tsv")
    # A table of the participant's own comes first.
    write(tmp_path / "sub-01/sub-01_sessions.tsv", "session_id diagnosis", "ses-1 MCI")
    assert diagnoses(make_cohort(tmp_path)) == {"sub-01 ses-1": "MCI"}
