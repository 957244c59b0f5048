"""Several cohorts evaluated at once, in which no two cohorts are mixed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from crosswarp.bids.tables import write_table
from crosswarp.evaluation.evaluate import Evaluation, evaluate_run
from crosswarp.study.names import PREDICTIONS

FOLDS: Final = 100
"""More folds than a cohort has."""


def evaluate_together(
    folder: Path, tables: Mapping[str, pd.DataFrame], reference: str
) -> Evaluation:
    """Compare the models that every cohort has; write what `crosswarp evaluate` writes.

    Participants and folds of a cohort get names of their own, so only pairs of
    participants of the same fold of the same cohort are compared.

    Args:
        folder: Where ``predictions.tsv`` of all cohorts and its tables go.
        tables: Rows of ``predictions.tsv`` by the cohort's name.
        reference: Model that the others are held against; the first where a cohort
            lacks it.
    """
    shared = set.intersection(*(set(table["model"]) for table in tables.values()))
    placed = [
        _placed(table[table["model"].isin(shared)], name, number)
        for number, (name, table) in enumerate(tables.items(), start=1)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder / PREDICTIONS, pd.concat(placed))
    return evaluate_run(folder, reference=reference if reference in shared else None)


def letters(name: str) -> str:
    """Letters and digits of a name: what a participant's label may hold.

    Example:
        >>> letters("seed-11")
        'seed11'
    """
    return "".join(letter for letter in name if letter.isalnum())


def _placed(table: pd.DataFrame, name: str, number: int) -> pd.DataFrame:
    label = f"sub-{number}x{letters(name)}"
    people = table["participant_id"].str.replace("sub-", label)
    return table.assign(participant_id=people, fold=table["fold"] + FOLDS * number)
