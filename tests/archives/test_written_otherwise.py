"""Tables as spreadsheets and other countries leave them say the same."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crosswarp.archives.records import Imported
from tests.archives.nacc_trees import nacc
from tests.archives.oasis_trees import oasis1, oasis2, oasis3
from tests.archives.trees import imported, labels

Rows = list[list[str]]


def as_text(rows: Rows, separator: str = ",", end: str = "\n") -> str:
    return end.join(separator.join(row) for row in rows) + end


def windows(path: Path, rows: Rows) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + as_text(rows, end="\r\n").encode())


def semicolons(path: Path, rows: Rows) -> None:
    # With decimal commas, as a German or French spreadsheet saves it.
    plain = [
        [c.replace(".", ",") if isinstance(_value(c), float) else c for c in row]
        for row in rows[1:]
    ]
    path.write_text(as_text([rows[0], *plain], ";"))


def latin_1(path: Path, rows: Rows) -> None:
    more = [[*row, "Zoé" if number else "Note"] for number, row in enumerate(rows)]
    path.write_bytes(as_text(more).encode("latin-1"))


def quoted_and_padded(path: Path, rows: Rows) -> None:
    path.write_text(as_text([[f'"{cell}  "' for cell in row] for row in rows]))


def other_order(path: Path, rows: Rows) -> None:
    turned = [
        ["x" if number else "EXTRA", *row[::-1]] for number, row in enumerate(rows)
    ]
    path.write_text(as_text(turned))


def tabs(path: Path, rows: Rows) -> None:
    path.unlink()
    path.with_suffix(".tsv").write_text(as_text(rows, "\t"))


def excel(path: Path, rows: Rows) -> None:
    book = pytest.importorskip("openpyxl").Workbook()
    for row in rows:
        book.active.append([_value(cell) for cell in row])
    path.unlink()
    book.save(path.with_suffix(".xlsx"))


def _value(cell: str) -> str | float | None:
    """Take a cell for a number where a spreadsheet would: 0339 becomes 339."""
    try:
        return float(cell)
    except ValueError:
        return cell or None


WAYS = (windows, semicolons, latin_1, quoted_and_padded, other_order, tabs)
ARCHIVES = (oasis1, oasis2, oasis3, nacc)
THE_SAME = ("age_years", "sex", "mmse", "cdr", "label_days", "path")


def written_otherwise(
    root: Path, tables: dict[Path, Rows], write: Callable[[Path, Rows], None]
) -> Imported:
    for path in (*root.rglob("*.tsv"), *tables):
        path.unlink(missing_ok=True)
    for path, rows in tables.items():
        path.touch()
        write(path, rows)
    return imported(root, visits="all")


def check_same(made: Imported, expected: Imported, way: str) -> None:
    assert labels(made) == labels(expected), way
    assert len(made.rows) >= 3
    for one, other in zip(made.rows, expected.rows, strict=True):
        assert [one[c] for c in THE_SAME] == [other[c] for c in THE_SAME], way


def read_tables(root: Path) -> dict[Path, Rows]:
    texts = {path: path.read_text() for path in sorted(root.rglob("*.csv"))}
    return {
        path: [line.split(",") for line in text.replace('"', "").splitlines()]
        for path, text in texts.items()
    }


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda one: one.__name__)
def test_a_table_says_the_same_however_it_is_written(
    tmp_path: Path, archive: Callable[[Path], Path]
) -> None:
    expected = imported(archive(tmp_path), visits="all")
    tables = read_tables(tmp_path)
    for write in WAYS:
        made = written_otherwise(tmp_path, tables, write)
        check_same(made, expected, write.__name__)


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda one: one.__name__)
@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
def test_excel_files_say_the_same(
    tmp_path: Path, archive: Callable[[Path], Path]
) -> None:
    expected = imported(archive(tmp_path), visits="all")
    made = written_otherwise(tmp_path, read_tables(tmp_path), excel)
    check_same(made, expected, "excel")
