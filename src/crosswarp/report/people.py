"""The tested people, with what the cohort table knows of them."""

import pandas as pd

from crosswarp.report.run import Run
from crosswarp.report.wording import ABSENT, spread

KEYS = ["participant_id", "session_id"]


def tested_people(run: Run) -> pd.DataFrame:
    """Give the tested scans with age, sex and site, one row a scan."""
    known = run.cohort[[*KEYS, "age_years", "sex", "site"]]
    return run.tested.merge(known, on=KEYS, how="left")


def described(scans: pd.DataFrame, classes: tuple[str, ...]) -> list[str]:
    """Describe a group: participants, of each class, age, women, men.

    Args:
        scans: Of `tested_people`. Age is by scan, the rest by participant.
        classes: In the order of the columns.
    """
    people = scans.drop_duplicates("participant_id")
    return [
        str(len(people)),
        *(str(int((people["diagnosis"] == name).sum())) for name in classes),
        ages(scans),
        str(int((people["sex"] == "F").sum())),
        str(int((people["sex"] == "M").sum())),
    ]


def ages(scans: pd.DataFrame) -> str:
    """Word the mean age and its standard deviation, in years."""
    known = scans["age_years"].dropna()
    if known.empty:
        return ABSENT
    return spread(known.mean(), known.std() if len(known) > 1 else None, 1)


def headings(classes: tuple[str, ...]) -> list[str]:
    """Name the columns of `described`."""
    return ["Participants", *classes, "Age, years, mean ± SD", "Women", "Men"]
