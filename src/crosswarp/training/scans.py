"""Scans as a cell needs them; loads no torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.inputs.folds import Split
from crosswarp.types.scores import ClassScores

PREDICTIONS: Final = "predictions.tsv"
DONE: Final = "done.json"


@dataclass(frozen=True)
class CellScan:
    """A scan of the store, as a cell needs it.

    Attributes:
        scan: Whose.
        diagnosis: Clinical label.
        origin: ``real`` or ``virtual``.
        split: In this cell; None when it is not used.
    """

    scan: ScanId
    diagnosis: str
    origin: str
    split: Split | None


def prediction_table(
    first: dict[str, Any],
    scans: Sequence[CellScan],
    classes: Sequence[str],
    logits: ClassScores,
    probabilities: ClassScores,
) -> pd.DataFrame:
    """Put a cell's answers into the columns of ``predictions.tsv``.

    Args:
        first: Model, repeat, fold and split.
        scans: One a row.
        classes: In the order of the answers.
        logits: Of each scan and class.
        probabilities: Of each scan and class.
    """
    columns: dict[str, Any] = {
        **first,
        "participant_id": [s.scan.participant_id for s in scans],
        "session_id": [s.scan.session_id or NOT_AVAILABLE for s in scans],
        "diagnosis": [s.diagnosis for s in scans],
        "origin": [s.origin for s in scans],
    }
    for prefix, values in (("logit", logits), ("probability", probabilities)):
        columns |= {
            f"{prefix}_{name}": np.asarray(values[:, number])
            for number, name in enumerate(classes)
        }
    return pd.DataFrame(columns)
