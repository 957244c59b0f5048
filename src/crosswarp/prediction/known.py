"""The predicted scans of a cohort whose diagnosis is known, as arrays."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crosswarp.bids.cohort import read_cohort
from crosswarp.bids.diagnoses import class_of_label
from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.errors import InputError
from crosswarp.evaluation.predictions import PREFIX
from crosswarp.prediction.answers import FAILED, LEFT_OUT
from crosswarp.statistics.cells import People
from crosswarp.statistics.decided import DecidedCell
from crosswarp.statistics.thresholds import Threshold
from crosswarp.study.cohort_prediction import CohortPrediction
from crosswarp.study.names import COHORT

NEEDED = "participant_id, session_id and diagnosis"
"""Columns of a table of diagnoses."""

CARRIED_OVER = "carried over from training"
"""Rule of a threshold that stands for those of all networks."""


@dataclass(frozen=True)
class KnownScans:
    """Scans with a prediction and a diagnosis that is one of the classes.

    Attributes:
        rows: One row a scan, sorted, by the columns of ``predictions.tsv``, with
            ``class`` (of the diagnosis) and ``participant_id``, ``session_id`` as text.
        cohort: Rows of the same scans of the table of diagnoses.
        classes: Diagnoses in the order of the answers.
        not_evaluated: Scans of the cohort that are not among them, by the reason.
    """

    rows: pd.DataFrame
    cohort: pd.DataFrame
    classes: tuple[str, ...]
    not_evaluated: Mapping[str, int]

    def of(self, participants: set[str]) -> "KnownScans":
        """Return the scans of some participants alone."""
        rows = self.rows[self.rows["participant_id"].isin(participants)]
        cohort = self.cohort[self.cohort["participant_id"].isin(participants)]
        return KnownScans(rows, cohort, self.classes, self.not_evaluated)

    @property
    def people(self) -> People:
        """Participants, each with their diagnoses: those to draw among."""
        groups = self.rows.groupby("participant_id")["class"]
        named = groups.agg(lambda values: "+".join(sorted(set(values))))
        strata = tuple(f"0 {name}" for name in named)
        return People(tuple(map(str, named.index)), strata)

    @property
    def divided(self) -> int:
        """Number of scans on which the networks are divided."""
        return int(self.rows["decision"].isna().sum())

    def cell(self) -> DecidedCell:
        """Return probabilities, truth and decisions as arrays.

        A scan on which the networks are divided counts as an error.
        """
        place = {name: index for index, name in enumerate(self.people.ids)}
        truth = np.array(
            [self.classes.index(name) for name in self.rows["class"]], dtype=np.int64
        )
        decided = [
            self.classes.index(str(name))
            if isinstance(name, str)
            else (true + 1) % len(self.classes)
            for name, true in zip(self.rows["decision"], truth, strict=True)
        ]
        columns = [f"{PREFIX}{name}" for name in self.classes]
        probabilities = self.rows[columns].to_numpy(float)
        return DecidedCell(
            0,
            0,
            np.array([place[str(name)] for name in self.rows["participant_id"]]),
            truth,
            # They are kept to six digits.
            probabilities / probabilities.sum(axis=1, keepdims=True),
            Threshold(0.5, CARRIED_OVER) if len(self.classes) == 2 else None,
            sessions=tuple(map(str, self.rows["session_id"])),
            decisions=np.array(decided, dtype=np.int64),
        )


def known_scans(
    out: Path, record: CohortPrediction, answers: pd.DataFrame, diagnoses: Path | None
) -> KnownScans:
    """Put predictions and diagnoses together.

    Args:
        out: Folder of the predictions.
        record: Record of the prediction.
        answers: Its rows of the table of predictions.
        diagnoses: Table of diagnoses; that beside the predictions when None.

    Raises:
        InputError: If there are no diagnoses, the table lacks a column, or no scan with
            a prediction has a diagnosis that the networks know.
    """
    if diagnoses is None and record.diagnoses:
        msg = (
            f"no diagnoses are known of the scans in {out}: {record.diagnoses}; give"
            f" `diagnoses=TABLE`, a table with the columns {NEEDED}"
        )
        raise InputError(msg)
    table = read_cohort(diagnoses or out / COHORT, unlabelled=True)
    class_of = class_of_label(record.networks.classes)
    labels = {_scan(row): str(row["diagnosis"]) for row in table.to_dict("records")}
    reasons: Counter[str] = Counter()
    kept, classes = [], []
    for number, row in enumerate(answers.to_dict("records")):
        label = labels.get(_scan(row))
        reason = _why_not(row, label, class_of)
        if reason is None:
            kept.append(number)
            classes.append(class_of[str(label)])
        else:
            reasons[reason] += 1
    if not kept:
        why = "; ".join(f"{count}: {reason}" for reason, count in reasons.items())
        msg = (
            f"no scan in {out} has both a prediction and a diagnosis"
            f" {' or '.join(class_of)} ({why or 'there are no scans'}); give"
            f" `diagnoses=TABLE`, a table with the columns {NEEDED}"
        )
        raise InputError(msg)
    session = answers["session_id"].astype("object").fillna(NOT_AVAILABLE)
    rows = answers.assign(session_id=session).iloc[kept].assign(**{"class": classes})
    there = {_scan(row) for row in rows.to_dict("records")}
    cohort = table[[_scan(row) in there for row in table.to_dict("records")]]
    order = ["participant_id", "session_id"]
    return KnownScans(
        rows.sort_values(order).reset_index(drop=True),
        cohort.sort_values(order).reset_index(drop=True),
        record.networks.classes,
        dict(sorted(reasons.items())),
    )


def _scan(row: Mapping[Any, Any]) -> ScanId:
    return ScanId.from_row(str(row["participant_id"]), row["session_id"])


def _why_not(
    row: Mapping[Any, Any], label: str | None, class_of: Mapping[str, str]
) -> str | None:
    if row["quality"] == LEFT_OUT:
        return "left out, since it was trained on"
    if row["quality"] == FAILED or row["decided_by"] != row["decided_by"]:
        return "it has no prediction"
    if label is None:
        return "its diagnosis is not known"
    if label not in class_of:
        return f"its diagnosis is {label}, which the networks do not know"
    return None
