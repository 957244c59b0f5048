"""Columns of the tables that an evaluation writes beside ``metrics.json``."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import pandas as pd

from crosswarp.evaluation.subgroups import METRICS
from crosswarp.study.names import (
    CALIBRATION,
    COMPARISONS,
    DECISION_CURVE,
    FOLD_DIFFERENCES,
    SITES,
    SUBGROUPS,
)

_EFFECT: Final = ("difference", "low", "high", "p", "p_holm")

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    COMPARISONS: (
        *("model", "reference", "auc_mean", "auc_sd", "auc", "auc_low", "auc_high"),
        *("role", "difference", "difference_low", "difference_high", "test"),
        *("p", "p_holm"),
        *(f"bootstrap_{name}" for name in _EFFECT),
        *("permutation_p", "permutation_p_holm"),
        *(f"delong_{name}" for name in _EFFECT),
        *(f"t_{name}" for name in _EFFECT),
        "participants",
    ),
    FOLD_DIFFERENCES: (
        *("model", "reference", "repeat", "fold", "scans", "auc", "auc_reference"),
        *("difference", "low", "high", "p"),
    ),
    CALIBRATION: (
        *("model", "class", "stage", "bin", "from", "to", "scans", "participants"),
        *("mean_probability", "observed", "low", "high"),
    ),
    DECISION_CURVE: (
        *("model", "class", "stage", "threshold", "net_benefit", "low", "high"),
        "treat_all",
    ),
    SUBGROUPS: (
        *("model", "variable", "group", "participants", "scans"),
        *("positives", "negatives"),
        *(name + end for name in METRICS for end in ("", "_low", "_high")),
        "warning",
    ),
    SITES: (
        *("model", "site", "participants", "auc", "auc_without", "shift"),
        *("chance_low", "chance_high", "flagged"),
    ),
}
"""By file name. The last column of each is ``note``: the notice on virtual people."""


def framed(
    name: str, rows: Iterable[Mapping[str, Any]], note: str | None
) -> pd.DataFrame:
    """Make a table of rows, with its columns in order and the note in each row."""
    columns = [*COLUMNS[name], "note"]
    noted = [{**row, "note": note} for row in rows]
    return pd.DataFrame(noted, columns=columns)
