"""One table of an archive: CSV, TSV or Excel, as the archive and spreadsheets write it.

Read as it is meant: a byte-order mark, CRLF, tabs, commas or semicolons, decimal
commas, text that is not UTF-8, quotes, blanks around cells, unknown columns, a row
with a field too many, rows of totals at the end. What was read so is noted.
"""

import csv
import io
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from crosswarp.archives.days import parse_day
from crosswarp.bids.values import finite_number, known
from crosswarp.errors import InputError, MissingPackageError

MISSING: Final = frozenset({-1.0, -4.0})
"""Codes of a missing number in the archives' tables."""

_SEPARATORS: Final = ("\t", ";", ",")
_HEADER_BYTES: Final = 2**18
"""Enough for the names of two thousand columns."""

_FOOTER_COLUMNS: Final = 3
"""A last row with one cell is a footer where the header has at least so many."""

Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: cells by column, as `column_key` writes its name.

    Attributes:
        line: Number in the file, from 1 on; the header has one, too.
        cells: Text without blanks around it; empty where there is none.
    """

    line: int
    cells: Cells

    def text(self, *columns: str) -> str | None:
        """Return the first of some columns that says something; None if none does."""
        for column in columns:
            if (found := known(self.cells.get(column))) is not None:
                return found
        return None

    def number(
        self, *columns: str, missing: Collection[float] = MISSING
    ) -> float | None:
        """Return the first of some columns that holds a number and no missing code."""
        for column in columns:
            text = self.text(column)
            value = None if text is None else finite_number(text)
            if value is not None and value not in missing:
                return value
        return None

    def code(self, *columns: str, missing: Collection[float] = MISSING) -> str | None:
        """Return a code as text, ``1`` also of ``1.0``; None where it is missing."""
        for column in columns:
            text = self.text(column)
            if text is None:
                continue
            value = finite_number(text)
            if value is None:
                return text
            if value not in missing:
                return f"{value:g}"
        return None

    def day(self, *columns: str) -> date | None:
        """Return the first of some columns that holds a date (`parse_day`)."""
        for column in columns:
            text = self.text(column)
            if text is not None and (found := parse_day(text)) is not None:
                return found
        return None


@dataclass(frozen=True)
class Table:
    """A table that was read.

    Attributes:
        path: The file; of rows that several files gave, the newest.
        columns: Names as `column_key` writes them.
        rows: In the order of the file.
        notes: What was read otherwise than it is written.
    """

    path: Path
    columns: tuple[str, ...]
    rows: list[Row]
    notes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """File name."""
        return self.path.name


def column_key(name: str) -> str:
    """Write a column's name so that case and punctuation do not count.

    Example:
        >>> [column_key(n) for n in ("Image Data ID", "M/F", "Orig/Proc", "PTID")]
        ['image_data_id', 'm_f', 'orig_proc', 'ptid']
    """
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def header_of(path: Path) -> tuple[str, ...]:
    """Read the names of a table's columns, as `column_key` writes them, and no row.

    Raises:
        InputError: If the file cannot be read.
        MissingPackageError: If it is an Excel file and openpyxl is not installed.
    """
    if path.suffix.lower() in {".xlsx", ".xls"}:
        first = next((cells for _, cells in _excel_rows(path) if any(cells)), [])
        return tuple(_named(first)[0])
    with _opened(path, size=_HEADER_BYTES) as file:
        line = next((line for line in file if line.strip()), "")
    cells = next(csv.reader([line], delimiter=_separator(line)), [])
    return tuple(_named([cell.strip() for cell in cells])[0])


def read_archive_table(path: Path, keep: Iterable[str] | None = None) -> Table:
    """Read a table.

    Args:
        path: A ``.csv``, ``.tsv`` or ``.xlsx`` file.
        keep: Columns to hold on to, for tables of thousands of columns; all if None.

    Raises:
        InputError: If the file cannot be read, or is empty.
        MissingPackageError: If it is an Excel file and openpyxl is not installed.
    """
    notes: list[str] = []
    excel = path.suffix.lower() in {".xlsx", ".xls"}
    numbered = _excel_rows(path) if excel else _text_rows(path, notes)
    filled = ((line, cells) for line, cells in numbered if any(cells))
    header = next(filled, None)
    if header is None:
        msg = f"{path} is empty; download or save it again"
        raise InputError(msg)
    names, said = _named(header[1])
    wanted = None if keep is None else {column_key(name) for name in keep}
    places = [
        (at, sys.intern(name))
        for at, name in enumerate(names)
        if wanted is None or name in wanted
    ]
    rows, long, footers = _rows(filled, places, len(names))
    notes += [f"{path.name}: {sentence}" for sentence in said]
    if long:
        notes.append(
            f"{path.name}: {len(long)} row(s) with more cells than the header, such as"
            f" line {long[0]}; the cells too many are not used"
        )
    if footers:
        notes.append(f"{path.name}: {footers} row(s) of totals at the end, not used")
    columns = tuple(name for _, name in places)
    return Table(path, columns, rows, notes)


def _rows(
    filled: Iterator[tuple[int, list[str]]], places: list[tuple[int, str]], width: int
) -> tuple[list[Row], list[int], int]:
    """Make rows of cells; returns also lines too long, and the number of footers."""
    rows: list[Row] = []
    counts: list[int] = []
    long: list[int] = []
    for line, cells in filled:
        if len(cells) > width and any(cells[width:]):
            long.append(line)
        end = len(cells)
        found = {name: cells[at] if at < end else "" for at, name in places}
        rows.append(Row(line, found))
        counts.append(sum(1 for cell in cells if cell))
    footers = 0
    while width >= _FOOTER_COLUMNS and counts and counts[-1] == 1:
        counts.pop()
        rows.pop()
        footers += 1
    return rows, long, footers


def _named(cells: Sequence[str]) -> tuple[list[str], list[str]]:
    """Name the columns, each once; returns also what is to be said of them."""
    last = max((at for at, cell in enumerate(cells, 1) if cell), default=0)
    names: list[str] = []
    twice: list[str] = []
    for at, cell in enumerate(cells[:last], 1):
        name = column_key(cell) or f"unnamed_{at}"
        if name in names:
            twice.append(cell)
            name = f"{name}_{at}"
        names.append(name)
    said = [f"column {name} is there twice, the first is used" for name in twice]
    return names, said


def _text_rows(path: Path, notes: list[str]) -> Iterator[tuple[int, list[str]]]:
    with _opened(path, notes) as file:
        first = next((line for line in file if line.strip()), "")
        file.seek(0)
        # A cell of free text may hold more than the usual limit of the module.
        csv.field_size_limit(2**27)
        reader = csv.reader(file, delimiter=_separator(first))
        try:
            for cells in reader:
                yield reader.line_num, [cell.strip() for cell in cells]
        except csv.Error as error:
            msg = f"{path}: line {reader.line_num} cannot be read as a table: {error}"
            raise InputError(msg) from error


def _opened(path: Path, notes: list[str] | None = None, size: int = -1) -> io.StringIO:
    """Decode a file: UTF-8, else UTF-16 by its mark, else the Western encoding.

    Args:
        path: Path of the file.
        notes: Told of an encoding that is not UTF-8.
        size: Bytes to read, up to the last end of a line in them; all if negative.
    """
    try:
        with path.open("rb") as file:
            content = file.read(size)
        if len(content) == size:
            content = content[: content.rfind(b"\n") + 1] or content
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise InputError(msg) from error
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return io.StringIO(content.decode("utf-16", errors="replace"), newline="")
    try:
        return io.StringIO(content.decode("utf-8-sig"), newline="")
    except UnicodeDecodeError:
        if notes is not None:
            notes.append(f"{path.name} is not UTF-8 and is read as Windows-1252")
        return io.StringIO(content.decode("cp1252", errors="replace"), newline="")


def _separator(line: str) -> str:
    """Tell the separator: the one of which the header has most, quoted ones aside."""
    plain = re.sub(r'"[^"]*"', "", line)
    return max(_SEPARATORS, key=plain.count)


def _excel_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Read the first sheet that holds something."""
    if path.suffix.lower() == ".xls":
        msg = f"{path} is an old Excel file; save it as .xlsx or .csv"
        raise InputError(msg)
    try:
        import openpyxl
    except ImportError as error:
        msg = (
            f"{path.name} is an Excel file; reading it needs more: pip install"
            " 'crosswarp[excel]', or save it as .csv"
        )
        raise MissingPackageError(msg) from error
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:
        # zipfile, KeyError, its own: whatever a broken file makes of it.
        msg = f"{path} cannot be read as an Excel file: {error}; save it as .csv"
        raise InputError(msg) from error
    try:
        for sheet in book.worksheets:
            some = False
            for line, values in enumerate(sheet.iter_rows(values_only=True), 1):
                cells = [_as_text(value) for value in values]
                some = some or any(cells)
                yield line, cells
            if some:
                return
    finally:
        book.close()


def _as_text(value: Any) -> str:  # noqa: ANN401 - whatever a cell holds
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
