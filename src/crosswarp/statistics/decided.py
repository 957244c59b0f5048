"""Scans whose decisions are given, not made from one probability and one threshold."""

from dataclasses import dataclass, field
from typing import Any

from crosswarp.statistics.cells import Cell
from crosswarp.types.scores import ClassIndex, Positives


@dataclass(frozen=True)
class DecidedCell(Cell):
    """Scans that several networks decided on together, each at its own threshold.

    Attributes:
        decisions: Class that each scan is given.
    """

    decisions: ClassIndex = field(kw_only=True)

    def _of(self, chosen: Positives) -> dict[str, Any]:
        return {**super()._of(chosen), "decisions": self.decisions[chosen]}

    @property
    def decided(self) -> ClassIndex:
        """The class each scan is given."""
        return self.decisions
