"""Cells: the scans that one trained network was tested on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from crosswarp.evaluation.predictions import CELL, PREFIX, Predictions
from crosswarp.evaluation.temperature import (
    NOT_FITTED,
    Temperature,
    fit_temperature,
    scale,
)
from crosswarp.evaluation.thresholds import Threshold, choose_threshold
from crosswarp.types.scores import (
    ClassIndex,
    ParticipantIndex,
    Positives,
    Probabilities,
    Scores,
)


@dataclass(frozen=True)
class Cell:
    """Test scans of one model in one repeat and fold, all scored by one network.

    Attributes:
        repeat: From 0.
        fold: From 0.
        participants: Who each scan is of.
        truth: Each scan's diagnosis.
        probabilities: Each row sums to one.
        threshold: Probability of the positive class from which a scan counts as
            positive; None with more than two classes, where the largest wins.
        temperature: Of this network, from its validation scans.
        sessions: Of each scan; empty when not known.
    """

    repeat: int
    fold: int
    participants: ParticipantIndex
    truth: ClassIndex
    probabilities: Probabilities
    threshold: Threshold | None
    temperature: Temperature = NOT_FITTED
    sessions: tuple[str, ...] = ()

    @property
    def validated(self) -> int:
        """Scans that chose the epoch, the threshold and the temperature."""
        return self.temperature.scans

    def calibrated(self) -> "Cell":
        """Return the cell with its probabilities scaled by its temperature."""
        scaled = scale(self.probabilities, self.temperature.value)
        return replace(self, probabilities=scaled)

    def only(self, chosen: Positives) -> "Cell":
        """Return the cell with some of its scans."""
        kept = tuple(np.array(self.sessions, dtype=object)[chosen])
        return replace(
            self,
            participants=self.participants[chosen],
            truth=self.truth[chosen],
            probabilities=self.probabilities[chosen],
            sessions=kept,
        )

    @property
    def decided(self) -> ClassIndex:
        """The class each scan is given."""
        if self.threshold is None:
            largest: ClassIndex = self.probabilities.argmax(axis=1)
            return largest
        positive = self.probabilities[:, -1] >= self.threshold.value
        decided: ClassIndex = positive.astype(np.int64)
        return decided

    @property
    def has_all_classes(self) -> bool:
        """Whether each class has a test scan, without which AUC is not defined."""
        return bool(len(np.unique(self.truth)) == self.probabilities.shape[1])

    def problems(self) -> list[tuple[Positives, Scores]]:
        """Two-class questions: one for two classes, one class against the rest else.

        Returns:
            For each question which scans are positive, and the ranks of their log
            odds in this cell. Log odds keep apart probabilities so near one that
            their digits no longer differ; ranks, since one network's scores are not
            on the scale of another's.
        """
        count = self.probabilities.shape[1]
        asked = [count - 1] if count == 2 else range(count)
        found = []
        for index in asked:
            rest = np.delete(self.probabilities, index, axis=1).sum(axis=1)
            with np.errstate(divide="ignore"):
                odds = np.log(self.probabilities[:, index]) - np.log(rest)
            found.append((self.truth == index, rankdata(odds)))
        return found


@dataclass(frozen=True)
class People:
    """Participants of the test scans, and the groups they are resampled within.

    Attributes:
        ids: Sorted.
        strata: Fold of the first repeat and diagnosis. Resampling within them keeps
            the size and the mix of every fold.
    """

    ids: tuple[str, ...]
    strata: tuple[str, ...]


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

    Returns:
        Sorted by repeat and fold; scans sorted alike for every model.
    """
    position = {name: index for index, name in enumerate(people.ids)}
    classes = predictions.classes
    validation = dict(iter(predictions.of(model, "val").groupby(CELL)))
    cells = []
    for key, rows in predictions.of(model, "test").groupby(CELL):
        repeat, fold = (int(str(part)) for part in key)
        chosen_on = validation.get(key, rows.iloc[:0])
        truth = _truth(chosen_on, classes)
        probabilities = _probabilities(chosen_on, classes)
        threshold = None
        if len(classes) == 2:
            threshold = choose_threshold(truth == 1, probabilities[:, 1])
        cells.append(
            Cell(
                repeat,
                fold,
                np.array([position[str(name)] for name in rows["participant_id"]]),
                _truth(rows, classes),
                _probabilities(rows, classes),
                threshold,
                fit_temperature(truth, probabilities),
                tuple(map(str, rows["session_id"])),
            )
        )
    return cells


def _truth(rows: pd.DataFrame, classes: Sequence[str]) -> ClassIndex:
    return np.array([classes.index(name) for name in rows["diagnosis"]], dtype=np.int64)


def _probabilities(rows: pd.DataFrame, classes: Sequence[str]) -> Probabilities:
    return rows[[PREFIX + name for name in classes]].to_numpy(float)
