"""Write a virtual download of ADNI: who comes through, and who must not."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from benchmarks.virtual_adni.people import Person, stranger
from benchmarks.virtual_adni.tables import COHORT, DAY, visit, write_csv, write_tables
from benchmarks.virtual_adni.tree import Download

ORIGIN: Final = "virtual.csv"
"""A table of one's own to join: nothing in ADNI's tables says who is virtual."""


def write_adni(root: Path, people: Sequence[Person]) -> None:
    """Write a download in which each participant has one usable first scan.

    Besides, it has what a real one has: repeats, processed copies and twins of scans,
    a series that is no T1w, a follow-up, a scan that was withdrawn, one that was never
    downloaded, a zip that is not complete; and participants without any diagnosis,
    with dementia of another cause, and with no visit near the scan.

    Args:
        root: Folder of the download; the table `ORIGIN` is written beside it.
        people: At least eight participants.
    """
    download = Download(root)
    for person in people:
        download.scan(person, whole=True)
    _more_of(download, people)
    left_out = [stranger(one, 200 + place) for place, one in enumerate(people[:5])]
    unknown, other, far, withdrawn, absent = left_out
    for person in (unknown, other, far):
        download.scan(person)
    gone = download.scan(withdrawn)
    download.absent(absent)
    visits = [visit(one, one.phase.baseline, one.diagnosed) for one in people]
    later = people[3]
    visits += [
        visit(later, later.phase.later, later.diagnosed + timedelta(days=365)),
        visit(other, other.phase.baseline, other.diagnosed, DXDDUE=2),
        visit(far, far.phase.later, far.scanned + timedelta(days=400)),
        visit(withdrawn, withdrawn.phase.baseline, withdrawn.diagnosed),
        visit(absent, absent.phase.baseline, absent.diagnosed),
    ]
    tables = root / "tables"
    write_tables(tables, [*people, *left_out], visits, download.written)
    withdrawn_rows = [{"IMAGEID": gone.number, "REASON": "withdrawn"}]
    write_csv(tables / f"DELMRSCANS_{DAY}.csv", withdrawn_rows)
    (root / f"{COHORT}_2.zip").write_bytes(b"PK\x03\x04 cut short")
    origin = [{"PTID": one.ptid, "origin": "virtual"} for one in people]
    write_csv(root.parent / ORIGIN, origin)


def _more_of(download: Download, people: Sequence[Person]) -> None:
    """Write what the choice of one T1w of several is about."""
    first, accelerated, later, with_flair = people[0], people[4], people[3], people[1]
    download.scan(first, "MPRAGE Repeat")
    download.processed(first)
    download.scan(accelerated, f"{accelerated.phase.description}_ND")
    download.scan(later, days=365, visit=later.phase.later)
    download.scan(with_flair, "Sagittal 3D FLAIR")
