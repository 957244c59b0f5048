"""How the cohort differs from that of training, and how good the model is in groups."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from crosswarp.errors import MissingDerivativeError
from crosswarp.report.external.source import Evaluated
from crosswarp.report.facts import VARIABLES
from crosswarp.report.parts import Table
from crosswarp.report.wording import interval, number, spread
from crosswarp.statistics.intervals import Estimate
from crosswarp.study.names import SUBGROUPS


def shift(page: Evaluated) -> Table:
    """Show both cohorts side by side, with standardised differences."""
    found = page.found
    rows = [
        [
            VARIABLES.get(row.variable, row.variable.replace("_", " ")),
            row.level or "",
            spread(row.training, row.training_sd, 2),
            spread(row.external, row.external_sd, 2),
            number(row.difference, 2),
            row.remark or "",
        ]
        for row in found.shift
    ]
    far = found.far
    note = (
        ""
        if far is None
        else " Share of participants beyond 95\u00a0% of the training cohort's held-out"
        f" scans: {interval(Estimate(far.share, far.low, far.high), 2)}; 0.05 is"
        " expected without a shift."
    )
    return Table(
        "The cohort beside that of training",
        ["Variable", "Level", "Training", "This cohort", "Difference", "Remark"],
        rows,
        "Mean ± SD, or share. Difference: standardised, this cohort minus that of"
        f" training; each participant by their first scan.{note}",
        is_prose=True,
    )


def groups(page: Evaluated) -> Table:
    """Show the AUC within groups of participants."""
    table = page.table(SUBGROUPS)
    if table.empty:
        msg = "no subgroups: no age, sex, site or field strength is known"
        raise MissingDerivativeError(msg)
    small = table["warning"].notna()
    rows = [
        [
            VARIABLES.get(str(row["variable"]), str(row["variable"])),
            f"{row['group']}{' *' if warned else ''}",
            f"{row['participants']:.0f}",
            _auc(row),
        ]
        for row, warned in zip(table.to_dict("records"), small, strict=True)
    ]
    return Table(
        "ROC-AUC within groups",
        ["By", "Group", "n", "AUC [95\u00a0%]"],
        rows,
        "n: participants."
        + (" * A small group: read nothing into it." if small.any() else ""),
    )


def _auc(row: Mapping[Hashable, Any]) -> str:
    ends = pd.to_numeric(
        pd.Series([row[f"roc_auc{end}"] for end in ("", "_low", "_high")])
    )
    value, low, high = (None if pd.isna(end) else float(end) for end in ends)
    return interval(None if value is None else Estimate(value, low, high), 2)
