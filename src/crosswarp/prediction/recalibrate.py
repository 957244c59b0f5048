"""Calibration on another cohort, before and after recalibration on a part of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from crosswarp.errors import InputError
from crosswarp.prediction.known import KnownScans
from crosswarp.statistics.calibration import calibration_of
from crosswarp.statistics.decided import DecidedCell
from crosswarp.statistics.intervals import participant_weights
from crosswarp.statistics.line import (
    Recalibrator,
    fit_line,
    fit_recalibration_temperature,
)
from crosswarp.statistics.pooled import pool
from crosswarp.study.external import RecalibratedOn
from crosswarp.study.model_metrics import Calibration

SHARE: Final = 0.3
"""Share of the participants that probabilities are recalibrated on, if not chosen."""

BEFORE: Final = "before"
REST_BEFORE: Final = "rest_before"
REST_AFTER: Final = "rest_after"
"""Stages: all scans as the networks answer; those outside the part, then and after."""

NOT_ASKED: Final = "no part was set aside for it"


@dataclass(frozen=True)
class Drawing:
    """How random draws are made.

    Attributes:
        share: Share of the participants of each diagnosis to recalibrate on, 0 to less
            than 1.
        resamples: Bootstrap draws over participants.
        seed: Random seed of all draws.
    """

    share: float = SHARE
    resamples: int = 2000
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.share < 1:
            msg = f"`recalibrate` must be from 0 to less than 1, got {self.share}"
            raise InputError(msg)
        if self.resamples < 100:
            msg = f"an interval needs at least 100 resamples, got {self.resamples}"
            raise InputError(msg)


@dataclass(frozen=True)
class Calibrated:
    """Calibration at each stage.

    Attributes:
        part: Part that probabilities were recalibrated on.
        entries: For ``external.json``, one a class and stage.
        rows: For ``calibration.tsv``, without the model's name.
    """

    part: RecalibratedOn
    entries: tuple[Calibration, ...]
    rows: list[dict[str, Any]]


def calibrated(known: KnownScans, drawing: Drawing) -> Calibrated:
    """Describe calibration on all scans, and before and after recalibration.

    Participants of the part are drawn within their diagnosis; they are in no figure
    of the stages ``rest_before`` and ``rest_after``.

    Args:
        known: Scans with a prediction and a diagnosis.
        drawing: How random draws are made.
    """
    chosen = _drawn(known, drawing)
    recalibrator, scans = Recalibrator(reason=NOT_ASKED), 0
    stages: list[tuple[str, KnownScans, Recalibrator | None]]
    stages = [(BEFORE, known, None)]
    if chosen:
        part = known.of(chosen)
        recalibrator, scans = _fitted(part), len(part.rows)
        rest = known.of(set(known.people.ids) - chosen)
        if recalibrator.method is not None:
            stages += [(REST_BEFORE, rest, None), (REST_AFTER, rest, recalibrator)]
    entries: list[Calibration] = []
    rows: list[dict[str, Any]] = []
    for stage, of_stage, applied in stages:
        found = _stage(of_stage, applied, drawing)
        entries += [
            Calibration.model_validate({**one, "stage": stage}) for one in found[0]
        ]
        rows += [{**row, "stage": stage} for row in found[1]]
    described = RecalibratedOn(
        share=drawing.share,
        seed=drawing.seed,
        participants=len(chosen),
        scans=scans,
        method=recalibrator.method,
        intercept=recalibrator.intercept,
        slope=recalibrator.slope,
        temperature=recalibrator.temperature,
        reason=recalibrator.reason,
    )
    return Calibrated(described, tuple(entries), rows)


def _drawn(known: KnownScans, drawing: Drawing) -> set[str]:
    """Draw the participants of the part, the same share of each diagnosis."""
    people = known.people
    generator = np.random.default_rng(drawing.seed)
    ids, strata = np.array(people.ids), np.array(people.strata)
    chosen: set[str] = set()
    for stratum in sorted(set(people.strata)):
        members = generator.permutation(ids[strata == stratum])
        chosen |= set(map(str, members[: round(drawing.share * len(members))]))
    return chosen


def _fitted(part: KnownScans) -> Recalibrator:
    cell = part.cell()
    if len(part.classes) > 2:
        return fit_recalibration_temperature(
            cell.truth, cell.probabilities, cell.shares
        )
    (question,) = pool([cell], part.classes)
    return fit_line(question)


def _stage(
    known: KnownScans, recalibrator: Recalibrator | None, drawing: Drawing
) -> tuple[Sequence[dict[str, Any]], Sequence[dict[str, Any]]]:
    cell: DecidedCell = known.cell()
    if recalibrator is not None:
        cell = replace(cell, probabilities=recalibrator.apply(cell.probabilities))
    weights = participant_weights(known.people, drawing.resamples, drawing.seed)
    return calibration_of([cell], known.classes, weights, drawing.seed)
