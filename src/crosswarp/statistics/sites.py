"""Does one site carry the result? The test scans without each site in turn."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from crosswarp.statistics.cells import Cell, People
from crosswarp.statistics.intervals import LEVEL, SAME
from crosswarp.statistics.weighted import within_fold_auc

DEALINGS = 1000
"""Random dealings of the participants to the sites."""

SHIFT = 0.02
"""A change of AUC below this is nothing to warn of, whatever its rarity."""


def site_rows(
    cells: Sequence[Cell], people: People, sites: Sequence[str | None], seed: int
) -> list[dict[str, Any]]:
    """List the rows of ``sites.tsv`` of one model, without its name.

    No network is retrained: only the scans of the site are not counted. Participants
    are assigned to the sites at random, each site with as many of each diagnosis as it
    has. Each shift is measured in standard deviations of the site's own shifts over
    dealings. The range of a site ends where 95 % of dealings have no site beyond
    theirs, so one study in twenty without any difference between sites has a site
    outside, however many sites there are. A site is flagged there when AUC moves by
    more than `SHIFT`.

    Args:
        cells: Of the model.
        people: Participants of the run.
        sites: Of each participant of ``people``; None where it is not known.
        seed: Random seed of the assignments.

    Returns:
        One row a site, sorted; none with fewer than two sites.

    References:
        Westfall & Young (1993), Resampling-Based Multiple Testing, chapter 2 (the
        largest statistic of each resample).
    """
    names = sorted({site for site in sites if site is not None})
    if len(names) < 2:
        return []
    diagnoses = np.array([stratum.split(" ", 1)[1] for stratum in people.strata])
    numbers = np.array([-1 if site is None else names.index(site) for site in sites])
    auc = float(within_fold_auc(cells, np.ones((1, len(numbers))))[0])
    dealt = dealings(numbers, diagnoses, seed)
    without = np.stack(
        [
            within_fold_auc(cells, (dealt != number) * 1.0)
            for number in range(len(names))
        ]
    )
    shifts = without - auc
    low, high = chance_ranges(shifts)
    # NaN, where a class is at one site only, compares as not beyond.
    beyond = (shifts[:, 0] < low) | (shifts[:, 0] > high)
    return [
        {
            "site": name,
            "participants": int((numbers == number).sum()),
            "auc": _known(auc),
            "auc_without": _known(without[number, 0]),
            "shift": _known(shifts[number, 0]),
            "chance_low": _known(low[number]),
            "chance_high": _known(high[number]),
            "flagged": bool(beyond[number] and abs(shifts[number, 0]) > SHIFT),
        }
        for number, name in enumerate(names)
    ]


def dealings(numbers: np.ndarray, diagnoses: np.ndarray, seed: int) -> np.ndarray:
    """Deal participants to sites: as they are, then at random within diagnosis.

    Args:
        numbers: Site of each participant; -1 where it is not known.
        diagnoses: Diagnosis of each participant.
        seed: Random seed of the assignments.

    Returns:
        Site of each participant (column), one row per assignment.
    """
    generator = np.random.default_rng(seed)
    dealt = np.tile(numbers, (DEALINGS + 1, 1))
    for diagnosis in sorted(set(diagnoses)):
        alike = np.flatnonzero(diagnoses == diagnosis)
        dealt[1:, alike] = generator.permuted(dealt[1:, alike], axis=1)
    return dealt


def chance_ranges(shifts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute the range of each site that the sites of 95 % of dealings all keep.

    Args:
        shifts: Shift of each site (row) in each assignment (column), the observed
            one among them, so that it is one of equals when sites do not differ; NaN
            where a class has no participant left.

    Returns:
        Lower and upper ends; NaN for a site whose shift does not vary or is not known
        in some assignment, which takes no part.
    """
    mean, deviation = shifts.mean(axis=1), shifts.std(axis=1)
    varies = deviation > SAME
    ends = np.full((2, len(shifts)), np.nan)
    if not varies.any():
        return ends[0], ends[1]
    apart = np.abs(shifts - mean[:, None])[varies] / deviation[varies, None]
    largest = np.sort(apart.max(axis=0))
    reach = largest[int(np.ceil(LEVEL * len(largest))) - 1] * deviation[varies]
    ends[:, varies] = mean[varies] - reach, mean[varies] + reach
    return ends[0], ends[1]


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
