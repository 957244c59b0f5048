"""What ``comparisons.tsv`` of an evaluated run says of each model."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from crosswarp.statistics.intervals import Estimate

PRIMARY: Final = ""
BOOTSTRAP: Final = "bootstrap"
PERMUTATION: Final = "permutation"
DELONG: Final = "delong"
T: Final = "t"
"""Tests, by the start of their columns; those of the primary test have none."""


@dataclass(frozen=True)
class OneTest:
    """A difference in AUC to the reference, by one test; NaN where not defined.

    Attributes:
        difference: With its interval; of the permutation test, which has no effect of
            its own, NaN.
        p: Two-sided p value.
        p_holm: Corrected for the family.
    """

    difference: Estimate
    p: float
    p_holm: float


@dataclass(frozen=True)
class ModelComparison:
    """One row of the table.

    Attributes:
        model: Name of the model.
        role: What its comparison is: primary, of the family, or outside it.
        tests: By the start of the columns of the test, such as `PRIMARY`.
    """

    model: str
    role: str
    tests: Mapping[str, OneTest]

    @property
    def primary(self) -> OneTest:
        """The difference by the primary test."""
        return self.tests[PRIMARY]


def comparisons_of(table: pd.DataFrame) -> dict[str, ModelComparison]:
    """Read the table of comparisons, as computed or as read from its file.

    Returns:
        By the name of the model, in the order of the table.
    """
    found = {}
    for row in table.to_dict("records"):
        model = str(row["model"])
        tests = (PRIMARY, BOOTSTRAP, PERMUTATION, DELONG, T)
        tested = {test: _tested(row, test) for test in tests}
        found[model] = ModelComparison(model, str(row["role"]), tested)
    return found


def _tested(row: Mapping[Any, Any], test: str) -> OneTest:
    start = f"{test}_" if test else ""
    ends = ("low", "high") if test else ("difference_low", "difference_high")
    value, low, high = (
        _number(row.get(f"{start}{name}")) for name in ("difference", *ends)
    )
    p, p_holm = (_number(row.get(f"{start}{name}")) for name in ("p", "p_holm"))
    return OneTest(Estimate(value, low, high), p, p_holm)


def _number(value: object) -> float:
    return float(value) if isinstance(value, float | int) else math.nan
