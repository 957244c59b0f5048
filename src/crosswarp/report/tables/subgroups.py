"""AUC of each model within groups of participants."""

import numpy as np
import pandas as pd

from crosswarp.errors import MissingDerivativeError
from crosswarp.report.facts import VARIABLES
from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import ABSENT, interval
from crosswarp.statistics.intervals import Estimate
from crosswarp.study.names import SUBGROUPS


def tabulate(run: Run) -> Table:
    """Show one row a group and one column a model."""
    table = run.evaluated(SUBGROUPS)
    if table.empty:
        reason = run.metrics.cohort.reason or "no group is known"
        msg = f"no subgroups: {reason}"
        raise MissingDerivativeError(msg)
    names = run.compared()
    rows = []
    warned = False
    for (variable, group), part in table.groupby(["variable", "group"], sort=False):
        by_model = part.set_index("model")
        small = by_model["warning"].notna().any()
        warned = warned or bool(small)
        rows.append(
            [
                VARIABLES.get(str(variable), str(variable)),
                f"{group}{' *' if small else ''}",
                f"{by_model['participants'].iloc[0]:.0f}",
                *(_auc(by_model, name) for name in names),
            ]
        )
    return Table(
        "ROC-AUC within groups [95\u00a0%]",
        ["By", "Group", "n", *names],
        rows,
        "n: participants. "
        + ("* A small group: read nothing into it. " if warned else "")
        + "Warnings in words, balanced accuracy, sensitivity and specificity are in"
        f" {SUBGROUPS} of the run.",
    )


def _auc(by_model: pd.DataFrame, name: str) -> str:
    if name not in by_model.index or np.isnan(float(by_model["roc_auc"][name])):
        return ABSENT
    columns = ("roc_auc", "roc_auc_low", "roc_auc_high")
    value, low, high = (float(by_model[column][name]) for column in columns)
    return interval(Estimate(value, low, high), 2)
