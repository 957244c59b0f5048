"""Tab-separated tables, as BIDS has them: one header line, ``n/a`` for nothing.

People open tables in spreadsheets, which add tabs at the ends of lines, a byte-order
mark, quotes, blank lines or a decimal point. Those are read as they are meant; what
could be meant in two ways is refused in one line. Every table is read here.
"""

import csv
import io
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from crosswarp.bids.ids import NOT_AVAILABLE
from crosswarp.documents import UNREADABLE, read_bytes
from crosswarp.errors import InputError
from crosswarp.files import printable, written_whole

_FORMULA: Final = re.compile(r"[\s']*[=+@-]|'*[\t\r\n]")

TABLE_BYTES: Final = 1 << 26
"""Largest table; a hundred thousand scans have half of it."""


EXACT: Final = 2**53
"""Whole numbers up to this one are exact as floating-point numbers."""

NAME_LENGTH: Final = 200
"""Longest name of a column, which messages quote."""


def read_table(
    path: Path,
    required: Sequence[str] = (),
    *,
    text: Sequence[str] = (),
    whole: Sequence[str] = (),
) -> pd.DataFrame:
    """Read a table.

    Args:
        path: A ``.tsv`` file.
        required: Columns that must be there.
        text: Columns that stay text though they look like numbers (a site ``007``).
        whole: Columns that must hold whole numbers; ``0.0`` is one.

    Returns:
        The table. Ids and diagnoses stay text; ``n/a`` and nothing are missing
        values. Blank lines are left out, blanks around a cell, too.

    Raises:
        InputError: If the file is not there, is not such a table or lacks columns.
    """
    if not path.is_file():
        msg = f"no table at {path}"
        raise InputError(msg)
    table = _parsed(_cells(path), text, path)
    missing = [name for name in required if name not in table.columns]
    if missing:
        msg = f"{path} lacks {', '.join(missing)}; it has {', '.join(table.columns)}"
        raise InputError(msg)
    return whole_numbers(table, whole, str(path))


def read_text_table(path: Path) -> pd.DataFrame:
    """Read a table with every cell as it is written; nothing is missing but ``""``.

    Raises:
        InputError: If the file is not there or is not such a table.
    """
    if not path.is_file():
        msg = f"no table at {path}"
        raise InputError(msg)
    header, *rows = _cells(path)
    return pd.DataFrame(rows, columns=header, dtype=object)


def numbers_of(column: pd.Series) -> pd.Series:
    """Take a column as numbers; what is none is missing, what is too large infinite.

    Args:
        column: Text or numbers, as a table was read.
    """
    try:
        return pd.to_numeric(column, errors="coerce")
    except OverflowError:
        # A whole number of hundreds of digits, which `float` takes as infinite.
        return column.map(_float)


def _float(value: object) -> float:
    text = str(value)
    return float(text) if _is_number(text) else math.nan


def whole_numbers(
    table: pd.DataFrame, columns: Sequence[str], source: str
) -> pd.DataFrame:
    """Take columns as whole numbers, which a spreadsheet may have written as ``0.0``.

    Args:
        table: With the columns.
        columns: Names of the columns.
        source: What messages call the table.

    Raises:
        InputError: If one holds something else, or nothing.
    """
    taken = {}
    for column in columns:
        numbers = numbers_of(table[column])
        wrong = ~((numbers % 1 == 0) & (numbers.abs() <= EXACT))
        if wrong.any():
            got = ", ".join(sorted({str(value) for value in table.loc[wrong, column]}))
            msg = f"{source}: {column} must hold whole numbers, got {got:.60}"
            raise InputError(msg)
        taken[column] = numbers.astype("int64")
    return table.assign(**taken)


_WRITTEN: Final[dict[str, Any]] = {
    "sep": "\t",
    "index": False,
    "na_rep": NOT_AVAILABLE,
    "float_format": "%.9g",
    "lineterminator": "\n",
}
"""How all tables are written."""


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table, whole or not at all.

    Text that a spreadsheet would take for a formula gets an apostrophe before it,
    which `read_table` takes away again.
    """
    with written_whole(path) as temporary:
        _as_text(table).to_csv(temporary, **_WRITTEN)


def table_text(table: pd.DataFrame) -> str:
    """Return the text that `write_table` writes."""
    return str(_as_text(table).to_csv(None, **_WRITTEN))


def plain(cell: object) -> object:
    """Put an apostrophe before text that a spreadsheet would run.

    Such text begins with ``=``, ``+``, ``-``, ``@``, a tab or an end of line, after
    blanks or apostrophes, and is no number.

    Example:
        >>> [plain(x) for x in ("=cmd()", "-3.5", "- none", "it's", -3.5)]
        ["'=cmd()", '-3.5', "'- none", "it's", -3.5]
    """
    runs = isinstance(cell, str) and _FORMULA.match(cell) and not _is_number(cell)
    return f"'{cell}" if runs else cell


def _written(cell: str) -> str:
    """Take away the apostrophe that `plain` put before a cell."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    made = table.rename(columns=plain)
    for number, kind in enumerate(made.dtypes):
        if not pd.api.types.is_numeric_dtype(kind):
            column = made.iloc[:, number].astype(object)
            made.isetitem(number, column.map(plain).to_numpy())
    return made


def _cells(path: Path) -> list[list[str]]:
    """Read the header and the rows, each as long as the header.

    Raises:
        InputError: If columns cannot be told, or a row has more cells than them.
    """
    try:
        content = read_bytes(path, TABLE_BYTES).decode("utf-8-sig")
        lines = csv.reader(
            io.StringIO(content, newline=""), delimiter="\t", strict=True
        )
        numbered = [
            (lines.line_num, [_written(c.strip()) for c in row]) for row in lines
        ]
    except (UnicodeDecodeError, csv.Error) as error:
        msg = f"{path} is not a tab-separated table: {error}; save it as UTF-8 text"
        raise InputError(msg) from error
    filled = [(number, row) for number, row in numbered if any(row)]
    if not filled:
        msg = f"{path} is not a tab-separated table: it is empty"
        raise InputError(msg)
    header = _header(filled[0][1], path)
    rows = [
        _as_long(row, header, f"{path}: line {number}") for number, row in filled[1:]
    ]
    return [header, *rows]


def _header(cells: list[str], path: Path) -> list[str]:
    header = _without_end(cells)
    other = next(
        (mark for mark in ",;" if len(header) == 1 and mark in header[0]), None
    )
    if other:
        msg = (
            f"{path} is not a tab-separated table: its columns are separated by"
            f" {other!r}; save it with tabs"
        )
        raise InputError(msg)
    unnamed = [str(number) for number, name in enumerate(header, 1) if not name]
    if unnamed:
        msg = f"{path}: column {', '.join(unnamed)} has no name; name or delete it"
        raise InputError(msg)
    strange = [n for n in header if len(n) > NAME_LENGTH or printable(n) != n]
    if strange:
        msg = f"{path}: no column can be named {printable(strange[0]):.60}; rename it"
        raise InputError(msg)
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        msg = f"{path} has two columns {', '.join(twice)}; rename or delete one"
        raise InputError(msg)
    return header


def _as_long(row: list[str], header: list[str], place: str) -> list[str]:
    cells = _without_end(row)
    if len(cells) > len(header):
        msg = (
            f"{place} has {len(cells)} cells, the header {len(header)}: not a"
            " tab-separated table; look for a tab too many"
        )
        raise InputError(msg)
    return cells + [""] * (len(header) - len(cells))


def _without_end(cells: list[str]) -> list[str]:
    """Drop the empty cells at the end, which spreadsheets add."""
    filled = [number for number, cell in enumerate(cells) if cell]
    return cells[: filled[-1] + 1] if filled else []


def _parsed(cells: list[list[str]], text: Sequence[str], path: Path) -> pd.DataFrame:
    plain = io.StringIO(newline="")
    csv.writer(plain, delimiter="\t", lineterminator="\n").writerows(cells)
    plain.seek(0)
    try:
        return pd.read_csv(
            plain,
            sep="\t",
            na_values=[NOT_AVAILABLE, ""],
            keep_default_na=False,
            dtype=dict.fromkeys(text, str),
            index_col=False,
            skip_blank_lines=False,
        )
    except UNREADABLE as error:
        msg = f"{path} holds a number that is none: {printable(str(error)):.120}"
        raise InputError(msg) from error
