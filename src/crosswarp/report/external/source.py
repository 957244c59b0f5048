"""What the page of an evaluation on another cohort is made from: files as they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import pandas as pd

from crosswarp.bids.tables import read_table
from crosswarp.figures.style import BLUE, MUTED, ORANGE
from crosswarp.prediction.recalibrate import BEFORE, REST_AFTER, REST_BEFORE
from crosswarp.report.run import TEXT
from crosswarp.study.external import External, read_external
from crosswarp.study.model_metrics import ClassMetrics, ModelMetrics

STAGES: Final[Mapping[str, tuple[str, str]]] = {
    BEFORE: ("all scans, as predicted", BLUE),
    REST_BEFORE: ("outside the part, as predicted", MUTED),
    REST_AFTER: ("outside the part, recalibrated", ORANGE),
}
"""Name and colour of each stage of calibration."""


@dataclass(frozen=True)
class Evaluated:
    """A folder that `crosswarp evaluate` has written for a cohort.

    Attributes:
        folder: Folder of the predictions.
    """

    folder: Path

    @cached_property
    def found(self) -> External:
        """What was found, of these very predictions."""
        return read_external(self.folder)

    def table(self, name: str) -> pd.DataFrame:
        """Read a table of the evaluation."""
        return read_table(self.folder / name, text=TEXT)

    @property
    def positive(self) -> str:
        """The class that sensitivity and curves are of."""
        return self.found.networks.classes[-1]

    @property
    def questions(self) -> dict[str, ModelMetrics | ClassMetrics]:
        """Curves by what they are of: the positive class, or each of several."""
        metrics = self.found.metrics
        if metrics.by_class:
            return {f"{each.name} or not": each for each in metrics.by_class}
        return {self.found.networks.model: metrics}
