"""Tables as they come from other people's programs."""

from pathlib import Path

import pandas as pd
import pytest

from crosswarp.bids.tables import (
    numbers_of,
    read_table,
    read_text_table,
    write_table,
)
from crosswarp.errors import InputError


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    table = pd.DataFrame({"name": ["a", None], "size": [0.1, float("nan")]})
    write_table(tmp_path / "t.tsv", table)
    assert (tmp_path / "t.tsv").read_bytes() == b"name\tsize\na\t0.1\nn/a\tn/a\n"
    pd.testing.assert_frame_equal(
        read_table(tmp_path / "t.tsv"), table, check_dtype=False
    )


def test_only_n_a_and_an_empty_cell_are_nothing(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_text("site\tx\nNA\t1\nn/a\t2\nnone\t3\n\t4\n")
    assert read_table(path)["site"].isna().tolist() == [False, True, False, True]


def test_text_columns_keep_their_zeros(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_text("site\tage\n007\t70\nn/a\tn/a\n")
    table = read_table(path, text=["site", "not_there"])
    assert table["site"].tolist()[0] == "007"
    assert table["site"].isna().tolist() == [False, True]
    assert table["age"].tolist()[0] == 70


def test_missing_columns_are_named(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_text("id\tage\na\t1\n")
    with pytest.raises(InputError, match=r"lacks sex, site; it has id, age"):
        read_table(path, ["id", "sex", "site"])


@pytest.mark.parametrize(
    "content", [b"", b"a\tb\n1\t2\n1\t2\t3\t4\n", b"\xff\xfe\x00a"]
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.tsv"
    path.write_bytes(content)
    with pytest.raises(InputError, match="not a tab-separated table"):
        read_table(path)


def test_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no table at"):
        read_table(tmp_path / "t.tsv")


PLAIN = b"id\tfold\tnote\nsub-01\t0\ta b\nsub-02\t1\tn/a\n"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.replace(b"\n", b"\t\n"),
        PLAIN.replace(b"\n", b"\t\t\r\n"),
        b"\xef\xbb\xbf" + PLAIN,
        PLAIN.replace(b"\n", b"\r\n"),
        PLAIN.replace(b"\n", b"\r"),
        PLAIN.replace(b"\n", b"\n\n"),
        PLAIN.replace(b"\n", b"\n\t\t\n"),
        PLAIN.replace(b"a b", b'"a b"').replace(b"sub-01", b'"sub-01"'),
        PLAIN.replace(b"sub-02", b" sub-02 "),
        PLAIN.replace(b"\tn/a", b""),
        PLAIN.replace(b"\t0\t", b"\t0.0\t").replace(b"\t1\t", b"\t1.0\t"),
    ],
    ids=[
        *("tabs at every end", "two and crlf", "mark", "crlf", "cr"),
        *("blank lines", "lines of tabs", "quotes", "blanks", "short row", "decimals"),
    ],
)
def test_what_a_spreadsheet_did_to_a_table_changes_nothing(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "t.tsv"
    path.write_bytes(content)
    table = read_table(path, text=["id"], whole=["fold"])
    assert table["id"].tolist() == ["sub-01", "sub-02"]
    assert table["fold"].tolist() == [0, 1]
    assert table["note"].fillna("").tolist() == ["a b", ""]
    assert read_text_table(path)["id"].tolist() == ["sub-01", "sub-02"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n", "its columns are separated by ','; save it with tabs"),
        ("a;b\n1;2\n", "separated by ';'"),
        ("a\tb\ta\n1\t2\t3\n", "has two columns a; rename or delete one"),
        ("a\t\tb\n1\t2\t3\n", "column 2 has no name; name or delete it"),
        ("a\tb\n1\t2\n1\t2\t3\n", "line 3 has 3 cells, the header 2"),
        ('a\tb\n"1\t2\n1\t2\n', "not a tab-separated table: "),
        ('a\tb\n"1"x\t2\n', "not a tab-separated table: "),
    ],
)
def test_what_could_be_meant_in_two_ways_is_refused(
    tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "t.tsv"
    path.write_text(content)
    with pytest.raises(InputError, match=message) as refused:
        read_table(path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("value", ["0.5", "one", "n/a", "inf"])
def test_whole_numbers_are_whole(tmp_path: Path, value: str) -> None:
    path = tmp_path / "t.tsv"
    path.write_text(f"fold\tx\n0\ta\n{value}\tb\n")
    with pytest.raises(InputError, match="fold must hold whole numbers, got"):
        read_table(path, whole=["fold"])


def test_text_tables_keep_every_cell(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_text("a\tb\n007\t\nn/a\t-4.0\n")
    assert read_text_table(path).to_numpy().tolist() == [["007", ""], ["n/a", "-4.0"]]
    with pytest.raises(InputError, match="no table at"):
        read_text_table(tmp_path / "none.tsv")


def test_a_table_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.tsv"
    path.write_bytes(PLAIN)

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("crosswarp.documents.reading.os.open", refuse)
    with pytest.raises(InputError, match=r"t\.tsv cannot be read: Permission denied"):
        read_table(path)


RUN = ("=cmd|' /C calc'!A0", "+1+cmd", "-2+3", "@SUM(1)", "- none", "'=x", "''+y", "=")


def test_text_that_a_spreadsheet_would_run_is_written_as_text(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    kept = ["-3.5", "+4", "it's", "'quoted'", "sub-01", "n a", "1e-3"]
    cells = [*RUN, *kept]
    table = pd.DataFrame({"=name": cells, "number": range(len(cells))})
    write_table(path, table)
    lines = path.read_text().splitlines()
    assert lines[0] == "'=name\tnumber"
    assert [line.split("\t")[0].strip('"') for line in lines[1:]] == [
        *(f"'{cell}" for cell in RUN),
        *kept,
    ]
    assert read_text_table(path)["=name"].tolist() == cells
    assert read_table(path, text=["=name"])["=name"].tolist() == cells


def test_negative_numbers_stay_numbers(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    write_table(path, pd.DataFrame({"x": [-1.5, None], "y": [-2, 3]}))
    assert path.read_bytes() == b"x\ty\n-1.5\t-2\nn/a\t3\n"


def test_tabs_at_the_end_of_rows_are_no_cells(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_text("a\tb\t\n1\t2\t\t\n3\t\t\n")
    assert read_text_table(path).to_numpy().tolist() == [["1", "2"], ["3", ""]]


@pytest.mark.parametrize("cell", ["1" * 401, str(2**53 + 2), "1e300", "x"])
def test_no_whole_number_is_refused_in_one_line(tmp_path: Path, cell: str) -> None:
    """One of 401 digits ended in an OverflowError of pandas."""
    path = tmp_path / "table.tsv"
    path.write_text(f"fold\n0\n{cell}\n")
    with pytest.raises(InputError, match="fold must hold whole numbers, got") as error:
        read_table(path, whole=["fold"])
    assert len(str(error.value)) < 300


def test_a_number_beyond_all_others_is_infinite() -> None:
    numbers = numbers_of(pd.Series(["1" * 401, "2", "x", None], dtype=object))
    assert numbers.tolist()[:2] == [float("inf"), 2]
    assert numbers.isna().tolist() == [False, False, True, True]
