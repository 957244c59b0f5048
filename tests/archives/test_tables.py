"""Tables as archives and spreadsheets write them."""

import os
import sys
from datetime import date
from pathlib import Path

import pytest

from crosswarp.archives.library import Library
from crosswarp.archives.tables import Table, header_of, read_archive_table
from crosswarp.archives.tree import read_tree
from crosswarp.errors import InputError, MissingPackageError

PLAIN = "RID,PTID,M/F,MMSE\n0004,002_S_0295,F,27.5\n0005,002_S_0296,M,28\n"


def cells(table: Table) -> list[dict[str, str]]:
    return [row.cells for row in table.rows]


def wanted() -> list[dict[str, str]]:
    return [
        {"rid": "0004", "ptid": "002_S_0295", "m_f": "F", "mmse": "27.5"},
        {"rid": "0005", "ptid": "002_S_0296", "m_f": "M", "mmse": "28"},
    ]


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.encode("utf-16"),
        b'"RID","PTID","M/F","MMSE"\n"0004","002_S_0295 ","F","27.5"\n'
        b'"0005"," 002_S_0296","M","28"\n',
        PLAIN.replace("\n", ",\n").encode(),
        PLAIN.replace("\n", "\n\n").encode(),
    ],
    ids=["plain", "bom", "crlf", "semi", "tab", "utf16", "quoted", "trailing", "blank"],
)
def test_one_table_in_many_dresses(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    assert cells(read_archive_table(path)) == wanted()
    assert header_of(path) == ("rid", "ptid", "m_f", "mmse")


def test_decimal_commas_latin1_and_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(
        "ID;Score;Site;Code\n1;27,5;Orléans;3.0\n2;-4;;-1\n".encode("cp1252")
    )
    table = read_archive_table(path)
    first, second = table.rows
    assert (first.number("score"), first.text("site")) == (27.5, "Orléans")
    assert (second.number("score"), second.text("site")) == (None, None)
    assert (first.code("code"), second.code("code")) == ("3", None)
    assert table.notes == ["t.csv is not UTF-8 and is read as Windows-1252"]


def test_a_field_too_many_and_footers_are_noted(tmp_path: Path) -> None:
    path = tmp_path / "aibl_flutemeta.csv"
    path.write_text(
        "RID,VISCODE,COMMENT\n4,bl,fine\n1607,bl,late, but fine\n"
        "Total rows: 2,,\nExported 1.1.2026\n"
    )
    table = read_archive_table(path)
    assert [row.cells["rid"] for row in table.rows] == ["4", "1607"]
    assert [row.line for row in table.rows] == [2, 3]
    assert table.notes == [
        "aibl_flutemeta.csv: 1 row(s) with more cells than the header, such as line 3;"
        " the cells too many are not used",
        "aibl_flutemeta.csv: 2 row(s) of totals at the end, not used",
    ]


def test_columns_kept_twice_and_unnamed(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(",NACCID,SEX,SEX\n0,NACC000133,1,2\n")
    table = read_archive_table(path, ["NACCID", "SEX"])
    assert cells(table) == [{"naccid": "NACC000133", "sex": "1"}]
    assert table.notes == ["t.csv: column SEX is there twice, the first is used"]


def test_excel(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "empty"
    sheet = book.create_sheet("people")
    sheet.append(["RID", "PTID", "M/F", "MMSE", "Seen"])
    sheet.append(["0004", "002_S_0295", "F", 27.5, date(2006, 1, 10)])
    sheet.append(["0005", "002_S_0296", "M", 28, None])
    path = tmp_path / "t.xlsx"
    book.save(path)
    table = read_archive_table(path)
    assert [{k: r[k] for k in wanted()[0]} for r in cells(table)] == wanted()
    assert table.rows[0].day("seen") == date(2006, 1, 10)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(InputError, match="cannot be read as an Excel file"):
        read_archive_table(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", b"\n \n", "is empty; download or save it again"),
        ("t.xls", b"\xd0\xcf", "an old Excel file; save it as .xlsx or .csv"),
    ],
)
def test_what_cannot_be_read(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_archive_table(path)


def test_names_of_tables_end_in_the_longest_known_one(tmp_path: Path) -> None:
    for name in (
        "My_CDR_study_2_DXSUM_3Feb2026.csv",
        "ADNI_DXSUM_PDXCONV_ADNIALL.csv",
        "NOTCDR.csv",
        "DXSUM_3Feb2026 (1).csv",
    ):
        (tmp_path / name).write_text(f"RID,FILE\n1,{name}\n")
    os.utime(tmp_path / "DXSUM_3Feb2026 (1).csv", (1, 1))
    library = Library(read_tree(tmp_path), ["DXSUM", "DXSUM_PDXCONV_ADNIALL", "CDR"])
    assert library.find("CDR") is None
    long = library.find("DXSUM_PDXCONV_ADNIALL")
    assert long is not None
    assert [row.cells["file"] for row in long.rows] == [
        "ADNI_DXSUM_PDXCONV_ADNIALL.csv"
    ]
    both = library.find("DXSUM")
    assert both is not None
    assert len(both.rows) == 2


def test_a_table_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "CDR_3Feb2026.csv"
    path.write_text("RID\n1\n")
    library = Library(read_tree(tmp_path), ["CDR"])
    first = library.find("CDR")
    path.write_text("RID\n1\n2\n")
    assert library.find("CDR") is first
    assert library.used == [path]


def test_the_header_of_a_long_table_needs_its_first_lines_alone(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    line = "é" * 1000 + ",1\n"
    path.write_text("\ufeffRID,Grün\n" + line * 200, encoding="utf-8")
    assert path.stat().st_size > 2**18
    assert header_of(path) == ("rid", "gr_n")


def test_excel_without_its_package_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    path = tmp_path / "CDR.xlsx"
    path.touch()
    with pytest.raises(MissingPackageError, match=r"pip install 'crosswarp\[excel\]'"):
        read_archive_table(path)
    # A stray Excel file does not stop the search for lists.
    library = Library(read_tree(tmp_path), [])
    assert library.with_columns(["RID"]) == []
    assert "CDR.xlsx is not used: CDR.xlsx is an Excel file" in library.notes[0]
