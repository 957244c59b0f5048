"""How often do the tests find a difference, where there is none and where there is one?

Run from the root of the repository::

    python -m benchmarks.false_positives tests 1000    # networks as they are
    python -m benchmarks.false_positives methods 1000  # learners trained again
    python -m benchmarks.false_positives sites 300     # the flag of sites
    python -m benchmarks.false_positives held-out 1000  # leave one site out

The number is that of studies a row; the tables go into docs/explanation/statistics.md.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from benchmarks.candidates import CANDIDATES
from benchmarks.learners import Design, simulate
from crosswarp.statistics.cells import People
from crosswarp.statistics.corrected_delong import corrected_delong
from crosswarp.statistics.delong import delong
from crosswarp.statistics.resampled_t import (
    corrected_resampled_t,
    fold_differences,
    share_tested,
)
from crosswarp.statistics.sites import site_rows
from tests.evaluation.simulated_studies import (
    LEVEL,
    TESTS,
    Models,
    coverage,
    fixed_networks,
    people_of,
    rejections,
    sites_held_out,
)

BATCH: Final = 4_000_000
"""Numbers of features held at once."""

MOST_FOR_BOOTSTRAP: Final = 200
"""Participants beyond which the bootstraps are left out: they take too long."""


@dataclass(frozen=True)
class Scenario:
    """A row of the table of tests."""

    name: str
    study: Callable[[np.random.Generator], Models]


SCENARIOS: Final = (
    Scenario("4 folds of 10", lambda r: fixed_networks(r, 4, 10, (1.5, 1.5))),
    Scenario("5 folds of 24", lambda r: fixed_networks(r, 5, 24, (1.5, 1.5))),
    Scenario("5 folds of 80", lambda r: fixed_networks(r, 5, 80, (1.5, 1.5))),
    Scenario("5 folds of 24, AUC 0.98", lambda r: fixed_networks(r, 5, 24, (2.8, 2.8))),
)

SMALL: Final = Design(5, 5, folds=4)
USUAL: Final = Design(12, 12)
LARGE: Final = Design(40, 40)

METHODS: Final = {
    "as they are, 120, 1 x 5": replace(USUAL, is_trained=False),
    "as they are, 120, 5 x 5": replace(USUAL, is_trained=False, repeats=5),
    "40, 1 x 4": SMALL,
    "40, 5 x 4": replace(SMALL, repeats=5),
    "120, 1 x 3": Design(20, 20, folds=3),
    "120, 5 x 3": Design(20, 20, folds=3, repeats=5),
    "120, 1 x 5": USUAL,
    "120, 3 x 5": replace(USUAL, repeats=3),
    "120, 5 x 5": replace(USUAL, repeats=5),
    "120, 10 x 5": replace(USUAL, repeats=10),
    "120, 1 x 10": Design(6, 6, folds=10),
    "120, 5 x 10": Design(6, 6, folds=10, repeats=5),
    "400, 1 x 5": LARGE,
    "400, 5 x 5": replace(LARGE, repeats=5),
    "120, 1 x 5, 35 positive": Design(7, 17),
    "120, 5 x 5, 35 positive": Design(7, 17, repeats=5),
    "120, 1 x 5, seeds matter": replace(USUAL, seed_noise=0.3),
    "120, 5 x 5, seeds matter": replace(USUAL, seed_noise=0.3, repeats=5),
    "120, 1 x 5, one in ten fails": replace(USUAL, failing=0.1),
    "120, 5 x 5, one in ten fails": replace(USUAL, failing=0.1, repeats=5),
    "120, 1 x 5, alike": replace(USUAL, shared=0.5),
    "120, 5 x 5, alike": replace(USUAL, shared=0.5, repeats=5),
    "120, 1 x 5, 100 features": replace(USUAL, features=100),
    "120, 5 x 5, 100 features": replace(USUAL, features=100, repeats=5),
    "120, 1 x 5, very good": replace(USUAL, effects=(1.2, 1.2)),
    "120, 5 x 5, very good": replace(USUAL, effects=(1.2, 1.2), repeats=5),
}
"""Rows without a true difference: participants, repeats x folds."""

DIFFERENT: Final = {
    "120, 1 x 5": replace(USUAL, effects=(0.75, 0.5)),
    "120, 5 x 5": replace(USUAL, effects=(0.75, 0.5), repeats=5),
    "400, 1 x 5": replace(LARGE, effects=(0.65, 0.5)),
    "400, 5 x 5": replace(LARGE, effects=(0.65, 0.5), repeats=5),
}
"""Rows with a true difference, which is the mean over studies."""

HELD_OUT: Final = {
    "five sites of 24": ((24,) * 5, 0.5),
    "sites of 60, 30, 16, 8, 6": ((60, 30, 16, 8, 6), 0.5),
    "sites of 60, 30, 16, 8, 6, 30 % positive": ((60, 30, 16, 8, 6), 0.3),
    "twelve sites of 30 to 4": ((30, 20, 16, 12, 10, 8, 6, 6, 4, 4, 4, 4), 0.5),
    "twenty sites of 6": ((6,) * 20, 0.5),
    "two sites of 80 and 40": ((80, 40), 0.5),
}
"""Rows without a true difference where one site is left out at a time."""

SITES: Final = (2, 10, 57)
PEOPLE_AT_A_SITE: Final = {2: 60, 10: 12, 57: 4}


def main(what: str, studies: int) -> None:
    """Print the tables as Markdown."""
    error = 100 * np.sqrt(LEVEL * (1 - LEVEL) / studies)
    write = sys.stdout.write
    write(f"{studies} studies a row; standard error {error:.1f} points at 5 %.\n")
    tables = {"tests": _tests, "methods": _methods, "sites": _sites}
    tables["held-out"] = _held_out
    for line in tables[what](studies):
        write(f"{line}\n")
        sys.stdout.flush()


def _row(name: str, cells: Iterable[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


def _head(name: str, columns: Iterable[str]) -> Iterator[str]:
    listed = list(columns)
    yield ""
    yield _row(name, listed)
    yield _row("---", ["---:"] * len(listed))


def _tests(studies: int) -> Iterator[str]:
    yield from _head("networks as they are", TESTS)
    for scenario in SCENARIOS:
        found = rejections(scenario.study, studies)
        yield _row(scenario.name, (f"{100 * found[name]:.1f}" for name in TESTS))
    yield from _head("study", ["interval of one AUC holds the truth"])
    for folds, size in ((4, 10), (5, 24), (5, 80)):
        held = 100 * coverage(studies, folds, size)
        yield _row(f"{folds} folds of {size}", [f"{held:.1f}"])


def _held_out(studies: int) -> Iterator[str]:
    """Count what the tests find where test parts are sites of unequal size."""
    found = {"primary": corrected_delong, "DeLong": delong}
    yield from _head("no true difference", [*found, "resampled t"])
    for name, (sizes, positive) in HELD_OUT.items():
        rng, people = np.random.default_rng(0), sum(sizes)
        rejected = np.zeros(3)
        for _ in range(studies):
            model, reference = sites_held_out(rng, sizes, positive)
            by_fold = fold_differences(model, reference)
            tested = [test(model, reference, people) for test in found.values()]
            tested.append(corrected_resampled_t(by_fold, share_tested(reference)))
            rejected += [t is not None and t.p < LEVEL for t in tested]
        yield _row(name, (f"{100 * share:.1f}" for share in rejected / studies))


def _methods(studies: int) -> Iterator[str]:
    yield from _head("no true difference", CANDIDATES)
    for name, design in METHODS.items():
        yield _row(name, _rejected(design, studies)[0])
    yield from _head("a true difference", [*CANDIDATES, "difference in AUC"])
    for name, design in DIFFERENT.items():
        rejected, difference = _rejected(design, studies)
        yield _row(name, [*rejected, f"{difference:.3f}"])


def _rejected(design: Design, studies: int) -> tuple[list[str], float]:
    """Compute each candidate's rejections in percent, and the mean difference."""
    rng = np.random.default_rng(0)
    batch = max(1, min(studies, BATCH // (design.size * design.features)))
    left_out = design.size > MOST_FOR_BOOTSTRAP
    chosen = {
        name: test
        for name, test in CANDIDATES.items()
        if not (left_out and name.startswith("bootstrap"))
    }
    found: dict[str, list[np.ndarray]] = {name: [] for name in chosen}
    differences = []
    for start in range(0, studies, batch):
        made = simulate(rng, design, min(batch, studies - start))
        differences.append(made.differences.mean(axis=(1, 2)))
        for name, test in chosen.items():
            found[name].append(test(made, design))
    rates = {name: 100 * np.concatenate(part).mean() for name, part in found.items()}
    shown = [f"{rates[name]:.1f}" if name in rates else "" for name in CANDIDATES]
    return shown, float(np.concatenate(differences).mean())


def _sites(studies: int) -> Iterator[str]:
    columns = ["outside its range", "flagged"]
    yield from _head("sites", columns)
    for sites in SITES:
        found = np.mean([null_sites(seed, sites) for seed in range(studies)], axis=0)
        size = PEOPLE_AT_A_SITE[sites]
        yield _row(f"{sites} of {size}", (f"{100 * share:.1f}" for share in found))


def null_sites(seed: int, sites: int) -> tuple[bool, bool]:
    """Say whether any of several equal sites is outside its range, and is flagged."""
    rng = np.random.default_rng(seed)
    size = sites * PEOPLE_AT_A_SITE[sites]
    cells, _ = fixed_networks(rng, 4, size // 4, (1.5, 1.5))
    people: People = people_of(cells)
    names = [f"site {number % sites:02d}" for number in rng.permutation(size)]
    rows = site_rows(cells, people, names, seed)
    outside = [
        row["shift"] is not None
        and row["chance_low"] is not None
        and not row["chance_low"] <= row["shift"] <= row["chance_high"]
        for row in rows
    ]
    return any(outside), any(row["flagged"] for row in rows)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200)
