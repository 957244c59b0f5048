"""The tables of an archive: each found by name or by its columns, and read once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from crosswarp.archives.days import split_dated
from crosswarp.archives.tables import Row, Table, column_key, header_of
from crosswarp.archives.tables import read_archive_table as read
from crosswarp.archives.tree import Tree
from crosswarp.bids.matching import some
from crosswarp.errors import InputError, MissingPackageError


@dataclass(frozen=True)
class _File:
    path: Path
    prefix: str
    day: date | None

    @property
    def age(self) -> tuple[date, float]:
        """What is newer is greater: the date in the name, then the file's own."""
        return self.day or date.min, self.path.stat().st_mtime


@dataclass
class Library:
    """The tables that lie in a tree.

    Attributes:
        tree: Where they lie.
        names: Names of the tables that the archive has, without date or ending.
        notes: Which of several files was taken, and what was read otherwise than
            it is written.
        used: Files that were read.
    """

    tree: Tree
    names: Sequence[str]
    notes: list[str] = field(default_factory=list)
    used: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._files: dict[str, list[_File]] = defaultdict(list)
        self._read: dict[tuple[Path, tuple[str, ...] | None], Table] = {}
        self._headers: dict[Path, tuple[str, ...]] = {}
        keys = sorted({column_key(name) for name in self.names}, key=len, reverse=True)
        for path in self.tree.tables:
            stem, day = split_dated(path.stem)
            key = column_key(stem)
            found = next((k for k in keys if _ends(key, k)), None)
            if found is not None:
                self._files[found].append(_File(path, key.removesuffix(found), day))

    def has(self, name: str) -> bool:
        """Whether a table of a name is there."""
        return column_key(name) in self._files

    def find(self, name: str, keep: Iterable[str] | None = None) -> Table | None:
        """Read the table of a name; None where there is none.

        Of several files that differ in their date, the newest is taken, and named. Of
        several cohorts (``ADNI3_…``, ``ADNI4_…``) all are, equal rows once.

        Args:
            name: One of ``names``; case does not count.
            keep: Columns to hold on to; all if None.
        """
        files = self._files.get(column_key(name))
        if not files:
            return None
        by_prefix: dict[str, list[_File]] = defaultdict(list)
        for one in files:
            by_prefix[one.prefix].append(one)
        newest = []
        for several in by_prefix.values():
            *older, last = sorted(several, key=lambda one: (one.age, one.path.name))
            newest.append(last)
            if older:
                passed = some(one.path.name for one in reversed(older))
                self._say(f"{last.path.name} is taken, the newest {name}; not {passed}")
        newest.sort(key=lambda one: one.age, reverse=True)
        columns = None if keep is None else tuple(keep)
        return self._joined([self.read(one.path, columns) for one in newest], name)

    def need(
        self, names: str | Sequence[str], where: str, keep: Iterable[str] | None = None
    ) -> Table:
        """Read a table that must be there.

        Args:
            names: Its name, or several that will do, the best first.
            where: Where it is to be had, for the message.
            keep: Columns to hold on to; all if None.

        Raises:
            InputError: With what was looked for, what is there, and where to get it.
        """
        listed = [names] if isinstance(names, str) else list(names)
        columns = None if keep is None else tuple(keep)
        for name in listed:
            if (table := self.find(name, columns)) is not None:
                return table
        there = some((path.name for path in self.tree.tables), 10)
        msg = (
            f"{self.tree.root} has no table {' or '.join(listed)}; it has"
            f" {there or 'no table at all'}. {where}"
        )
        raise InputError(msg)

    def with_columns(self, *groups: Iterable[str]) -> list[Path]:
        """List the tables that have a column of each group, whatever they are called.

        Args:
            groups: Names of a column, of which one is enough.
        """
        return [
            path
            for path in self.tree.tables
            if all(
                any(column_key(name) in self.header(path) for name in group)
                for group in groups
            )
        ]

    def header(self, path: Path) -> tuple[str, ...]:
        """Return the columns of a file; none, and a note, where it cannot be read."""
        if path not in self._headers:
            try:
                self._headers[path] = header_of(path)
            except (InputError, MissingPackageError) as error:
                self._headers[path] = ()
                self._say(f"{path.name} is not used: {error}")
        return self._headers[path]

    def read(self, path: Path, keep: tuple[str, ...] | None = None) -> Table:
        """Read a file, once.

        Raises:
            InputError: If it cannot be read.
        """
        key = path, keep
        if key not in self._read:
            self._read[key] = read(path, keep)
            self.used.append(path)
            for note in self._read[key].notes:
                self._say(note)
        return self._read[key]

    def _joined(self, tables: Sequence[Table], name: str) -> Table:
        if len(tables) == 1:
            return tables[0]
        seen: set[tuple[tuple[str, str], ...]] = set()
        rows: list[Row] = []
        for table in tables:
            for row in table.rows:
                key = tuple(sorted((k, v) for k, v in row.cells.items() if v))
                if key not in seen:
                    seen.add(key)
                    rows.append(row)
        columns = dict.fromkeys(name for table in tables for name in table.columns)
        listed = some((table.name for table in tables), 5)
        self._say(f"{name} is put together from {listed}")
        return Table(tables[0].path, tuple(columns), rows)

    def _say(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)


def _ends(key: str, name: str) -> bool:
    return key == name or key.endswith(f"_{name}")
