"""Iterative stratification: parts that are alike in several columns at once.

scikit-learn stratifies by one column. Crossing several columns into one leaves most of
its values with fewer participants than folds, which it cannot place.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Units:
    """What is assigned whole: a participant, or several who must stay together.

    Attributes:
        kinds: Participants of each diagnosis (column) in each unit (row).
        labels: Participants with each label (column) in each unit (row). A label is a
            diagnosis, a value of a column, or both together.
        of_kind: Diagnosis of each label; -1 for one of all diagnoses.
    """

    kinds: np.ndarray
    labels: np.ndarray
    of_kind: np.ndarray


def assign(units: Units, room: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Assign units to parts, so that each label is spread as the parts are large.

    The label with the fewest participants left is taken first, while there is still a
    choice for it. Each of its units goes to the part that lacks most of the label, of
    equals to the one that lacks most of the unit's labels together, of equals to a
    random one. Two changes of the published algorithm: no part takes more of a
    diagnosis than its room while another has room, so sizes are exact where a unit is
    one participant; and a unit may be several people, of which the largest go first.

    Args:
        units: What is assigned.
        room: Participants of each diagnosis (column) that each part (row) is to have.
        rng: Decides between equals.

    Returns:
        Part of each unit.

    References:
        Sechidis, Tsoumakas & Vlahavas (2011), On the stratification of multi-label
        data. ECML PKDD, 145-158, algorithm 1.
        Szymanski & Kajdanowicz (2017), A network perspective on stratification of
        multi-label data. PMLR 74, 22-35 (pairs of labels as labels).

    Example:
        >>> ones = np.ones((4, 1), dtype=int)
        >>> sexes = np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1], [1, 0, 1]])
        >>> units = Units(ones, sexes, np.array([0, -1, -1]))
        >>> parts = assign(units, np.array([[2], [2]]), np.random.default_rng(0))
        >>> sorted(parts[:2].tolist()), sorted(parts[2:].tolist())
        ([0, 1], [0, 1])
    """
    wanted = _wanted(units, room)
    left = room.astype(float)
    part = np.full(len(units.kinds), -1)
    sizes = units.kinds.sum(axis=1)
    order = np.lexsort((rng.permutation(len(part)), -sizes))
    while (part < 0).any():
        remaining = units.labels[part < 0].sum(axis=0)
        rarest = int(np.where(remaining > 0, remaining, np.inf).argmin())
        for unit in order[(units.labels[order, rarest] > 0) & (part[order] < 0)]:
            kinds, labels = units.kinds[unit], units.labels[unit]
            chosen = _best(left, wanted, (kinds, labels), rarest, rng)
            part[unit] = chosen
            left[chosen] -= kinds
            wanted[chosen] -= labels
    return part


def rooms(counts: np.ndarray, parts: int, rng: np.random.Generator) -> np.ndarray:
    """Share the participants of each diagnosis out among equal parts.

    Args:
        counts: Participants of each diagnosis.
        parts: Number of parts.
        rng: Decides which parts are larger by one.

    Returns:
        Participants of each diagnosis (column) in each part (row): no two parts differ
        by more than one, neither in a diagnosis nor in total.

    Example:
        >>> rooms(np.array([7, 5]), 3, np.random.default_rng(0)).sum(axis=1).tolist()
        [4, 4, 4]
    """
    order = rng.permutation(parts)
    found = np.tile(counts // parts, (parts, 1))
    start = 0
    for kind, more in enumerate(counts % parts):
        found[order[(start + np.arange(more)) % parts], kind] += 1
        start += more
    return found


def _wanted(units: Units, room: np.ndarray) -> np.ndarray:
    """Compute how many participants of each label each part should have."""
    totals = room.sum(axis=0)
    of_kind = room / np.where(totals > 0, totals, 1)
    of_all = room.sum(axis=1) / room.sum()
    share = np.column_stack([of_kind, of_all])[:, units.of_kind]
    wanted: np.ndarray = share * units.labels.sum(axis=0)
    return wanted


def _best(
    left: np.ndarray,
    wanted: np.ndarray,
    unit: tuple[np.ndarray, np.ndarray],
    rarest: int,
    rng: np.random.Generator,
) -> int:
    kinds, labels = unit
    too_many = (kinds - left).clip(min=0).sum(axis=1)
    fits = np.flatnonzero(too_many == too_many.min())
    for lacking in (wanted[:, rarest], wanted @ labels):
        most = lacking[fits].max()
        # Shares are fractions: what differs by rounding is equal.
        fits = fits[lacking[fits] > most - 1e-9]
    return int(rng.choice(fits))
