"""The questions that probabilities answer: a model, and the class asked about."""

from dataclasses import dataclass

import pandas as pd

from crosswarp.report.run import Run


@dataclass(frozen=True)
class Question:
    """One model and one class against the rest.

    Attributes:
        title: Names the model, and the class when there are several.
        rows: Of a table of the evaluation, for this model and class.
    """

    title: str
    rows: pd.DataFrame


def questions(run: Run, table: pd.DataFrame) -> list[Question]:
    """Split a table with ``model`` and ``class``, models in the order of the page."""
    found = []
    for name in run.compared():
        of_model = table[table["model"] == name]
        by_class = list(of_model.groupby("class", sort=False))
        for one, rows in by_class:
            title = name if len(by_class) == 1 else f"{name}: {one}"
            found.append(Question(title, rows))
    return found


def shown_classes(run: Run) -> str:
    """Word what is asked about: the positive class, or each in turn."""
    classes = run.predictions.classes
    return run.predictions.positive if len(classes) == 2 else "the class"
