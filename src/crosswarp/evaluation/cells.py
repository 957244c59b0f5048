"""The test scans of each network, read from a table of predictions."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crosswarp.evaluation.predictions import CELL, PREFIX, Predictions
from crosswarp.statistics.cells import Cell, People
from crosswarp.statistics.shares import participant_shares
from crosswarp.statistics.temperature import Temperature, fit_temperature
from crosswarp.statistics.thresholds import choose_threshold
from crosswarp.types.scores import ClassIndex, Probabilities


def people_of(predictions: Predictions) -> People:
    """List the participants of the test scans."""
    tested = predictions.of(predictions.models[0], "test")
    first = tested.sort_values([*CELL, "session_id"]).groupby("participant_id")
    # Someone whose diagnosis changes between sessions is a group of their own kind.
    diagnoses = first["diagnosis"].agg(lambda values: "+".join(sorted(set(values))))
    strata = first["fold"].first().astype(str) + " " + diagnoses
    return People(tuple(map(str, strata.index)), tuple(map(str, strata)))


def cells_of(predictions: Predictions, model: str, people: People) -> list[Cell]:
    """Split a model's test scans by network.

    A network's threshold is chosen on the validation scans of its own fold. Its
    temperature is fitted on those of all folds of the repeat, each scored by its own
    network, without the participants that this network is tested on.

    Returns:
        Sorted by repeat and fold; scans sorted alike for every model.
    """
    position = {name: index for index, name in enumerate(people.ids)}
    classes = predictions.classes
    validated = predictions.of(model, "val")
    validation = dict(iter(validated.groupby(CELL)))
    cells = []
    for key, rows in predictions.of(model, "test").groupby(CELL):
        repeat, fold = (int(str(part)) for part in key)
        chosen_on = validation.get(key, rows.iloc[:0])
        truth = _truth(chosen_on, classes)
        probabilities = _probabilities(chosen_on, classes)
        shares = participant_shares(chosen_on["participant_id"].to_numpy())
        threshold = None
        if len(classes) == 2:
            threshold = choose_threshold(truth == 1, probabilities[:, 1], shares)
        cells.append(
            Cell(
                repeat,
                fold,
                np.array([position[str(name)] for name in rows["participant_id"]]),
                _truth(rows, classes),
                _probabilities(rows, classes),
                threshold,
                _temperature(validated, rows, len(chosen_on), classes),
                tuple(map(str, rows["session_id"])),
            )
        )
    return cells


def _temperature(
    validated: pd.DataFrame, tested: pd.DataFrame, own: int, classes: Sequence[str]
) -> Temperature:
    same_repeat = validated["repeat"] == tested["repeat"].iloc[0]
    apart = ~validated["participant_id"].isin(tested["participant_id"])
    rows = validated[same_repeat & apart]
    # Someone who validates in several folds counts once in each: other networks.
    who = rows["fold"].astype(str) + " " + rows["participant_id"]
    return fit_temperature(
        _truth(rows, classes),
        _probabilities(rows, classes),
        participant_shares(who.to_numpy()),
        own,
    )


def _truth(rows: pd.DataFrame, classes: Sequence[str]) -> ClassIndex:
    return np.array([classes.index(name) for name in rows["diagnosis"]], dtype=np.int64)


def _probabilities(rows: pd.DataFrame, classes: Sequence[str]) -> Probabilities:
    return rows[[PREFIX + name for name in classes]].to_numpy(float)
