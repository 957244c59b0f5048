"""How faithful are the log-Jacobian maps of each way to register?

Run from the root of the repository::

    python -m benchmarks.registration_doses --folder WORK         # held-out anatomies
    python -m benchmarks.registration_doses --folder WORK --tune  # those to choose on
    python -m benchmarks.registration_doses --folder WORK --methods map --levels 0 30

Every registration runs in its own process, one after the other; one that is done is
not done again, unless its file in ``WORK/found`` is deleted (do that after a change
of the code). Writes ``WORK/registration.tsv``; the tables of
docs/measured/registration.md go to standard output.
"""

import argparse
import sys
from pathlib import Path

import pandas as pd

from benchmarks.known_truth.anatomies import Anatomy
from benchmarks.known_truth.jobs import (
    LEVELS,
    Job,
    Selection,
    do,
    do_here,
    jobs_of,
    result_of,
)
from benchmarks.known_truth.methods import METHODS
from benchmarks.known_truth.tables import add_ratios, doses, score_method, summary
from crosswarp.files import written_whole


def main() -> None:
    """Do what is not done yet, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--levels", nargs="+", type=int, default=LEVELS)
    parser.add_argument("--one", nargs=6, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        method, template, head, *numbers = given.one
        seed, loss, attempt = map(int, numbers)
        do_here(Job(method, template, Anatomy(head, seed, loss), attempt), given.folder)
        return
    selection = Selection(not given.tune, tuple(given.levels))
    compare(given.methods, selection, given.folder)


def compare(methods: list[str], selection: Selection, folder: Path) -> None:
    """Run and score some methods.

    Args:
        methods: Names in `METHODS`.
        selection: Who is scored.
        folder: Of all files.
    """
    rows = []
    for method in methods:
        jobs = jobs_of(method, selection)
        for n, job in enumerate(jobs, start=1):
            sys.stderr.write(f"{n}/{len(jobs)} {job.name}\n")
            do(job, folder)
        rows += score_method(method, selection, folder)
    table = add_ratios(pd.DataFrame(rows))
    name = "registration.tsv" if selection.held_out else "registration-tune.tsv"
    with written_whole(folder / name) as temporary:
        table.to_csv(temporary, sep="\t", index=False, float_format="%.6g")
    sys.stdout.write(f"{summary(table)}\n{doses(table)}\n")
    for method in methods:
        same = _same_bytes(method, selection, folder)
        sys.stdout.write(f"{method}: {'the same' if same else 'OTHER'} bytes twice\n")


def _same_bytes(method: str, selection: Selection, folder: Path) -> bool:
    *first, again = jobs_of(method, selection)
    return result_of(first[0], folder)[2].digest == result_of(again, folder)[2].digest


if __name__ == "__main__":
    main()
