"""What the tables of a BIDS data set say of its scans: the join, and its misfits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pandas as pd

from crosswarp.bids.columns import find_columns, lacking
from crosswarp.bids.dictionary import read_levels
from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.matching import Matched, bare, match_ids, some
from crosswarp.bids.names import sessions_path
from crosswarp.bids.options import CohortOptions
from crosswarp.bids.shared_sessions import SESSIONS, shared_sessions
from crosswarp.bids.tables import read_text_table
from crosswarp.bids.values import Notes, known
from crosswarp.errors import InputError

PARTICIPANTS: Final = "participants.tsv"
DICTIONARY: Final = "participants.json"

Row = dict[str, str]


@dataclass(frozen=True)
class LeftOut:
    """A scan, or a row of a table, that is not in the cohort.

    Attributes:
        participant_id: As it is written.
        session_id: As it is written; ``n/a`` for the participant as a whole.
        reason: Reason in one line.
    """

    participant_id: str
    session_id: str
    reason: str

    def __str__(self) -> str:
        return f"{self.label}: {self.reason}"

    @property
    def label(self) -> str:
        """Participant and session in one word."""
        if self.session_id == NOT_AVAILABLE:
            return self.participant_id
        return f"{self.participant_id}_{self.session_id}"


@dataclass(frozen=True)
class _Table:
    """Rows by id; of an id that several rows have, none."""

    rows: Mapping[str, Row]
    repeated: tuple[str, ...]
    names: tuple[str, ...]
    notes: list[str]
    has_diagnoses: bool
    source: str = ""


@dataclass
class Joined:
    """What is known of each scan, and what did not fit together.

    Attributes:
        rows: By scan, under our names; only what is known.
        left_out: Scans without a row, and rows without a scan.
        notes: What was matched or read otherwise than it is written.
        levels: Meaning of codes by column, from ``participants.json``.
        respelt: Sessions that are written otherwise, by participant.
    """

    rows: dict[ScanId, Row] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    levels: dict[str, dict[str, str]] = field(default_factory=dict)
    respelt: Notes = field(default_factory=Notes)


def join_tables(
    root: Path, scans: Sequence[ScanId], others: Iterable[str], options: CohortOptions
) -> Joined:
    """Join the scans of a data set with ``participants.tsv`` and the sessions' tables.

    Args:
        root: Root folder of the data set.
        scans: Those to look for.
        others: Participants with a folder but no usable scan.
        options: What the user says of the tables.

    Raises:
        InputError: If ``participants.tsv`` is not there or lacks a column.
    """
    sessions = {
        name: list(folder.glob("*_sessions.tsv"))
        for name in dict.fromkeys(scan.participant_id for scan in scans)
        if (folder := root / name).is_dir()
    }
    shared = shared_sessions(root / SESSIONS)
    required = ["participant_id"]
    required += [] if any(sessions.values()) or shared else ["diagnosis"]
    people = _read(root / PARTICIPANTS, "participant_id", required, options)
    joined = Joined(notes=people.notes)
    joined.levels = read_levels(root / DICTIONARY, joined.notes)
    matched = _match_people(people, scans, others, joined)
    seen = set(people.names)
    for name in dict.fromkeys(scan.participant_id for scan in scans):
        own = [scan for scan in scans if scan.participant_id == name]
        if name not in matched.found:
            reason = _why_missing(name, people, matched)
            joined.left_out += [_left(scan, reason) for scan in own]
            continue
        row = people.rows[matched.found[name]]
        table = _sessions_of(root, name, sessions.get(name, []), shared, options)
        seen |= _add_sessions(own, row, table, joined)
    _check_asked(options, seen)
    joined.notes += joined.respelt.sentences()
    if (root / SESSIONS).is_file() and not shared:
        joined.notes.append(
            f"{SESSIONS} is not read: it lacks participant_id or session_id"
        )
    return joined


def _match_people(
    people: _Table, scans: Sequence[ScanId], others: Iterable[str], joined: Joined
) -> Matched:
    with_scan = list(dict.fromkeys(scan.participant_id for scan in scans))
    folders = list(dict.fromkeys([*with_scan, *others]))
    matched = match_ids(folders, list(people.rows), "sub-")
    respelt = [f"{row} is taken for {name}" for name, row in matched.respelt.items()]
    if respelt:
        joined.notes.append(f"{PARTICIPANTS}: {some(respelt)}")
    missing = [name for name in matched.missing if name in with_scan]
    for row in matched.unused:
        near = match_ids([row], missing, "sub-").found.values()
        hint = f"; did you mean {some(near)}?" if near else ""
        reason = f"in {PARTICIPANTS}, but without a T1w scan{hint}"
        joined.left_out.append(LeftOut(row, NOT_AVAILABLE, reason))
    return matched


def _why_missing(name: str, people: _Table, matched: Matched) -> str:
    twice = match_ids([name], people.repeated, "sub-").found
    if twice:
        return f"{twice[name]} is in {PARTICIPANTS} more than once; keep one row"
    return f"not in {PARTICIPANTS}{matched.hint(name, 'sub-')}"


def _sessions_of(
    root: Path,
    name: str,
    tables: Sequence[Path],
    shared: Mapping[str, pd.DataFrame],
    options: CohortOptions,
) -> _Table | str | None:
    """Read a participant's sessions: of a table alone, else of that of all people.

    Returns:
        The table; what is wrong with it; or None where there is none.
    """
    path = sessions_path(root, name) if tables else root / SESSIONS
    row = match_ids([name], list(shared), "sub-").found.get(name)
    if not tables and row is None:
        return None
    if tables and (fault := _misnamed(tables, path)):
        return fault
    try:
        rows = read_text_table(path) if tables else shared[row or ""]
        return _rows_of(rows, path.name, "session_id", ["session_id"], options)
    except InputError as error:
        return str(error)


def _add_sessions(
    scans: Sequence[ScanId], person: Row, table: _Table | str | None, joined: Joined
) -> set[str]:
    """Join one participant's scans; returns the columns that the table has."""
    name = scans[0].participant_id
    if table is None:
        joined.rows |= {scan: dict(person) for scan in scans}
        return set()
    if isinstance(table, str):
        joined.left_out += [_left(scan, table) for scan in scans]
        return set()
    folders = [scan.session_id for scan in scans if scan.session_id is not None]
    matched = match_ids(folders, list(table.rows), "ses-")
    _note(table, matched, table.source, name, joined)
    for scan in scans:
        row = table.rows.get(matched.found.get(scan.session_id or "", ""))
        if reason := _why_left_out(scan, row, table, matched):
            joined.left_out.append(_left(scan, reason))
        else:
            joined.rows[scan] = {**person, **(row or {})}
            if row is None:
                joined.notes.append(f"{table.source} has no row for {scan.label}")
    reason = f"in {table.source}, but without a T1w scan"
    joined.left_out += [LeftOut(name, one, reason) for one in matched.unused]
    return set(table.names)


def _note(
    table: _Table, matched: Matched, source: str, name: str, joined: Joined
) -> None:
    """Note what was read otherwise than it is written, once for all participants."""
    for note in table.notes:
        joined.respelt.add(note.replace(source, "sessions tables"), name)
    for session, written in matched.respelt.items():
        joined.respelt.add(f"in sessions tables {written} is taken for {session}", name)


def _why_left_out(
    scan: ScanId, row: Row | None, table: _Table, matched: Matched
) -> str:
    """Say why the table of sessions cannot stand for a scan; empty when it can."""
    source = table.source
    if row is not None:
        said = row.get("participant_id", scan.participant_id)
        same = bare(said, "sub-") == bare(scan.participant_id, "sub-")
        return "" if same else f"its row in {source} is of {said}"
    if not table.has_diagnoses:
        return ""
    if scan.session_id is None:
        return f"it has no session, while {source} has a diagnosis for each"
    if scan.session_id in match_ids([scan.session_id], table.repeated, "ses-").found:
        return f"{scan.session_id} is in {source} more than once; keep one row"
    hint = matched.hint(scan.session_id, "ses-")
    rows = some([*matched.found.values(), *matched.unused, *set(table.repeated)])
    return f"its session is not in {source}, which has {rows or 'no row'}{hint}"


def _misnamed(tables: Sequence[Path], expected: Path) -> str:
    if any(path.name == expected.name for path in tables):
        return ""
    return f"{tables[0].name} lies in its folder; call it {expected.name}"


def _read(
    path: Path, key: str, required: Sequence[str], options: CohortOptions
) -> _Table:
    """Read a table as rows by id, with what is known under our names.

    Raises:
        InputError: If it lacks a column.
    """
    return _rows_of(read_text_table(path), path.name, key, required, options)


def _rows_of(
    table: pd.DataFrame,
    source: str,
    key: str,
    required: Sequence[str],
    options: CohortOptions,
) -> _Table:
    """Take the rows of a table by id; see `_read`."""
    header = [str(name) for name in table.columns]
    columns = find_columns(header, source, options.columns)
    fault = lacking(list(columns.names.values()), required, source)
    if fault:
        raise InputError(fault)
    rows: dict[str, Row] = {}
    repeated, notes, has_diagnoses = [], list(columns.notes), False
    for record in table.to_dict("records"):
        row = {
            ours: value
            for name, ours in columns.names.items()
            if (value := known(record[name], options.missing)) is not None
        }
        has_diagnoses |= "diagnosis" in row
        name = row.pop(key, None)
        if name is None:
            notes.append(f"{source}: a row without {key} is not used")
        elif name in rows and rows[name] != row:
            repeated.append(name)
        else:
            rows[name] = row
    for name in set(repeated):
        del rows[name]
    names = (*columns.names, *columns.names.values())
    return _Table(rows, tuple(repeated), names, notes, has_diagnoses, source)


def _check_asked(options: CohortOptions, seen: set[str]) -> None:
    for ours, column in options.columns.items():
        if column.casefold() not in {name.casefold() for name in seen}:
            msg = (
                f"`columns={{{ours!r}: {column!r}}}`: no table has a column {column};"
                " they have"
                f" {', '.join(sorted(seen))}"
            )
            raise InputError(msg)


def _left(scan: ScanId, reason: str) -> LeftOut:
    return LeftOut(scan.participant_id, scan.session_id or NOT_AVAILABLE, reason)
