"""How often do the tests find a difference where there is none?

Run from the root of the repository: ``python -m benchmarks.false_positives 1000``.
The argument is the number of studies; the table goes into docs/statistics.md.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tests.evaluation.simulated_studies import (
    LEVEL,
    TESTS,
    Models,
    coverage,
    fixed_networks,
    rejections,
    trained_networks,
)


@dataclass(frozen=True)
class Scenario:
    """A row of the table."""

    name: str
    study: Callable[[np.random.Generator], Models]


SCENARIOS = (
    Scenario(
        "as they are, 4 folds of 10", lambda r: fixed_networks(r, 4, 10, (1.5, 1.5))
    ),
    Scenario(
        "as they are, 5 folds of 24", lambda r: fixed_networks(r, 5, 24, (1.5, 1.5))
    ),
    Scenario(
        "as they are, 5 folds of 80", lambda r: fixed_networks(r, 5, 80, (1.5, 1.5))
    ),
    Scenario(
        "as they are, very good ones", lambda r: fixed_networks(r, 5, 24, (2.8, 2.8))
    ),
    Scenario("trained again, 120 people, 1 x 5", lambda r: trained_networks(r, 1, 120)),
    Scenario("trained again, 120 people, 5 x 5", lambda r: trained_networks(r, 5, 120)),
    Scenario("trained again, 400 people, 1 x 5", lambda r: trained_networks(r, 1, 400)),
)


def main(studies: int) -> None:
    """Print the tables as Markdown."""
    write = sys.stdout.write
    error = 100 * np.sqrt(LEVEL * (1 - LEVEL) / studies)
    write(f"{studies} studies a row; standard error {error:.1f} points.\n\n")
    write("| networks | " + " | ".join(TESTS) + " |\n| --- |" + " ---: |" * 4 + "\n")
    for scenario in SCENARIOS:
        found = rejections(scenario.study, studies)
        cells = " | ".join(f"{100 * found[name]:.1f}" for name in TESTS)
        write(f"| {scenario.name} | {cells} |\n")
        sys.stdout.flush()
    write("\n| study | interval of one AUC holds the truth |\n| --- | ---: |\n")
    for folds, size in ((4, 10), (5, 24), (5, 80)):
        held = 100 * coverage(studies, folds, size)
        write(f"| {folds} folds of {size} | {held:.1f} |\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
