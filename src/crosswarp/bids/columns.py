"""Columns of tables of participants, under whichever name they stand."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from crosswarp.errors import InputError

SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    "participant_id": ("participant_id",),
    "session_id": ("session_id", "session"),
    "diagnosis": ("diagnosis", "dx"),
    "age_years": ("age_years", "age", "age_at_scan", "age_at_visit", "age_at_session"),
    "sex": ("sex", "gender", "m_f"),
    "site": ("site", "site_id", "centre", "center"),
    "field_strength_t": (
        *("field_strength_t", "field_strength", "magnetic_field_strength"),
        "magneticfieldstrength",
    ),
    "origin": ("origin",),
}
"""Names of each of our columns, the best first; case and punctuation do not count."""

_LIKELY_DIAGNOSES: Final = ("group", "research_group", "dx_group", "dx1", "label")
"""Columns that often hold a diagnosis, and are used only when asked for."""


@dataclass(frozen=True)
class Columns:
    """What the columns of a table are.

    Attributes:
        names: Name of ours by the table's, in its order; columns of the user's own
            keep their name.
        notes: What was taken for what, and what was not used.
    """

    names: Mapping[str, str]
    notes: list[str] = field(default_factory=list)


def find_columns(
    header: Sequence[str], source: str, chosen: Mapping[str, str] | None = None
) -> Columns:
    """Tell what the columns of a table are.

    Args:
        header: Names of the columns.
        source: What messages call the table.
        chosen: The table's name by ours, where the user said so; one that the table
            does not have is left to `SYNONYMS`.

    Raises:
        InputError: If two columns have the same right to a name.

    Example:
        >>> find_columns(["participant_id", "Gender", "APOE"], "t").names
        {'participant_id': 'participant_id', 'Gender': 'sex', 'APOE': 'APOE'}
    """
    taken: dict[str, str] = {}
    unused: set[str] = set()
    notes: list[str] = []
    for ours, synonyms in SYNONYMS.items():
        fitting = [name for name in header if _key(name) in synonyms]
        best = _asked(header, (chosen or {}).get(ours)) or _best(
            fitting, synonyms, source
        )
        if best is None:
            continue
        taken[best] = ours
        others = [name for name in fitting if name != best]
        unused |= set(others)
        if others:
            notes.append(
                f"{source}: column {best} is taken for {ours}, {' and '.join(others)}"
                " is not used"
            )
        elif _key(best) not in (ours, "age"):
            notes.append(f"{source}: column {best} is taken for {ours}")
    names = {
        name: taken.get(name, name)
        for name in header
        if name in taken or name not in unused
    }
    return Columns(names, notes)


def lacking(header: Sequence[str], required: Sequence[str], source: str) -> str | None:
    """Word which required columns a table lacks; None when it has them.

    Args:
        header: Names of ours, as far as there are.
        required: Names of ours.
        source: What the message calls the table.
    """
    absent = [name for name in required if name not in header]
    if not absent:
        return None
    likely = [name for name in header if _key(name) in _LIKELY_DIAGNOSES]
    hint = (
        f"; if {likely[0]} holds it, rename it, or add"
        f" `columns={{'diagnosis': {likely[0]!r}}}`"
        if "diagnosis" in absent and likely
        else ""
    )
    return f"{source} lacks {', '.join(absent)}; it has {', '.join(header)}{hint}"


def extra_columns(names: Sequence[object], ours: Sequence[str]) -> list[str]:
    """List the columns of the user's own, in order, once each."""
    return list(dict.fromkeys(str(name) for name in names if str(name) not in ours))


def _asked(header: Sequence[str], name: str | None) -> str | None:
    if name is None:
        return None
    same = [column for column in header if column.casefold() == name.casefold()]
    return name if name in header else next(iter(same), None)


def _best(fitting: Sequence[str], synonyms: Sequence[str], source: str) -> str | None:
    if not fitting:
        return None
    first = min(synonyms.index(_key(name)) for name in fitting)
    best = [name for name in fitting if _key(name) == synonyms[first]]
    if len(best) == 1:
        return best[0]
    if synonyms[first] in best:
        return synonyms[first]
    msg = (
        f"{source} has {' and '.join(best)}; rename or delete one, or choose with"
        f" `columns={{{synonyms[0]!r}: {best[0]!r}}}`"
    )
    raise InputError(msg)


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")
