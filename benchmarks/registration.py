"""An open benchmark of Jacobian fidelity: what does a registration find, and where?

Run from the root of the repository::

    python -m benchmarks.registration --folder WORK
    python -m benchmarks.registration --folder WORK --methods two_stage ants-2mm
    python -m benchmarks.registration --folder WORK --method my_file.py:register
    python -m benchmarks.registration --folder WORK --development

Heads, fields and truth are made from installed packages; a registration that is done
is not done again. Writes ``WORK/fidelity.tsv`` (a row a place) and prints the tables of
docs/measured/registration.md with the machine below them. The back end of another tool
is a function in a file of yours; docs/measured/registration.md says what it takes and
returns. Settings are chosen on the heads of ``--development`` alone.
"""

import argparse
import platform
import sys
from functools import partial
from pathlib import Path
from typing import Final

import pandas as pd

from benchmarks.known_truth.fidelity import Found, Pair, Row, score_pair
from benchmarks.known_truth.fidelity_tables import table_of_places, table_of_wholes
from benchmarks.known_truth.methods import METHODS
from benchmarks.known_truth.people import PATTERNS, Person
from benchmarks.known_truth.runs import Method, own_method, run_of, users_method
from benchmarks.known_truth.templates import ScoredTemplate, scored_template
from crosswarp.files import written_whole

REPORTED: Final[tuple[Pair, ...]] = (
    Pair("colin27", "colin27", 31),
    Pair("mni2009casym", "mni2009casym", 32),
    Pair("mni2009c", "colin27", 31),
    Pair("colin27", "mni2009casym", 32),
)
"""Seeds, a head and a direction that no setting was chosen on."""

DEVELOPMENT: Final[tuple[Pair, ...]] = (
    Pair("mni2009c", "mni2009c", 1),
    Pair("mni2009c", "colin27", 2),
)


def main() -> None:
    """Do what is not done yet, and print the tables."""
    given = _parser().parse_args()
    methods = [own_method(name) for name in given.methods]
    methods += [users_method(where, given.resolution) for where in given.method]
    pairs = DEVELOPMENT if given.development else REPORTED
    pairs = tuple(p for n, p in enumerate(pairs, 1) if n in (given.pairs or [n]))
    rows = pd.DataFrame(
        [row for pair in pairs for row in rows_of(pair, methods, given)]
    )
    name = "fidelity-development.tsv" if given.development else "fidelity.tsv"
    with written_whole(given.folder / name) as temporary:
        rows.to_csv(temporary, sep="\t", index=False, float_format="%.6g")
    sys.stdout.write(f"{table_of_wholes(rows)}\n{table_of_places(rows)}\n{machine()}\n")


def rows_of(pair: Pair, methods: list[Method], given: argparse.Namespace) -> list[Row]:
    """Score every method on a pair, person by person, so that all see one machine.

    Args:
        pair: The two heads.
        methods: The ways to register.
        given: The folder and the patterns.
    """
    fixed = scored_template(pair.template, given.folder)
    people = pair.people(given.patterns)
    for person in people:
        for method in methods:
            sys.stderr.write(f"{pair.name}: {person.name} {method.name}\n")
            run_of(method, person, fixed, given.folder)
    rows: list[Row] = []
    for method in methods:
        find = partial(_found, method, fixed, given.folder)
        runs = [run_of(method, person, fixed, given.folder) for person in people]
        seconds = sum(run.cpu_seconds for run in runs) / len(runs)
        again = run_of(method, people[0], fixed, given.folder, attempt=2)
        named: Row = {
            "method": method.name,
            "pair": pair.name,
            "exact": pair.exact,
            "cpu_seconds": seconds,
            "same_bytes": again.digest == runs[0].digest,
        }
        scored = score_pair(pair, fixed, find, given.folder, given.patterns)
        rows += [{**named, **row} for row in scored]
    return rows


def machine() -> str:
    """Describe the machine in a line."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.is_file() else []
    models = [line.split(":", 1)[1].strip() for line in lines if "model name" in line]
    processor = models[0] if models else platform.processor() or platform.machine()
    return (
        f"{processor}, {len(models) or '?'} cores, one thread a registration;"
        f" {platform.system()}, Python {platform.python_version()}"
    )


def _found(
    method: Method, fixed: ScoredTemplate, folder: Path, person: Person
) -> Found:
    return run_of(method, person, fixed, folder).found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, required=True, help="Working folder.")
    parser.add_argument(
        "--methods", nargs="*", choices=METHODS, default=["two_stage"], help="Ours."
    )
    parser.add_argument(
        "--method",
        action="append",
        default=[],
        metavar="FILE.py:FUNCTION",
        help="A registration of yours; repeatable.",
    )
    parser.add_argument(
        "--resolution", type=int, choices=(1, 2), default=1, help="Of your images, mm."
    )
    parser.add_argument("--patterns", nargs="+", choices=PATTERNS, default=PATTERNS)
    parser.add_argument(
        "--pairs", nargs="+", type=int, help="Numbers of the pairs; all when left out."
    )
    parser.add_argument("--development", action="store_true")
    return parser


if __name__ == "__main__":
    main()
