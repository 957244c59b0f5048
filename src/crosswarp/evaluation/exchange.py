"""What a network loses when one map is exchanged between test participants."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from crosswarp.bids.ids import NOT_AVAILABLE
from crosswarp.bids.tables import read_table
from crosswarp.evaluation.cells import cells_of, people_of
from crosswarp.evaluation.predictions import CELL, PREFIX, SCAN, TEXT, Predictions
from crosswarp.statistics.cells import Cell, People
from crosswarp.statistics.draws import weighted_sums
from crosswarp.statistics.intervals import estimate, participant_weights
from crosswarp.statistics.weighted import within_fold_auc
from crosswarp.study.metrics import Exchange, MapExchange
from crosswarp.study.names import EXCHANGE, PREDICTIONS
from crosswarp.types.scores import (
    Draws,
    ParticipantWeights,
    Probabilities,
    Scores,
)

_LOGIT: Final = "logit_"
_KEY: Final = [*CELL, *SCAN]
_KINDS: Final = ["map", "draw"]


def exchange_metrics(
    run: Path, predictions: Predictions, resamples: int, seed: int
) -> Exchange:
    """Measure how much each network's answers depend on each of the two maps.

    Args:
        run: Folder of the run; training writes ``exchange.tsv`` into it.
        predictions: Predictions of the run.
        resamples: Bootstrap draws over participants.
        seed: Random seed of the draws.

    Returns:
        What each network loses, or why there is no measure. Each participant counts
        once. A map is unused where a network is given only the other one. Models that
        are no network are not among them.
    """
    path = run / EXCHANGE
    if not path.is_file():
        return _unmeasured(
            f"not measured: the run has no {EXCHANGE}, which training writes for"
            " networks; run `crosswarp compare` again"
        )
    table = read_table(
        path, ["model", *_KEY, *_KINDS], text=[*TEXT, "map", "donor_id"]
    ).assign(split="test")
    table["session_id"] = table["session_id"].astype("object").fillna(NOT_AVAILABLE)
    people = people_of(predictions)
    weights = participant_weights(people, resamples, seed)
    found: dict[str, dict[str, MapExchange]] = {}
    for model, rows in table.groupby("model", sort=False):
        if not _fits(rows, predictions, str(model)):
            return _unmeasured(
                f"not measured: {EXCHANGE} is not of this {PREDICTIONS}; run"
                " `crosswarp compare` again"
            )
        scaled = _scaled(rows, predictions)
        found[str(model)] = _of_model(scaled, predictions, people, weights)
    draws = int(table["draw"].nunique())
    return Exchange(draws=draws, reason=None, models=found)


def _unmeasured(reason: str) -> Exchange:
    return Exchange(draws=0, reason=reason)


def _fits(rows: pd.DataFrame, predictions: Predictions, model: str) -> bool:
    """Whether each exchange has the model's test scans, of folds with two people."""
    tested = predictions.of(model, "test")
    several = tested.groupby(CELL)["participant_id"].transform("nunique") > 1
    wanted = set(tested.loc[several, _KEY].itertuples(index=False, name=None))
    columns = {PREFIX + name for name in predictions.classes}
    return columns <= set(rows.columns) and all(
        len(part) == len(wanted)
        and set(part[_KEY].itertuples(index=False, name=None)) == wanted
        for _, part in rows.groupby(_KINDS)
    )


def _of_model(
    rows: pd.DataFrame,
    predictions: Predictions,
    people: People,
    weights: ParticipantWeights,
) -> dict[str, MapExchange]:
    model = str(rows["model"].iloc[0])
    asked = set(rows[CELL].itertuples(index=False, name=None))
    cells = [
        cell
        for cell in cells_of(predictions, model, people)
        if (cell.repeat, cell.fold) in asked
    ]
    before = predictions.of(model, "test").set_index(_KEY)
    area = within_fold_auc(cells, weights)
    found: dict[str, MapExchange] = {}
    for name, of_map in rows.groupby("map"):
        draws = [part.set_index(_KEY) for _, part in of_map.groupby("draw")]
        falls = [
            area
            - within_fold_auc(_exchanged(cells, people, part, predictions), weights)
            for part in draws
        ]
        moved = [_moved(cells, people, (before, part), predictions) for part in draws]
        change = _mean(cells, np.mean(moved, axis=0), weights)
        found[str(name)] = MapExchange(
            auc_fall=estimate(np.mean(falls, axis=0)),
            logit_change=estimate(change),
            unused=not np.any(moved),
        )
    return found


def _exchanged(
    cells: Sequence[Cell], people: People, part: pd.DataFrame, predictions: Predictions
) -> list[Cell]:
    return [
        replace(
            cell,
            probabilities=_probabilities(part.loc[_keys(cell, people)], predictions),
        )
        for cell in cells
    ]


def _keys(cell: Cell, people: People) -> list[tuple[int, int, str, str]]:
    ids = [people.ids[number] for number in cell.participants]
    return [
        (cell.repeat, cell.fold, person, session)
        for person, session in zip(ids, cell.sessions, strict=True)
    ]


def _moved(
    cells: Sequence[Cell],
    people: People,
    tables: tuple[pd.DataFrame, pd.DataFrame],
    predictions: Predictions,
) -> Scores:
    """Return the absolute change of each scan's log odds, cell after cell."""
    keys = [key for cell in cells for key in _keys(cell, people)]
    logits = [_LOGIT + name for name in predictions.classes]
    known = all(set(logits) <= set(table.columns) for table in tables)
    before, after = (
        _log_odds(table.loc[keys][logits].to_numpy(float))
        if known
        else _log_odds(_logarithms(table.loc[keys], predictions))
        for table in tables
    )
    change: Scores = np.abs(after - before)
    return change


def _logarithms(rows: pd.DataFrame, predictions: Predictions) -> np.ndarray:
    smallest = np.finfo(float).tiny
    logarithms: np.ndarray = np.log(_probabilities(rows, predictions).clip(smallest))
    return logarithms


def _probabilities(rows: pd.DataFrame, predictions: Predictions) -> Probabilities:
    return rows[[PREFIX + name for name in predictions.classes]].to_numpy(float)


def _scaled(rows: pd.DataFrame, predictions: Predictions) -> pd.DataFrame:
    """Scale to a sum of one, as predictions are, so that equal answers stay equal."""
    numbers = _probabilities(rows, predictions)
    scaled = (numbers / numbers.sum(axis=1)[:, None]).T
    columns = [PREFIX + name for name in predictions.classes]
    return rows.assign(**dict(zip(columns, scaled, strict=True)))


def _log_odds(logits: np.ndarray) -> np.ndarray:
    """Set the last class against all others together."""
    odds: np.ndarray = logits[:, -1] - np.logaddexp.reduce(logits[:, :-1], axis=1)
    return odds


def _mean(cells: Sequence[Cell], values: Scores, weights: ParticipantWeights) -> Draws:
    shares = np.concatenate([cell.shares for cell in cells])
    people = np.concatenate([cell.participants for cell in cells])
    both = np.column_stack([values * shares, shares])
    changed, scans = weighted_sums(people, both, weights).T
    mean: Draws = changed / scans
    return mean
