"""Does the whole chain find what is known to be there? The validation study.

Run from the root of the repository, a piece at a time; WORK holds what is done, and the
same command goes on where it was::

    python -m benchmarks.validation WORK difficulty
    python -m benchmarks.validation WORK dose
    python -m benchmarks.validation WORK sensitivity
    python -m benchmarks.validation WORK null
    python -m benchmarks.validation WORK curves
    python -m benchmarks.validation WORK chain-curves --cohort FOLDER --cohort FOLDER
    python -m benchmarks.validation WORK page

The last one writes the tables of docs/measured/validation.md to standard output and
its figures into docs/measured/validation/.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.validation_study.chain_curves import Compared, chain_curves
from benchmarks.validation_study.curves import NETWORKS, SIZES, learning_curves
from benchmarks.validation_study.difficulty import PARTICIPANTS, difficulty
from benchmarks.validation_study.dose import dose_response
from benchmarks.validation_study.null import false_positives
from benchmarks.validation_study.page import page
from benchmarks.validation_study.sensitivity import sensitivity

FIGURES: Final = Path("docs") / "measured" / "validation"


def _difficulty(given: argparse.Namespace) -> None:
    difficulty(given.work, "realistic", given.participants or PARTICIPANTS)


def _dose(given: argparse.Namespace) -> None:
    dose_response(given.work, given.participants or 4, given.registration)


def _sensitivity(given: argparse.Namespace) -> None:
    sensitivity(given.work, given.participants or 2, given.registration)


def _null(given: argparse.Namespace) -> None:
    false_positives(given.work, given.linear, given.networks)


def _curves(given: argparse.Namespace) -> None:
    learning_curves(given.work, given.networks, given.participants or SIZES[0])


def _chain_curves(given: argparse.Namespace) -> None:
    chain_curves(given.work, given.cohort, Compared(NETWORKS[: given.networks]))


def _page(given: argparse.Namespace) -> None:
    sys.stdout.write(page(given.work, FIGURES) + "\n")


PIECES: Final[dict[str, Callable[[argparse.Namespace], None]]] = {
    "difficulty": _difficulty,
    "dose": _dose,
    "sensitivity": _sensitivity,
    "null": _null,
    "curves": _curves,
    "chain-curves": _chain_curves,
    "page": _page,
}


def main() -> None:
    """Run one piece."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.validation")
    parser.add_argument("work", type=Path)
    parser.add_argument("piece", choices=PIECES)
    parser.add_argument("--participants", type=int, help="instead of the piece's own")
    parser.add_argument("--linear", type=int, default=200, help="linear studies")
    parser.add_argument(
        "--networks", type=int, default=20, help="network studies, or networks"
    )
    parser.add_argument(
        "--cohort",
        type=Path,
        action="append",
        default=[],
        help="for chain-curves: holds cohort.tsv and derivatives at 2 mm; repeatable",
    )
    parser.add_argument("--registration", default="map", help="as of preprocess")
    given = parser.parse_args()
    PIECES[given.piece](given)


if __name__ == "__main__":
    main()
