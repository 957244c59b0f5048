"""Who was tested."""

import pandas as pd

from crosswarp.report.parts import Table
from crosswarp.report.people import ages, tested_people
from crosswarp.report.run import Run
from crosswarp.report.wording import ABSENT, number


def tabulate(run: Run) -> Table:
    """Count participants and scans, age and sex, by diagnosis."""
    tested = tested_people(run)
    groups = [
        (name, tested[tested["diagnosis"] == name]) for name in run.predictions.classes
    ]
    return Table(
        "Test scans of the cohort by diagnosis",
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
        is_for_paper=True,
    )


def _row(name: str, rows: pd.DataFrame) -> list[str]:
    known = rows["age_years"].dropna()
    people = rows.drop_duplicates("participant_id")
    return [
        name,
        str(len(people)),
        str(len(rows)),
        ages(rows),
        f"{number(known.min(), 0)} to {number(known.max(), 0)}"
        if len(known)
        else ABSENT,
        str(int((people["sex"] == "F").sum())),
        str(int((people["sex"] == "M").sum())),
    ]
