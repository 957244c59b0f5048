"""Does one site carry the result? The test scans without each site in turn."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from crosswarp.evaluation.cells import Cell, People
from crosswarp.evaluation.intervals import LEVEL
from crosswarp.evaluation.weighted import within_fold_auc
from crosswarp.types.scores import Draws, ParticipantWeights

RANDOM_GROUPS = 1000
"""Random groups of a site's size, to see what leaving out any group does."""

SHIFT = 0.02
"""A change of AUC below this is nothing to warn of, whatever its rarity."""


def site_rows(
    cells: Sequence[Cell], people: People, sites: Sequence[str | None], seed: int
) -> list[dict[str, Any]]:
    """List the rows of ``sites.tsv`` of one model, without its name.

    Nothing is trained again: only the scans of the site are not counted. The shift is
    held against that of random groups with as many participants of each diagnosis;
    a site is flagged outside their 95 % range (Bonferroni over sites) when AUC moves
    by more than `SHIFT`.

    Args:
        cells: Of the model.
        people: Participants of the run.
        sites: Of each participant of ``people``; None where it is not known.
        seed: Of the random groups.

    Returns:
        One row a site, sorted; none with fewer than two sites.
    """
    names = sorted({site for site in sites if site is not None})
    if len(names) < 2:
        return []
    diagnoses = np.array([stratum.split(" ", 1)[1] for stratum in people.strata])
    rows = []
    for name in names:
        member = np.array([site == name for site in sites])
        weights = left_out(member, diagnoses, seed)
        everyone = np.ones((1, len(member)))
        auc = float(within_fold_auc(cells, everyone)[0])
        without = within_fold_auc(cells, weights)
        shifts = without - auc
        low, high = _range(shifts[1:], len(names))
        shift = float(shifts[0])
        # NaN, where a class is at one site only, compares as not beyond.
        beyond = low is not None and high is not None and not low <= shift <= high
        rows.append(
            {
                "site": name,
                "participants": int(member.sum()),
                "auc": _known(auc),
                "auc_without": _known(float(without[0])),
                "shift": _known(shift),
                "chance_low": low,
                "chance_high": high,
                "flagged": bool(beyond and abs(shift) > SHIFT),
            }
        )
    return rows


def left_out(
    member: np.ndarray, diagnoses: np.ndarray, seed: int
) -> ParticipantWeights:
    """Weight participants 0 or 1: without a site, then without random groups.

    Returns:
        First row 0 for the site's members; the others 0 for as many random people
        of each diagnosis.
    """
    generator = np.random.default_rng(seed)
    weights = np.ones((RANDOM_GROUPS + 1, len(member)))
    weights[0, member] = 0
    for diagnosis in sorted(set(diagnoses)):
        alike = np.flatnonzero(diagnoses == diagnosis)
        count = int(member[alike].sum())
        order = generator.random((RANDOM_GROUPS, len(alike))).argsort(axis=1)
        np.put_along_axis(weights[1:], alike[order[:, :count]], 0.0, axis=1)
    return weights


def _range(shifts: Draws, sites: int) -> tuple[float | None, float | None]:
    known = shifts[~np.isnan(shifts)]
    if not known.size:
        return None, None
    tail = (1 - LEVEL) / 2 / sites
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
