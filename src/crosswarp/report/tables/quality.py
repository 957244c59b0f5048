"""What became of the scans in preprocessing."""

import pandas as pd

from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import count, number

DIGITS = 4
"""Significant digits: the quantities have very different sizes."""


def tabulate(run: Run) -> Table:
    """Give median and range of each quality number over the scans that went well."""
    ledger = run.ledger
    good = ledger[ledger["status"] == "ok"]
    numeric = good.select_dtypes("number").dropna(axis="columns", how="all")
    rows = [_row(str(name), numeric[name].dropna()) for name in numeric.columns]
    return Table(
        "Quality of preprocessing, over the scans that went well",
        ["Quantity", "Scans", "Median", "Lowest", "Highest"],
        rows,
        f"{count(len(good), 'scan')} went well. {_failures(ledger)}",
    )


def _row(name: str, values: pd.Series) -> list[str]:
    shown = [values.median(), values.min(), values.max()]
    return [
        name.replace("_", " "),
        str(len(values)),
        *(_significant(float(value)) for value in shown),
    ]


def _significant(value: float) -> str:
    whole = len(str(int(abs(value))))
    return number(value, max(0, DIGITS - whole))


def _failures(ledger: pd.DataFrame) -> str:
    failed = ledger[ledger["status"] != "ok"]
    if failed.empty:
        return "None failed."
    reasons = failed.get("reason", pd.Series("no reason given", failed.index))
    listed = "; ".join(
        f"{who}: {why}"
        for who, why in zip(failed["participant_id"], reasons, strict=True)
    )
    return f"{len(failed)} failed and took no part: {listed}."
