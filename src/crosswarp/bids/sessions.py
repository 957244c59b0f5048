"""Participants with several scans: the order of their sessions."""

import re
from typing import Final

import numpy as np
import pandas as pd

from crosswarp.bids.ids import NOT_AVAILABLE
from crosswarp.bids.tables import numbers_of

FIRST_LABELS: Final = ("sc", "screening", "bl", "baseline", "initial")
"""Labels of sessions without a number that come before those with one."""


def in_order(cohort: pd.DataFrame) -> pd.DataFrame:
    """Sort scans by participant, and a participant's scans by time.

    A participant's sessions are sorted by age where the age at each of them is known,
    and by their labels otherwise and among equal ages: as a person counts (``ses-M6``
    before ``ses-M12``), screening and baseline first.

    Args:
        cohort: With ``participant_id`` and ``session_id``; ``age_years`` is optional.
    """
    people = cohort["participant_id"]
    if "age_years" in cohort:
        age = numbers_of(cohort["age_years"])
    else:
        age = pd.Series(np.nan, index=cohort.index)
    known = age.notna().groupby(people).transform("all")
    keys = zip(
        people.astype(str),
        age.where(known, 0.0).astype(float),
        map(session_key, cohort["session_id"]),
        strict=True,
    )
    ranked = sorted((key, row) for row, key in enumerate(keys))
    return cohort.iloc[[row for _, row in ranked]]


def first_scans(cohort: pd.DataFrame) -> pd.DataFrame:
    """Keep the first scan of each participant; see `in_order`."""
    return in_order(cohort).drop_duplicates("participant_id")


def session_key(session: object) -> tuple[int, list[tuple[int, str]], str]:
    """Return what sessions are sorted by.

    Example:
        >>> sorted(["ses-M12", "ses-bl", "ses-M6"], key=session_key)
        ['ses-bl', 'ses-M6', 'ses-M12']
    """
    absent = not isinstance(session, str) or session == NOT_AVAILABLE
    label = "" if absent else str(session).removeprefix("ses-")
    name = label.lower()
    place = FIRST_LABELS.index(name) if name in FIRST_LABELS else len(FIRST_LABELS)
    parts = re.findall(r"\d+|\D+", name)
    counted = [(int(p), "") if p.isdecimal() else (-1, p) for p in parts]
    return place, counted, label
