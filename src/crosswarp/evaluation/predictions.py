"""The table of predictions, read and checked: every number later rests on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from crosswarp.bids.ids import NOT_AVAILABLE
from crosswarp.bids.tables import numbers_of, read_table, whole_numbers
from crosswarp.errors import InputError, LeakageError
from crosswarp.study.names import EXPERIMENT, LEDGER, PREDICTIONS

PREFIX = "probability_"
"""What the columns of probabilities start with; the rest is the class."""

CELL = ["repeat", "fold"]
SCAN = ["participant_id", "session_id"]
KEY = [*CELL, "split", *SCAN]
REQUIRED = ["model", *KEY, "diagnosis", "origin"]

TEXT = ["model", "split", *SCAN, "diagnosis", "origin"]
"""Columns that stay text though a model may be called ``3``."""

SPLITS = ("val", "test")
ORIGINS = ("real", "virtual")

SUM_TOLERANCE = 1e-4
"""How far the probabilities of a scan may be from one in total: float32 rounding."""

ROWS_NAMED = 5
"""Rows that a message names before it says how many more there are."""


@dataclass(frozen=True)
class Predictions:
    """Checked predictions of several models on the same scans and folds.

    Attributes:
        table: Sorted by repeat, fold, split, participant and session within each
            model; probabilities sum to one.
        classes: In the order of the columns. The last one is the positive class.
        models: In the order of the file.
    """

    table: pd.DataFrame
    classes: tuple[str, ...]
    models: tuple[str, ...]

    @property
    def positive(self) -> str:
        """The class that a high score speaks for."""
        return self.classes[-1]

    @property
    def has_virtual(self) -> bool:
        """Whether any scan is of a virtual participant."""
        return bool((self.table["origin"] == "virtual").any())

    @property
    def has_real(self) -> bool:
        """Whether any scan is of a real participant."""
        return bool((self.table["origin"] == "real").any())

    def of(self, model: str, split: str) -> pd.DataFrame:
        """Rows of one model and one split (``val`` or ``test``)."""
        table = self.table
        return table[(table["model"] == model) & (table["split"] == split)]


def read_predictions(path: Path) -> Predictions:
    """Read and check a table of predictions.

    Args:
        path: ``predictions.tsv``: one row a scan, fold, repeat, split and model.

    Raises:
        InputError: If columns are missing, rows are repeated, a value is not one of
            those allowed, probabilities do not sum to one, only one class was
            tested, or two models were scored on different scans or folds. The
            message names lines of the file (the header is line 1).
        LeakageError: If a participant is tested twice in a repeat, or is in the
            validation and the test part of one fold.
    """
    if not path.is_file() and (tasks := task_folders(path.parent)):
        named = ", ".join(str(folder) for folder in tasks)
        msg = f"{path.parent} has no {path.name} but tasks; give one of {named}"
        raise InputError(msg)
    return check_predictions(read_table(path, REQUIRED, text=TEXT), str(path))


def task_folders(run: Path) -> list[Path]:
    """Find the folders of a run's tasks, such as ``RUN/CN-AD``; finished or not.

    Returns:
        Sorted; empty where the folder is none of a run with tasks.
    """
    if not run.is_dir():
        return []
    files = (PREDICTIONS, EXPERIMENT)
    return sorted(
        folder
        for folder in run.iterdir()
        if any((folder / name).is_file() for name in files)
    )


def check_predictions(table: pd.DataFrame, source: str) -> Predictions:
    """Check a table of predictions that is already in memory; see above.

    Args:
        table: In the order of the file, so that messages can name its lines.
        source: What messages call the table.
    """
    classes = tuple(
        name.removeprefix(PREFIX) for name in table.columns if name.startswith(PREFIX)
    )
    if len(classes) < 2:
        msg = (
            f"{source} needs a column {PREFIX}<class> for each of two or more"
            f" classes, got {', '.join(table.columns)}"
        )
        raise InputError(msg)
    if table.empty:
        msg = f"{source} has no row; train a model first"
        raise InputError(msg)
    table = table.assign(
        session_id=table["session_id"].astype("object").fillna(NOT_AVAILABLE)
    )
    _check_values(table, classes, source)
    table = whole_numbers(table, CELL, source)
    table = _normalised(table, classes, source)
    _check_repeated(table, source)
    _check_leakage(table, source)
    _check_classes(table, source)
    models = tuple(str(name) for name in table["model"].unique())
    _check_same_scans(table, models, source)
    table = table.sort_values(["model", *KEY], kind="stable").reset_index(drop=True)
    return Predictions(table, classes, models)


def lines(rows: Iterable[object]) -> str:
    """Name lines of the file, at most a few.

    Example:
        >>> lines([0, 3])
        'lines 2, 5'
    """
    numbers = [int(str(row)) + 2 for row in rows]
    named = ", ".join(str(number) for number in numbers[:ROWS_NAMED])
    more = len(numbers) - ROWS_NAMED
    rest = f" and {more} more" if more > 0 else ""
    return f"line{'s' if len(numbers) > 1 else ''} {named}{rest}"


def _check_values(table: pd.DataFrame, classes: tuple[str, ...], source: str) -> None:
    absent = table[["model", *CELL, "participant_id"]].isna().any(axis=1)
    if absent.any():
        msg = (
            f"{source} lacks a model, repeat, fold or participant in"
            f" {lines(table.index[absent])}"
        )
        raise InputError(msg)
    allowed = {"diagnosis": classes, "split": SPLITS, "origin": ORIGINS}
    for column, values in allowed.items():
        unknown = ~table[column].isin(values)
        if unknown.any():
            got = sorted({str(value) for value in table.loc[unknown, column]})
            msg = (
                f"{source}: {column} must be one of {', '.join(values)}, got"
                f" {', '.join(got)} in {lines(table.index[unknown])}"
            )
            raise InputError(msg)


def _normalised(
    table: pd.DataFrame, classes: tuple[str, ...], source: str
) -> pd.DataFrame:
    columns = [PREFIX + name for name in classes]
    numbers = table[columns].apply(numbers_of).to_numpy(float)
    total = numbers.sum(axis=1)
    inside = ((numbers >= 0) & (numbers <= 1 + SUM_TOLERANCE)).all(axis=1)
    wrong = ~(inside & (np.abs(total - 1) <= SUM_TOLERANCE))
    if wrong.any():
        msg = (
            f"{source}: probabilities must lie in 0 to 1 and sum to one, which"
            f" fails in {lines(table.index[wrong])}; write softmax of the logits"
        )
        raise InputError(msg)
    return table.assign(**dict(zip(columns, (numbers / total[:, None]).T, strict=True)))


def _check_repeated(table: pd.DataFrame, source: str) -> None:
    repeated = table.duplicated(["model", *KEY])
    if repeated.any():
        msg = (
            f"{source} has a scan twice for one model, repeat, fold and split:"
            f" {lines(table.index[repeated])}; keep one row of each"
        )
        raise InputError(msg)
    varies = table.groupby(SCAN)["diagnosis"].transform("nunique") > 1
    if varies.any():
        msg = f"{source} gives one scan several diagnoses: {lines(table.index[varies])}"
        raise InputError(msg)


def _check_leakage(table: pd.DataFrame, source: str) -> None:
    person = ["model", "repeat", "participant_id"]
    both = table.groupby([*person, "fold"])["split"].transform("nunique") > 1
    if both.any():
        msg = (
            f"{source} has a participant in validation and test of one fold:"
            f" {lines(table.index[both])}; thresholds would be chosen on test scans"
        )
        raise LeakageError(msg)
    tested = table[table["split"] == "test"]
    twice = tested.groupby(person)["fold"].transform("nunique") > 1
    if twice.any():
        msg = (
            f"{source} tests a participant in two folds of one repeat:"
            f" {lines(tested.index[twice])}; make folds by participant"
        )
        raise LeakageError(msg)


def _check_classes(table: pd.DataFrame, source: str) -> None:
    tested = table[table["split"] == "test"]
    for model, rows in table.groupby("model", sort=False):
        found = tested.loc[tested["model"] == model, "diagnosis"].unique()
        if len(found) < 2:
            msg = (
                f"{source}: test scans of two or more classes are needed, {model} has"
                f" {found[0] if len(found) else 'no test scan'} in"
                f" {lines(rows.index)}"
            )
            raise InputError(msg)


def _check_same_scans(
    table: pd.DataFrame, models: tuple[str, ...], source: str
) -> None:
    first = table[table["model"] == models[0]]
    for model in models[1:]:
        other = table[table["model"] == model]
        both = pd.concat([first, other])
        alone = both[~both.duplicated(KEY, keep=False)]
        if len(alone):
            msg = (
                f"{source}: {models[0]} and {model} must be scored on the same scans"
                f" in the same repeats and folds; only one of them has"
                f" {lines(alone.index)}. Where networks have failed ({LEDGER} says"
                " so), give `crosswarp compare` again"
            )
            raise InputError(msg)
