"""How folds are made: all choices in one place."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from crosswarp.errors import InputError

AGE_EDGES: Final = (60.0, 70.0, 80.0)
"""Ages in years at which bands begin: fixed, so that another cohort has the same."""


@dataclass(frozen=True)
class FoldChoices:
    """How folds are made; see `make_folds` and `make_chosen_folds`.

    Attributes:
        folds: Number of folds; not used with ``leave_one_out`` or ``test_where``.
        repeats: Number of times the cross-validation is repeated.
        seed: Seed of all random draws.
        validation_fraction: Fraction of each training set held out.
        stratify: Columns by which folds are balanced besides the diagnosis; ``age`` is
            taken in bands.
        age_edges: Ages in years at which the bands of ``age`` begin.
        group: Column of participants who must stay together, such as a family.
        leave_one_out: Column of which each value in turn is the test part.
        test_where: Participants who are always tested and never trained on, each as
            ``column=value``.
    """

    folds: int = 5
    repeats: int = 1
    seed: int = 0
    validation_fraction: float = 0.2
    stratify: tuple[str, ...] = ()
    age_edges: tuple[float, ...] = AGE_EDGES
    group: str | None = None
    leave_one_out: str | None = None
    test_where: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether the diagnosis alone decides who is in which fold."""
        asked = self.stratify, self.group, self.leave_one_out, self.test_where
        return not any(asked)

    @property
    def conditions(self) -> list[tuple[str, str]]:
        """Columns and values of ``test_where``.

        Raises:
            InputError: If one is not written as ``column=value``.
        """
        return [_condition(text) for text in self.test_where]

    def check(self) -> None:
        """Refuse choices that cannot be followed, with all that is wrong.

        Raises:
            InputError: Naming each fault.
        """
        faults = _counts(self.folds, self.repeats, self.validation_fraction)
        if self.leave_one_out and self.test_where:
            faults.append(
                "`leave_one_out` and `test_where` both say who is tested; give one of"
                " them"
            )
        faults += _edges(self.age_edges)
        if faults:
            raise InputError("; ".join(faults))


def _counts(folds: int, repeats: int, validation_fraction: float) -> list[str]:
    faults = []
    if folds < 2:
        faults.append(f"folds must be 2 or more, got {folds}")
    if repeats < 1:
        faults.append(f"repeats must be 1 or more, got {repeats}")
    if not 0 <= validation_fraction < 1:
        faults.append(
            f"the validation fraction must be from 0 to below 1, got"
            f" {validation_fraction}"
        )
    return faults


def _edges(edges: Sequence[float]) -> list[str]:
    rising = list(edges) == sorted(set(edges))
    if edges and rising and all(math.isfinite(e) and e > 0 for e in edges):
        return []
    got = ", ".join(f"{edge:g}" for edge in edges) or "none"
    return [f"age edges must be rising ages in years, as 60, 70, 80; got {got}"]


def _condition(text: str) -> tuple[str, str]:
    column, equals, value = (part.strip() for part in text.partition("="))
    if not (column and equals and value):
        msg = f"expected `test_where` as column=value, such as site=S2, got {text!r}"
        raise InputError(msg)
    return column, value
