"""The scans of an experiment's classes, each of which may merge several labels."""

from collections.abc import Sequence

import pandas as pd

from crosswarp.bids.diagnoses import class_of_label
from crosswarp.errors import InputError


def scans_of_classes(
    cohort: pd.DataFrame, classes: Sequence[str], source: str = "the cohort"
) -> pd.DataFrame:
    """Take the scans of some classes, called by the class.

    Args:
        cohort: As `crosswarp.bids.cohort.read_cohort` returns it.
        classes: Labels, or labels joined by ``+``.
        source: What messages call the cohort.

    Returns:
        Rows of the cohort whose label belongs to a class; ``diagnosis`` is the class.

    Raises:
        InputError: If a label belongs to two classes, or has no participant; names
            the labels that there are.
    """
    class_of = class_of_label(classes)
    people = cohort.drop_duplicates(["participant_id", "diagnosis"])
    counts = people["diagnosis"].value_counts()
    absent = [label for label in class_of if label not in counts]
    if absent:
        listed = ", ".join(f"{n} {label}" for label, n in sorted(counts.items()))
        msg = (
            f"{source} has no participant with diagnosis {' or '.join(absent)};"
            f" it has {listed or 'nobody'}"
        )
        raise InputError(msg)
    chosen = cohort[cohort["diagnosis"].isin(list(class_of))]
    return chosen.assign(diagnosis=chosen["diagnosis"].map(class_of))
