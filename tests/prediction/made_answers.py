"""Predictions for a cohort on disk, without a network."""

from pathlib import Path

import numpy as np
import pandas as pd

from crosswarp.bids.cohort import write_cohort
from crosswarp.bids.ids import ScanId
from crosswarp.prediction.answer import Place, ScanPrediction, Votes
from crosswarp.prediction.answers import (
    LEFT_OUT,
    AnswerKey,
    keep_answer,
    keep_refusal,
    write_answers,
)
from crosswarp.prediction.recalibrate import Drawing
from crosswarp.statistics.temperature import NOT_FITTED
from crosswarp.study.cohort_prediction import (
    CohortPrediction,
    Networks,
    write_cohort_prediction,
)
from crosswarp.study.cohort_summary import CohortSummary, Distribution
from crosswarp.study.names import COHORT

BUNDLE = "abcdef0123456789"
FAST = Drawing(resamples=100)

TRAINING = CohortSummary(
    participants=50,
    scans=50,
    diagnoses={"AD": 25, "CN": 25},
    sexes={"F": 25, "M": 25},
    sites={"a": 50},
    field_strengths={"1.5": 50},
    age_years=Distribution(mean=70.0, sd=5.0, known=50),
    quality={"overlap": Distribution(mean=0.95, sd=0.01, known=50)},
)

NETWORKS = Networks(
    model="jsm",
    bundle=BUNDLE,
    count=2,
    classes=("CN", "AD"),
    thresholds=(0.4, 0.6),
    threshold_rules=("youden on validation",),
    temperature=1.0,
    origin="real",
    participants=50,
    training=TRAINING,
    maps_known=True,
    embedding_scans=20,
)


class Made:
    """Predictions for a cohort on disk, through the program's own writers."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.networks = NETWORKS
        self.people = 80
        self.labels = ("CN", "AD")
        self.sessions: tuple[str | None, ...] = (None,)
        self.divided = 3
        self.extra: list[tuple[str, str]] = []
        self.place: Place | None = Place(2.0, True)
        self.diagnoses: str | None = None
        self.same_names = 0

    def write(self, seed: int = 0) -> Path:
        rng = np.random.default_rng(seed)
        rows, scans = [], []
        classes = self.networks.classes
        for number in range(self.people):
            label = self.labels[number % len(self.labels)]
            for session in self.sessions:
                scan = ScanId(f"sub-{number:03d}", session)
                scans.append(scan.label)
                rows.append(self._row(scan, label, number))
                self._answer(scan, classes.index(label), number, rng)
        for who, verdict in self.extra:
            scan = ScanId(who)
            scans.append(scan.label)
            rows.append(self._row(scan, "MCI" if verdict == "MCI" else "CN", 0))
            if verdict == "MCI":
                self._answer(scan, 0, 0, rng)
            else:
                keep_refusal(self.out, self._key(scan), verdict, "a reason")
        write_answers(self.out)
        if self.diagnoses is None:
            write_cohort(self.out / COHORT, pd.DataFrame(rows))
        failed = [who for who, verdict in self.extra if verdict == "failed"]
        left_out = [who for who, verdict in self.extra if verdict == LEFT_OUT]
        record = CohortPrediction(
            networks=self.networks,
            scans=tuple(scans),
            predicted=len(scans) - len(failed) - len(left_out),
            failed=len(failed),
            left_out=len(left_out),
            overlap="refuse",
            same_names=self.same_names,
            diagnoses=self.diagnoses,
        )
        write_cohort_prediction(self.out, record)
        return self.out

    def _row(self, scan: ScanId, label: str, number: int) -> dict[str, object]:
        return {
            "participant_id": scan.participant_id,
            "session_id": scan.session_id,
            "diagnosis": label,
            "age_years": 75.0 + number % 7,
            "sex": "FM"[number % 4 // 2],
            "site": "ab"[number % 3 == 0],
            "field_strength_t": 3.0,
            "origin": "real",
        }

    def _answer(
        self, scan: ScanId, truth: int, number: int, rng: np.random.Generator
    ) -> None:
        """Answer twice as surely as the truth warrants."""
        classes = self.networks.classes
        logits = rng.normal(0, 1, len(classes))
        logits[truth] += 1.2
        odds = np.exp(2.5 * logits)
        probabilities = tuple(map(float, np.round(odds / odds.sum(), 6)))
        decision: str | None = classes[int(np.argmax(odds))]
        votes = Votes(decision, 2, (0.4, 0.6), ("youden on validation",))
        if number < self.divided:
            votes = Votes(None, 1, (0.4, 0.6), ("youden on validation",))
        answer = ScanPrediction(
            scan,
            "ok",
            "",
            "jsm",
            classes,
            *(probabilities,) * 3,
            2,
            NOT_FITTED,
            votes,
            place=self.place,
            numbers={"overlap": 0.93 + 0.001 * (number % 5)},
        )
        keep_answer(self.out, self._key(scan), answer, "maps")

    def _key(self, scan: ScanId) -> AnswerKey:
        return AnswerKey(scan, "jsm", BUNDLE, f"file of {scan.label}")
