"""Who was tested in which fold."""

import pandas as pd

from crosswarp.report.parts import Table
from crosswarp.report.people import KEYS, described, headings, tested_people
from crosswarp.report.run import Run
from crosswarp.report.wording import ABSENT


def tabulate(run: Run) -> Table:
    """Describe the test set of each fold of the first repeat."""
    predictions = run.predictions
    rows = predictions.of(predictions.models[0], "test")
    first = int(rows["repeat"].min())
    dealt = rows.loc[rows["repeat"] == first, [*KEYS, "fold"]]
    people = tested_people(run).merge(dealt, on=KEYS)
    has_more = bool((rows["repeat"] != first).any())
    return Table(
        "Test participants by fold",
        ["Fold", *headings(predictions.classes), "Participants by site"],
        [
            [str(fold), *described(part, predictions.classes), _sites(part)]
            for fold, part in people.groupby("fold")
        ],
        f"Repeat {first}; other repeats assign the same participants differently."
        if has_more
        else "",
    )


def _sites(people: pd.DataFrame) -> str:
    counts = people.drop_duplicates("participant_id")["site"].dropna().value_counts()
    named = [f"{site}: {counts[site]}" for site in sorted(counts.index)]
    return ", ".join(named) or ABSENT
