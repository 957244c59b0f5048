"""A BIDS data set, with its tables in ``phenotype/`` beside those of participants."""

from typing import Any

from crosswarp.archives.assemble import NOT_FIRST
from crosswarp.archives.options import ArchiveOptions
from crosswarp.archives.records import Exclusion, Imported, kind_of
from crosswarp.archives.sidecar import join_own_tables
from crosswarp.archives.tree import Tree
from crosswarp.bids.cohort import make_cohort
from crosswarp.bids.dataset import find_scans
from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.people import PARTICIPANTS
from crosswarp.bids.raw import RawScan
from crosswarp.bids.shared_sessions import SESSIONS

_NO_DAYS = 0


def recognise(tree: Tree) -> str:
    """Say by what a tree is known as BIDS; empty if it is not."""
    people = any(name.startswith("sub-") for name in tree.folders)
    table = tree.root / PARTICIPANTS
    return (
        f"{PARTICIPANTS} beside folders sub-*"
        if people and table in tree.tables
        else ""
    )


def read(tree: Tree, options: ArchiveOptions) -> Imported:
    """Join the scans of a data set with all of its tables.

    Diagnoses are of ``participants.tsv`` and the tables of sessions, as
    `crosswarp.bids.cohort.make_cohort` reads them; each table of ``phenotype/`` is
    joined by participant, and by session where it has that column.

    Raises:
        InputError: As `make_cohort`.
    """
    made = make_cohort(tree.root, options.labels)
    images = {raw.scan: raw for raw in find_scans(tree.root).scans}
    rows = []
    for row in made.table.to_dict("records"):
        scan = ScanId.from_row(row["participant_id"], row["session_id"])
        rows.append({str(k): v for k, v in row.items()} | _origin(images[scan]))
    excluded = [
        Exclusion(one.participant_id, one.session_id, one.reason, one.label)
        for one in made.left_out
    ]
    if options.visits == "baseline":
        rows = _first(rows, excluded)
    imported = Imported(rows, excluded, [*made.notes, *_unused(options)])
    phenotype = sorted(
        path for path in tree.tables if path.parent == tree.root / "phenotype"
    )
    join_own_tables(imported, phenotype, _NO_DAYS)
    return imported


def _origin(raw: RawScan) -> dict[str, Any]:
    return {
        "path": raw.path,
        "image_kind": str(kind_of(raw.path)),
        "label_table": f"{PARTICIPANTS} and {SESSIONS} of participants",
        "label_rule": "of the session, else of the participant",
        "t1_rule": NOT_AVAILABLE,
    }


def _first(
    rows: list[dict[str, Any]], excluded: list[Exclusion]
) -> list[dict[str, Any]]:
    """Keep the first session of each participant, in the order of their labels."""
    first: dict[str, dict[str, Any]] = {}
    for row in rows:
        person, session = row["participant_id"], row["session_id"]
        if first.setdefault(person, row) is not row:
            taken = f"taken: {first[person]['session_id']}"
            place = f"{person}_{session}"
            excluded.append(Exclusion(person, session, NOT_FIRST, place, taken))
    return list(first.values())


def _unused(options: ArchiveOptions) -> list[str]:
    """Say which rules were asked for that do not apply: the tables have labels."""
    plain = ArchiveOptions()
    names = ("diagnosis", "subgroups", "dementia", "cdr", "conversion", "t1", "prefer")
    asked = [n for n in names if getattr(options, n) != getattr(plain, n)]
    if options.exclude:
        asked.append("exclude")
    listed = ", ".join(f"--{name}" for name in asked)
    return [f"{listed}: not used of a BIDS data set"] if asked else []
