"""The cohort: which scans an analysis is about, and what is known of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from crosswarp.bids.columns import find_columns, lacking
from crosswarp.bids.dataset import find_scans
from crosswarp.bids.diagnoses import parse_label
from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.labels import Labels
from crosswarp.bids.options import CohortOptions
from crosswarp.bids.people import Joined, LeftOut, join_tables
from crosswarp.bids.raw import FoundScans
from crosswarp.bids.rows import (
    COLUMNS,
    ORIGINS,
    ValueReader,
    codes_as_missing,
    table_of,
    unknown_columns,
    without_identifiers,
)
from crosswarp.bids.scanner import field_of_sidecar
from crosswarp.bids.tables import read_text_table, write_table
from crosswarp.bids.values import Notes, known
from crosswarp.errors import InputError

__all__ = [
    "COLUMNS",
    "EXCLUDED_COLUMNS",
    "ORIGINS",
    "VIRTUAL_NOTICE",
    "MadeCohort",
    "excluded_path",
    "make_cohort",
    "read_cohort",
    "write_cohort",
]

VIRTUAL_NOTICE: Final = (
    "Virtual participants: these figures show that the software works."
    " They say nothing about diagnostic accuracy."
)
"""To head every table and page made from a virtual participant."""

EXCLUDED_COLUMNS: Final = ("participant_id", "session_id", "reason")

_REQUIRED: Final = ("participant_id", "session_id", "diagnosis")

_MOST_FAULTS: Final = 5
"""Named in one message; the rest is counted."""


@dataclass(frozen=True)
class MadeCohort:
    """A cohort, and what of the data set is not in it.

    Attributes:
        table: As `read_cohort` returns it.
        left_out: Each scan or row that was left out, with the reason.
        notes: One sentence for each thing that was read otherwise than it is written,
            and for each label that is not CN, MCI or AD.
    """

    table: pd.DataFrame
    left_out: list[LeftOut]
    notes: list[str] = field(default_factory=list)

    def excluded(self) -> pd.DataFrame:
        """Return what was left out as a table: participant, session, reason."""
        rows = [
            (one.participant_id, one.session_id, one.reason) for one in self.left_out
        ]
        return pd.DataFrame(rows, columns=list(EXCLUDED_COLUMNS))


def excluded_path(cohort: Path) -> Path:
    """Name the table of what was left out, beside a cohort table.

    Example:
        >>> excluded_path(Path("a/cohort.tsv")).name
        'cohort_excluded.tsv'
    """
    return cohort.with_name(f"{cohort.stem}_excluded.tsv")


def read_cohort(path: Path, *, unlabelled: bool = False) -> pd.DataFrame:
    """Read a cohort table.

    Args:
        path: A ``.tsv`` file with ``participant_id``, ``session_id``, ``diagnosis``
            and, if known, ``age_years``, ``sex``, ``site``, ``field_strength_t``,
            ``origin``, or their synonyms, and columns of the user's own.
        unlabelled: Leave out rows without a diagnosis instead of refusing them.

    Returns:
        One row a scan, sorted, with all of `COLUMNS`, and the user's own columns
        behind them: text, ``n/a`` where it is not known; age (years, above 0 and up
        to 120) and field (tesla) are numbers, NaN where not known; a diagnosis is a
        label; the origin is ``real`` when the file does not say.

    Raises:
        InputError: If columns are missing, a scan is there twice, or a diagnosis, an
            age, a sex, a field or an origin is none.
    """
    table = read_text_table(path)
    columns = find_columns([str(name) for name in table.columns], path.name)
    if fault := lacking(list(columns.names.values()), _REQUIRED, str(path)):
        raise InputError(fault)
    kept = table[list(columns.names)].rename(columns=dict(columns.names))
    if unlabelled:
        kept = kept[[known(value) is not None for value in kept["diagnosis"]]]
    return _checked(kept.to_dict("records"), path.name)


def write_cohort(path: Path, table: pd.DataFrame) -> None:
    """Write a cohort table that `read_cohort` can read.

    Raises:
        InputError: As `read_cohort`.
    """
    write_table(path, _checked(table.to_dict("records"), "the cohort"))


def make_cohort(root: Path, options: CohortOptions | None = None) -> MadeCohort:
    """Put the scans of a BIDS data set together with what its tables say.

    A diagnosis or an age in ``sub-<label>_sessions.tsv`` counts for its session, the
    one in ``participants.tsv`` for all sessions whose row has none of its own. A scan
    whose session is not in a table that has diagnoses is left out. The scanner's
    field comes from the same tables, else from the scan's sidecar. A fault of one row
    leaves that row out; a value that is not understood or out of range is missing.

    Args:
        root: Of the data set, with ``participants.tsv``. Columns used:
            ``participant_id``, ``diagnosis``, ``age``, ``sex``, ``site``,
            ``field_strength_t``, ``origin`` and their synonyms; others are carried
            along under their own names.
        options: What the user says of the tables.

    Raises:
        InputError: If there is no table, or it lacks ids or diagnoses; or if no scan
            has a diagnosis.
    """
    chosen = options or CohortOptions()
    found = find_scans(root)
    images = {raw.scan: raw.path for raw in found.scans}
    refused = [scan.participant_id for scan, _ in found.problems]
    joined = join_tables(root, list(images), refused, chosen)
    labels = Labels(chosen, joined.levels.get("diagnosis", {}))
    notes, left_out = Notes(), _not_found(found)
    reader = _reader(chosen, joined, notes)
    rows = []
    for scan, row in joined.rows.items():
        try:
            label = labels.read(row.get("diagnosis"))
            rows.append(reader.row(scan, label, _with_field(row, images[scan])))
        except InputError as error:
            session = scan.session_id or NOT_AVAILABLE
            left_out.append(LeftOut(scan.participant_id, session, str(error)))
    left_out += joined.left_out
    if not rows:
        msg = f"{root} has no scan with a diagnosis: {_some(map(str, left_out))}"
        raise InputError(msg)
    table, codes = codes_as_missing(table_of(rows))
    said = [*joined.notes, *notes.sentences(), *codes, *labels.sentences()]
    table, nameless = without_identifiers(table)
    return MadeCohort(table, left_out, said + nameless + unknown_columns(table))


def _not_found(found: FoundScans) -> list[LeftOut]:
    """List what the search for scans left out."""
    left_out = [
        LeftOut(scan.participant_id, scan.session_id or NOT_AVAILABLE, reason)
        for scan, reason in found.problems
    ]
    for sentence in found.left_out:
        name, _, reason = sentence.partition(": ")
        if "/" in name or not name.startswith("sub-"):
            # A file or folder of the data set, not a scan.
            left_out.append(LeftOut(name, NOT_AVAILABLE, reason))
            continue
        person, _, session = name.partition("_ses-")
        session = f"ses-{session}" if session else NOT_AVAILABLE
        left_out.append(LeftOut(person, session, reason))
    return left_out


def _reader(options: CohortOptions, joined: Joined, notes: Notes) -> ValueReader:
    codes = {**joined.levels.get("sex", {}), **options.sex_codes}
    return ValueReader(options.missing, codes, notes)


def _with_field(row: Mapping[str, Any], image: Path) -> Mapping[str, Any]:
    if row.get("field_strength_t") is not None:
        return row
    return {**row, "field_strength_t": field_of_sidecar(image)}


def _checked(rows: Iterable[Mapping[Any, Any]], source: str) -> pd.DataFrame:
    """Bring rows to the form of a cohort table.

    Raises:
        InputError: With all that is wrong, up to a few.
    """
    by_scan: dict[ScanId, dict[str, Any]] = {}
    faults = []
    reader = ValueReader()
    for row in rows:
        try:
            session = known(row["session_id"])
            scan = ScanId.from_row(str(row["participant_id"]), session)
            if scan in by_scan:
                faults.append(f"{scan.label}: more than once")
            label = parse_label(known(row["diagnosis"]) or NOT_AVAILABLE)
            by_scan[scan] = reader.row(scan, label, row)
        except InputError as error:
            faults.append(f"{row['participant_id']!s:.60}: {error}")
    if faults:
        msg = f"{source}: {_some(faults)}"
        raise InputError(msg)
    return table_of(list(by_scan.values()))


def _some(faults: Iterable[str]) -> str:
    listed = list(faults)
    more = len(listed) - _MOST_FAULTS
    tail = f"; and {more} more" if more > 0 else ""
    return "; ".join(listed[:_MOST_FAULTS]) + tail
