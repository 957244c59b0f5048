"""Who is in which fold."""

import pandas as pd

from crosswarp.errors import MissingDerivativeError
from crosswarp.report.design import held_out
from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import ABSENT


def tabulate(run: Run) -> Table:
    """Count scans of each class in test and validation, participants in training."""
    first = run.predictions.models[0]
    classes = run.predictions.classes
    rows, named = [], held_out(run)
    parts = {split: run.predictions.of(first, split) for split in ("test", "val")}
    cells = parts["test"][["repeat", "fold"]].drop_duplicates()
    for repeat, fold in cells.itertuples(index=False):
        row = [str(repeat), str(fold)]
        row += [named.get((repeat, fold), ABSENT)] if named else []
        row.append(_trained_on(run, repeat, fold))
        for table in parts.values():
            inside = table[(table["repeat"] == repeat) & (table["fold"] == fold)]
            row += [str(int((inside["diagnosis"] == name).sum())) for name in classes]
        rows.append(row)
    return Table(
        "Folds, which separate participants and are the same for every model",
        [
            "Repeat",
            "Fold",
            *(["Held out"] if named else []),
            "Training participants",
            *(f"Test {name}" for name in classes),
            *(f"Validation {name}" for name in classes),
        ],
        rows,
        "Test and validation are counted in scans.",
    )


def _trained_on(run: Run, repeat: int, fold: int) -> str:
    try:
        table: pd.DataFrame = run.folds
    except MissingDerivativeError:
        return ABSENT
    inside = (table["repeat"] == repeat) & (table["fold"] == fold)
    return str(table[inside & (table["split"] == "train")]["participant_id"].nunique())
