"""Who was tested."""

import pandas as pd

from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import ABSENT, number, spread


def tabulate(run: Run) -> Table:
    """Count participants and scans, age and sex, by diagnosis."""
    keys = ["participant_id", "session_id"]
    tested = run.tested.merge(
        run.cohort[[*keys, "age_years", "sex"]], on=keys, how="left"
    )
    groups = [
        (name, tested[tested["diagnosis"] == name]) for name in run.predictions.classes
    ]
    return Table(
        "Cohort: the scans that were tested, by diagnosis",
        [
            "Diagnosis",
            "Participants",
            "Scans",
            "Age, years, mean ± SD",
            "Age, range",
            "Women",
            "Men",
        ],
        [_row(name, rows) for name, rows in [*groups, ("All", tested)]],
        "Age is by scan, sex by participant.",
    )


def _row(name: str, rows: pd.DataFrame) -> list[str]:
    ages = rows["age_years"].dropna()
    people = rows.drop_duplicates("participant_id")
    has_spread = len(ages) > 1
    return [
        name,
        str(len(people)),
        str(len(rows)),
        spread(
            ages.mean() if len(ages) else None, ages.std() if has_spread else None, 1
        ),
        f"{number(ages.min(), 0)} to {number(ages.max(), 0)}" if len(ages) else ABSENT,
        str(int((people["sex"] == "F").sum())),
        str(int((people["sex"] == "M").sum())),
    ]
