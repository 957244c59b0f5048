"""Quality of preprocessing."""

import pandas as pd

from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import count, number

DIGITS = 4
"""Significant digits: the quantities have very different sizes."""

NAMES = {
    "brain_volume_cm3": "Brain volume (cm³)",
    "brain_at_edge_cm2": "Brain at image edge (cm²)",
    "intracranial_volume_cm3": "Intracranial volume (cm³)",
    "overlap": "Affine overlap (Dice)",
    "similarity": "Similarity (correlation)",
    "folded": "Folded fraction",
    "log_jacobian_sd": "SD of the log-Jacobian",
    "log_jacobian_least": "Minimum log-Jacobian",
    "log_jacobian_greatest": "Maximum log-Jacobian",
    "resolution": "Resolution (mm)",
    "seconds": "Run time (s)",
    "peak_mb": "Peak memory (MB)",
}
"""Names of the ledger's columns in a report."""


def tabulate(run: Run) -> Table:
    """Give median and range of each quality number over the scans that passed."""
    ledger = run.ledger
    good = ledger[ledger["status"] == "ok"]
    numeric = good.select_dtypes("number").dropna(axis="columns", how="all")
    rows = [_row(str(name), numeric[name].dropna()) for name in numeric.columns]
    note = f"{count(len(good), 'scan')} passed. {_failures(ledger)}"
    return Table(
        "Quality of preprocessing, over the scans that passed",
        ["Quantity", "Scans", "Median", "Minimum", "Maximum"],
        rows,
        note + _percentiles(numeric),
    )


def _row(name: str, values: pd.Series) -> list[str]:
    shown = [values.median(), values.min(), values.max()]
    return [
        NAMES.get(name, name.replace("_", " ")),
        str(len(values)),
        *(_significant(float(value)) for value in shown),
    ]


def _significant(value: float) -> str:
    whole = len(str(int(abs(value))))
    return number(value, max(0, DIGITS - whole))


def _percentiles(numeric: pd.DataFrame) -> str:
    if not {"log_jacobian_least", "log_jacobian_greatest"} <= set(numeric.columns):
        return ""
    return (
        " The minimum and the maximum log-Jacobian are the 0.1th and the 99.9th"
        " percentile within the brain."
    )


def _failures(ledger: pd.DataFrame) -> str:
    failed = ledger[ledger["status"] != "ok"]
    if failed.empty:
        return "None failed."
    reasons = failed.get("reason", pd.Series("no reason given", failed.index))
    listed = "; ".join(
        f"{who}: {why}"
        for who, why in zip(failed["participant_id"], reasons, strict=True)
    )
    return f"{len(failed)} failed and were excluded: {listed}."
