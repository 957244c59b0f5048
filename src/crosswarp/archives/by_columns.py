"""Tables told by their columns, for archives whose files have changing names."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from crosswarp.archives.days import split_dated
from crosswarp.archives.library import Library
from crosswarp.archives.tables import Row, Table
from crosswarp.bids.matching import some
from crosswarp.bids.values import SEXES
from crosswarp.errors import InputError

SEX_CODES: Final[Mapping[str, str]] = {"1": "M", "2": "F", **SEXES}
"""Codes of the UDS beside words, in lower case."""


def table_with(
    library: Library, *groups: Iterable[str], keep: tuple[str, ...] | None = None
) -> Table | None:
    """Read the table that has certain columns; None where there is none.

    Of several, the newest is taken, and named: by the date or the number at the end of
    its name (``nacc71``), else by the date of the file.

    Args:
        library: The tables of the tree.
        groups: Names of a column, of which one is enough.
        keep: Columns to hold on to; all if None.
    """
    paths = library.with_columns(*groups)
    if not paths:
        return None
    *older, last = sorted(paths, key=_age)
    if older:
        passed = some(path.name for path in reversed(older))
        note = f"{last.name} is taken, the newest of its kind; not {passed}"
        if note not in library.notes:
            library.notes.append(note)
    return library.read(last, keep)


def need_table(
    library: Library,
    groups: Sequence[Sequence[str]],
    usual: str,
    where: str,
    keep: tuple[str, ...] | None = None,
) -> Table:
    """Read a table that must be there.

    Args:
        library: The tables of the tree.
        groups: As of `table_with`.
        usual: Name that it usually has.
        where: Where it is to be had.
        keep: As of `table_with`.

    Raises:
        InputError: With what was looked for, what is there, and where to get it.
    """
    table = table_with(library, *groups, keep=keep)
    if table is not None:
        return table
    there = some((path.name for path in library.tree.tables), 10)
    columns = ", ".join(group[0] for group in groups)
    msg = (
        f"{library.tree.root} has no table with the columns {columns} (usually"
        f" {usual}); it has {there or 'no table at all'}. {where}"
    )
    raise InputError(msg)


def sex_of(rows: Iterable[Row], *columns: str) -> str | None:
    """Read the sex of a participant: F, M or O, empty where not known.

    Returns:
        None where rows disagree: then nobody can tell which is right.
    """
    found = {
        SEX_CODES.get(text.casefold(), "")
        for row in rows
        if (text := row.code(*columns)) is not None
    }
    found.discard("")
    return None if len(found) > 1 else next(iter(found), "")


def shown(value: float | None) -> str:
    """Write a number of a row as a cell; empty where it is not known."""
    return "" if value is None else f"{value:g}"


def known_facts(**facts: str | None) -> dict[str, str]:
    """Keep the facts that say something."""
    return {name: value for name, value in facts.items() if value}


def _age(path: Path) -> tuple[str, int, float, str]:
    stem, day = split_dated(path.stem)
    number = re.search(r"(\d{1,4})$", stem)
    return (
        "" if day is None else day.isoformat(),
        int(number[1]) if number else 0,
        path.stat().st_mtime,
        path.name,
    )
