"""Ids of two sources that mean the same though they are written differently."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

NAMED: Final = 5
"""Ids that one sentence names; the rest is counted."""


@dataclass(frozen=True)
class Matched:
    """Which id of one source is which id of the other.

    Attributes:
        found: The id of the table, by the one that was looked for.
        missing: Looked for, and not in the table.
        unused: In the table, and not looked for.
    """

    found: Mapping[str, str]
    missing: list[str]
    unused: list[str]

    @property
    def respelt(self) -> dict[str, str]:
        """Ids of the table that are written differently, by the one looked for."""
        return {wanted: row for wanted, row in self.found.items() if wanted != row}

    def hint(self, wanted: str, prefix: str) -> str:
        """Suggest the rows that a missing id may be; empty when there is none."""
        near = [row for row in self.unused if bare(row, prefix) == bare(wanted, prefix)]
        return f"; did you mean {some(near)}?" if near else ""


def match_ids(
    wanted: Collection[str], rows: Collection[str], prefix: str = ""
) -> Matched:
    """Match ids with those of a table.

    Equal ids match first. Then the prefix and the case are ignored, then leading
    zeros of numbers (and the ``.0`` that spreadsheets add), each only where a single
    id of either side is written so.

    Args:
        wanted: Ids of files or of another table.
        rows: Ids of the table.
        prefix: ``sub-`` or ``ses-``; optional in either.

    Example:
        >>> match_ids(["ses-M00", "ses-M12"], ["m0", "M012", "M24"], "ses-")
        Matched(found={'ses-M00': 'm0', 'ses-M12': 'M012'}, missing=[], unused=['M24'])
        >>> match_ids(["ses-1", "ses-01"], ["001"], "ses-").missing
        ['ses-1', 'ses-01']
    """
    missing, unused = list(dict.fromkeys(wanted)), list(dict.fromkeys(rows))
    found: dict[str, str] = {}
    ways: tuple[Callable[[str], str], ...] = (
        str,
        lambda name: _folded(name, prefix),
        lambda name: bare(name, prefix),
    )
    for way in ways:
        row_of = _single(unused, way)
        pairs = {
            name: row_of[key]
            for key, name in _single(missing, way).items()
            if key in row_of
        }
        found |= pairs
        missing = [name for name in missing if name not in pairs]
        taken = set(pairs.values())
        unused = [name for name in unused if name not in taken]
    ordered = {name: found[name] for name in dict.fromkeys(wanted) if name in found}
    return Matched(ordered, missing, unused)


def bare(name: str, prefix: str = "") -> str:
    """Reduce an id to what its spellings share.

    Example:
        >>> bare("ses-M012", "ses-"), bare("7.0"), bare("Sub-007", "sub-")
        ('m12', '7', '7')
    """
    short = _folded(name, prefix)
    if short.endswith(".0") and short[:-2].isdigit():
        short = short[:-2]
    parts: list[str] = []
    for letter in short:
        same = parts and parts[-1][-1].isdigit() == letter.isdigit()
        parts[-1:] = [parts[-1] + letter] if same else [*parts[-1:], letter]
    return "".join(
        part.lstrip("0") or "0" if part.isdigit() else part for part in parts
    )


def some(names: Iterable[str], most: int = NAMED) -> str:
    """Name a few and count the others.

    Example:
        >>> some(["a", "b", "c"], 2)
        'a, b and 1 more'
    """
    listed = list(names)
    more = len(listed) - most
    return ", ".join(listed[:most]) + (f" and {more} more" if more > 0 else "")


def _folded(name: str, prefix: str) -> str:
    return name.strip().casefold().removeprefix(prefix)


def _single(names: Iterable[str], way: Callable[[str], str]) -> dict[str, str]:
    """Give the names that no other one is written like, by how they are written."""
    keyed = [(way(name), name) for name in names]
    counts = Counter(key for key, _ in keyed)
    return {key: name for key, name in keyed if counts[key] == 1}
