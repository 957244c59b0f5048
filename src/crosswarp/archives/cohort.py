"""A table of a cohort, of a BIDS data set or an archive, and what to say of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from crosswarp.archives.importing import import_cohort
from crosswarp.archives.options import ArchiveOptions
from crosswarp.archives.writer import places_of, write_import
from crosswarp.bids.cohort import (
    VIRTUAL_NOTICE,
    excluded_path,
    make_cohort,
    write_cohort,
)
from crosswarp.bids.new_table import new_table
from crosswarp.bids.options import CohortOptions
from crosswarp.bids.people import PARTICIPANTS
from crosswarp.bids.tables import write_table

SCAN: Final = ("participant_id", "session_id", "diagnosis")
"""Columns of every table of scans."""

LEFT_OUT: Final = ("participant_id", "session_id", "reason")
"""Columns of every table of what was left out."""

_SHOWN: Final = 20
"""Scans and rows left out that are told; the table has all of them."""


@dataclass(frozen=True)
class CohortReport:
    """What to tell of a table that was written.

    Attributes:
        summary: Lines that say what is in the tables, and where they are.
        notes: What was found, matched or read otherwise than it is written.
        left_out: The first scans that were left out, or counts of them by reason.
    """

    summary: list[str]
    notes: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def remarks(self) -> list[str]:
        """Notes and what was left out, each with the word that it begins with."""
        told = [f"note: {sentence}" for sentence in self.notes]
        return told + [f"left out: {sentence}" for sentence in self.left_out]


def write_bids_cohort(
    bids: Path, out: Path, options: CohortOptions, *, overwrite: bool = False
) -> CohortReport:
    """Write the table of a BIDS data set, and that of what was left out beside it.

    Args:
        bids: Root of the data set.
        out: Table of scans to write, ``.tsv``.
        options: What the user says of the data set's tables.
        overwrite: Replace older tables of this kind.

    Raises:
        InputError: As `make_cohort` does.
        OccupiedError: If other tables are there.
    """
    read = [bids / PARTICIPANTS, *bids.glob("sub-*/*_sessions.tsv")]
    excluded = excluded_path(out)
    with (
        new_table(excluded, LEFT_OUT, inputs=read, overwrite=overwrite) as left_out,
        new_table(out, SCAN, inputs=read, overwrite=overwrite) as table,
    ):
        made = make_cohort(bids, options)
        write_cohort(table, made.table)
        write_table(left_out, made.excluded())
    counts = made.table["diagnosis"].value_counts(sort=False)
    people = made.table["participant_id"].nunique()
    listed = ", ".join(f"{number} {name}" for name, number in counts.items())
    summary = [
        f"{len(made.table)} scans of {people} participants ({listed}) in {out};"
        f" {len(made.left_out)} left out, listed in {excluded.name}"
    ]
    if (made.table["origin"] == "virtual").any():
        summary.append(VIRTUAL_NOTICE)
    told = _first([str(one) for one in made.left_out], excluded)
    return CohortReport(summary, list(made.notes), told)


def write_archive_cohort(
    source: Path,
    out: Path,
    archive: str | None,
    options: ArchiveOptions,
    *,
    overwrite: bool = False,
) -> CohortReport:
    """Write the table of an archive, and that of what was left out beside it.

    Args:
        source: Folder of the download.
        out: Folder for both tables, or the table of scans, ``.tsv``.
        archive: Name of the archive; found by looking when None.
        options: Rules for scans and labels.
        overwrite: Replace older tables of this kind.

    Raises:
        InputError: As `import_cohort` does.
        OccupiedError: If other tables are there.
    """
    cohort_path, excluded = places_of(out)
    made = import_cohort(source, archive, options, (cohort_path, excluded))
    inputs = [source, *options.tables]
    with (
        new_table(excluded, LEFT_OUT, inputs=inputs, overwrite=overwrite) as left_out,
        new_table(cohort_path, SCAN, inputs=inputs, overwrite=overwrite) as table,
    ):
        written = write_import(made, table, left_out)
    summary = [
        f"{written.counts} in {cohort_path}",
        f"{written.left_out} left out, each listed in {excluded}",
    ]
    return CohortReport(summary, list(written.notes), written.reasons[:_SHOWN])


def _first(left_out: Sequence[str], excluded: Path) -> list[str]:
    more = len(left_out) - _SHOWN
    rest = [f"{more} more, see {excluded}"] if more > 0 else []
    return [*left_out[:_SHOWN], *rest]
