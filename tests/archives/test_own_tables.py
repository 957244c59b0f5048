"""Tables of the user's own: as the list of scans, and beside one."""

from pathlib import Path

import pytest

from crosswarp.archives.writer import write_import
from crosswarp.errors import InputError
from tests.archives.trees import Ida, imported, labels, reasons, write_csv


def test_a_table_of_scans(tmp_path: Path) -> None:
    for name in ("a.nii.gz", "b.nii.gz", "c.zip"):
        (tmp_path / name).touch()
    table = write_csv(
        tmp_path / "mine.csv",
        [
            {"Subject": "007", "path": "a.nii.gz", "DX": "Dementia", "Age": "70,5"},
            {"Subject": "7", "path": "b.nii.gz", "DX": "control", "Gender": "w"},
            {"Subject": "8", "path": "c.zip", "DX": "sMCI", "APOE4": 1},
            {"Subject": "9", "path": "none.nii", "DX": "AD"},
            {"Subject": "10", "path": "", "DX": "AD"},
            {"Subject": "11", "path": str(tmp_path / "a.nii.gz"), "DX": ""},
        ],
    )
    made = imported(table)
    assert made.archive == "table"
    # Leading zeros stay: 007 and 7 are two people.
    assert labels(made) == {"007 2": "AD", "7 3": "CN", "8 4": "sMCI"}
    zero, seven, eight = made.rows
    assert (zero["age_years"], seven["sex"], eight["apoe4"]) == ("70,5", "w", "1")
    assert (eight["image_kind"], zero["label_table"]) == ("zip", "mine.csv")
    assert reasons(made, "line 5") == ["no file at the path of the table"]
    assert reasons(made, "line 6") == ["the table gives no path of its scan"]
    assert reasons(made, "a.nii.gz") == ["no visit of the participant has a diagnosis"]


@pytest.mark.parametrize("path", ["x" * 300, "~nobody-of-this-name/a.nii"])
def test_a_path_that_no_file_can_have_is_no_file(tmp_path: Path, path: str) -> None:
    (tmp_path / "a.nii").touch()
    rows = [
        {"id": "1", "path": path, "diagnosis": "AD"},
        {"id": "2", "path": "a.nii", "diagnosis": "CN"},
    ]
    made = imported(write_csv(tmp_path / "mine.csv", rows))
    assert reasons(made, "line 2") == ["no file at the path of the table"]
    assert len(made.rows) == 1


def test_a_table_without_what_it_needs(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "mine.csv", [{"id": 1, "path": "a", "group": "AD"}])
    told = r"lacks diagnosis.*`columns=\{'diagnosis': 'group'\}`"
    with pytest.raises(InputError, match=told):
        imported(table)
    table = write_csv(tmp_path / "mine.csv", [{"id": 1, "file_of_it": "a"}])
    with pytest.raises(InputError, match="expected one table with a column of the"):
        imported(table)


@pytest.fixture
def adni(tmp_path: Path) -> Path:
    ida = Ida(tmp_path / "adni")
    rows = []
    for rid in (6001, 6002):
        for day, number in (("2018-01-10", rid), ("2019-01-10", rid + 100)):
            ptid = f"999_S_{rid}"
            ida.nifti(ptid, "MPRAGE", day, number)
            rows.append(
                {"PTID": ptid, "VISCODE": "bl", "EXAMDATE": day, "DIAGNOSIS": 1}
            )
    write_csv(tmp_path / "adni" / "DXSUM_3Feb2026.csv", rows)
    return tmp_path / "adni"


def joined(root: Path, rows: list[dict[str, object]]) -> tuple[list[str], list[str]]:
    table = write_csv(root.parent / "own.csv", rows)
    made = imported(root, visits="all", tables=(table,))
    notes = [note for note in made.notes if note.startswith("own.csv")]
    assert all(one.detail == "" for one in made.exclusions if "own.csv" in one.item)
    return [row["tau"] for row in made.rows] + reasons(made, "own.csv"), notes


UNUSED = "a row of an own table that belongs to no scan of the cohort"


def test_joined_by_date_within_one_person(adni: Path) -> None:
    values, notes = joined(
        adni,
        [
            {"PTID": "999_S_6001", "EXAMDATE": "1/20/2018", "Tau": 1},
            {"PTID": "999_S_6001", "EXAMDATE": "2018-01-25", "Tau": 2},
            {"PTID": "999_S_6002", "EXAMDATE": "2019-03-01", "Tau": 3},
            {"PTID": "999_S_6002", "EXAMDATE": "2025-03-01", "Tau": 4},
        ],
    )
    assert values == ["1", "n/a", "n/a", "3", UNUSED, UNUSED]
    assert notes == ["own.csv is joined by date: 2 row(s) for 4 scans"]


def test_joined_by_session_and_by_participant(adni: Path) -> None:
    values, notes = joined(
        adni,
        [{"participant_id": "sub-999S6002", "session_id": "20190110", "tau": 5}],
    )
    assert values == ["n/a", "n/a", "n/a", "5"]
    assert notes == ["own.csv is joined by session: 1 row(s) for 4 scans"]
    values, notes = joined(
        adni,
        [
            {"Subject": "999_S_6001", "tau": 7},
            {"Subject": "999_S_6002", "tau": 8},
            {"Subject": "999_S_6002", "tau": 9},
        ],
    )
    assert values == ["7", "7", "n/a", "n/a", UNUSED, UNUSED]
    assert notes[1] == "own.csv: 2 scan(s) have several rows, none is used"


def test_a_table_without_people_is_refused(adni: Path) -> None:
    with pytest.raises(InputError, match="has no column with the participant"):
        joined(adni, [{"tau": 7}])


def test_names_of_people_and_strange_values_do_not_leave_the_table(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.nii").touch()
    row = {"id": "1", "path": "a.nii", "dx": "AD", "Last name": "Roe", "age": "seventy"}
    table = write_csv(tmp_path / "mine.csv", [row])
    written = write_import(
        imported(table), tmp_path / "cohort.tsv", tmp_path / "excluded.tsv"
    )
    assert "Roe" not in (tmp_path / "cohort.tsv").read_text()
    assert "age: 1 value(s) are not understood and are missing" in written.notes
    assert not any("seventy" in note for note in written.notes)
