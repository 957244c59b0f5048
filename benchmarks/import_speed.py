"""How long does `crosswarp cohort` take on a large download of ADNI?

Run from the root of the repository: ``python -m benchmarks.import_speed FOLDER``; it
writes a download of 10,000 scans (names of files and tables alone, since no image is
read) and imports it. The seconds go into docs/how-to/archives.md.
"""

import argparse
import sys
import time
from datetime import date, timedelta
from pathlib import Path

from benchmarks.virtual_adni.people import Person
from benchmarks.virtual_adni.tables import visit, write_tables
from benchmarks.virtual_adni.tree import Download, Written
from crosswarp.archives.importing import import_cohort
from crosswarp.archives.options import ArchiveOptions

VISITS = 4
"""Scans of a participant, a year apart."""


def write_names(root: Path, scans: int) -> None:
    """Write names of files and whole tables.

    Args:
        root: Folder of the download.
        scans: Number of scans.
    """
    download = Download(root)
    people = [
        Person(n, root, ("CN", "MCI", "AD")[n % 3], 72.0, "FM"[n % 2], 901 + n % 60)
        for n in range(scans // VISITS)
    ]
    visits = []
    for person in people:
        for year in range(VISITS):
            series = download.listed(person, days=365 * year)
            folder, stem, ends = download.place(series)
            folder.mkdir(parents=True)
            (folder / f"{stem}{ends}.nii").touch()
            visits.append(visit(person, f"m{12 * year:02d}", _seen(series)))
    write_tables(root / "tables", people, visits, download.written)


def _seen(series: Written) -> date:
    return series.day + timedelta(days=21)


def main() -> None:
    """Write the download, import it, and say how long that took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.import_speed")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scans", type=int, default=10_000)
    given = parser.parse_args()
    if not given.folder.is_dir():
        write_names(given.folder, given.scans)
    wall, used = time.monotonic(), time.process_time()
    made = import_cohort(given.folder, "adni", ArchiveOptions(visits="all"))
    wall, used = time.monotonic() - wall, time.process_time() - used
    found = f"{len(made.rows)} scans, {len(made.exclusions)} excluded"
    sys.stdout.write(f"{found}: {used:.1f} s of one core, {wall:.1f} s in all\n")


if __name__ == "__main__":
    main()
