"""Test scans that one trained network scored, as arrays."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from crosswarp.statistics.shares import participant_shares
from crosswarp.statistics.temperature import (
    NOT_FITTED,
    Temperature,
    scale,
)
from crosswarp.statistics.thresholds import Threshold
from crosswarp.types.scores import (
    ClassIndex,
    ParticipantIndex,
    ParticipantWeights,
    Positives,
    Probabilities,
    ScanWeights,
    Scores,
)


@dataclass(frozen=True)
class Cell:
    """Test scans of one model in one repeat and fold, all scored by one network.

    Attributes:
        repeat: Number of the repeat, from 0.
        fold: Number of the fold, from 0.
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

    @property
    def shares(self) -> Scores:
        """Weight of each scan: one over the scans that its participant has here."""
        return participant_shares(self.participants)

    def weighted(self, weights: ParticipantWeights) -> ScanWeights:
        """Share each participant's weight out among their scans.

        Args:
            weights: Weight of each participant, one row a draw.
        """
        scans: ScanWeights = weights[:, self.participants] * self.shares
        return scans

    def calibrated(self) -> "Cell":
        """Return the cell with its probabilities scaled by its temperature."""
        scaled = scale(self.probabilities, self.temperature.value)
        return replace(self, probabilities=scaled)

    def only(self, chosen: Positives) -> "Cell":
        """Return the cell with some of its scans."""
        return replace(self, **self._of(chosen))

    def _of(self, chosen: Positives) -> dict[str, Any]:
        """Return what each chosen scan has, by the name of the field."""
        return {
            "participants": self.participants[chosen],
            "truth": self.truth[chosen],
            "probabilities": self.probabilities[chosen],
            "sessions": tuple(np.array(self.sessions, dtype=object)[chosen]),
        }

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
        # Loaded late: who only words an interval ranks nothing.
        from scipy.stats import rankdata

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
        ids: Identifiers, sorted by name.
        strata: Fold of the first repeat and diagnosis. Resampling within them keeps
            the size and the mix of every fold.
    """

    ids: tuple[str, ...]
    strata: tuple[str, ...]
