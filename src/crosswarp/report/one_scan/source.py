"""What the page of one scan is made from: the answer, its maps, and the run behind."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from crosswarp.bids.ids import ScanId
from crosswarp.bids.ledger import LEDGER, read_ledger
from crosswarp.errors import MissingDerivativeError
from crosswarp.evaluation.predictions import PREFIX
from crosswarp.inputs.scan_files import DESCRIPTIONS, Derivatives
from crosswarp.prediction.answer import ScanPrediction
from crosswarp.preprocessing.limits import QualityLimits
from crosswarp.report.maps import read_map
from crosswarp.statistics.temperature import scale
from crosswarp.study.names import MODELS, PREDICTIONS
from crosswarp.study.run import require_ended
from crosswarp.types.arrays import SpatialMap

if TYPE_CHECKING:
    from crosswarp.report.run import Run


@dataclass(frozen=True)
class OneScan:
    """One answer, and where what belongs to it lies.

    Attributes:
        out: Folder of the answer, with maps and ledger.
        answer: What was said of the scan.
        grid: BIDS name of the template and spacing of the maps, in mm.
        bundle: Folder that was asked: a bundle, or a model's folder in a run.
        limits: Limits of the quality control that judged the scan.
    """

    out: Path
    answer: ScanPrediction
    grid: tuple[str, int]
    bundle: Path
    limits: QualityLimits

    @cached_property
    def maps(self) -> Mapping[str, SpatialMap]:
        """Maps that were asked about: aligned T1w (``t1w``), log-Jacobian (``jsm``)."""
        folder = Derivatives(self.out, *self.grid)
        scan = self.answer.scan
        return {
            name: read_map(folder.path(scan, d)) for name, d in DESCRIPTIONS.items()
        }

    @cached_property
    def ledger_row(self) -> Mapping[str, Any]:
        """Numbers of the quality control of this scan on this grid."""
        rows = read_ledger(self.out / LEDGER, *self.grid).to_dict("records")
        return next(
            {str(name): value for name, value in row.items()}
            for row in rows
            if ScanId.from_row(row["participant_id"], row["session_id"])
            == self.answer.scan
        )

    @cached_property
    def run(self) -> "Run":
        """The run that trained the networks.

        Raises:
            MissingDerivativeError: If the bundle lies in no run.
            MixedError: If training has begun to change the run and has not ended.
        """
        for folder in self.bundle.resolve().parents:
            if (folder / PREDICTIONS).is_file() and (folder / MODELS).is_dir():
                # Loaded late: most bundles that are asked lie in no run.
                from crosswarp.report.run import Run

                require_ended(folder)
                return Run(folder)
        msg = (
            "the model was given without its run, so its answers to held-out"
            " participants are not known here; give a model's folder in a run,"
            " RUN/models/NAME"
        )
        raise MissingDerivativeError(msg)

    @cached_property
    def held_out(self) -> pd.DataFrame:
        """Answers of the same model to held-out scans, scaled as this answer was.

        Returns:
            One row a test scan and repeat: ``diagnosis``, and a column for each class
            with its probability, 0 to 1.
        """
        found = self.run.predictions
        if tuple(found.classes) != self.answer.classes:
            msg = "the run has other classes than the model; its folder was changed"
            raise MissingDerivativeError(msg)
        rows = found.of(self.answer.model, "test")
        if rows.empty:
            msg = f"the run has no answers of {self.answer.model} to held-out scans"
            raise MissingDerivativeError(msg)
        raw = rows[[f"{PREFIX}{name}" for name in found.classes]].to_numpy(float)
        scaled = scale(raw, self.answer.temperature.value)
        table = pd.DataFrame(scaled, columns=list(found.classes))
        return table.assign(diagnosis=rows["diagnosis"].to_numpy())
