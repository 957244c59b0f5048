"""Scans as a cell needs them; loads no torch."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd

from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.evaluation.facts import ScanFacts
from crosswarp.inputs.fold_checks import Split
from crosswarp.inputs.grid import Grid
from crosswarp.study.fold import ModelFold
from crosswarp.types.scores import ClassScores


@dataclass(frozen=True)
class CellScan:
    """A scan of the store, as a cell needs it.

    Attributes:
        scan: Identifier of the scan.
        diagnosis: Clinical label of the scan.
        origin: ``real`` or ``virtual``.
        split: In this cell; None when it is not used.
        facts: What else is known of it; no network learns from that.
    """

    scan: ScanId
    diagnosis: str
    origin: str
    split: Split | None
    facts: ScanFacts = field(default_factory=ScanFacts)


@runtime_checkable
class Named(Protocol):
    """Settings of a model, network or not."""

    @property
    def name(self) -> str:
        """In tables and folders."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What one model, one repeat and one fold need, whatever the model.

    Attributes:
        model: Name of the model.
        classes: In the order of the answers.
        repeat: Of the cross-validation.
        fold: That is held out.
        seed: Of the experiment.
        scans: One entry a scan of the store, in its order.
        grid: Of the maps.
        store: Folder of the store.
        folder: To write to.
        fingerprint: Of inputs, settings and version.
    """

    model: Named
    classes: tuple[str, ...]
    repeat: int
    fold: int
    seed: int
    scans: tuple[CellScan, ...]
    grid: Grid
    store: Path
    folder: Path
    fingerprint: str

    @property
    def of(self) -> ModelFold:
        """Which fold of which model it is."""
        return ModelFold(self.model.name, self.repeat, self.fold)

    @property
    def label(self) -> str:
        """Name for people."""
        return self.of.label

    @property
    def cell_seed(self) -> int:
        """Seed of all that is drawn: one a fold, for all models."""
        return self.of.seed(self.seed)


def prediction_table(
    first: dict[str, Any],
    scans: Sequence[CellScan],
    classes: Sequence[str],
    logits: ClassScores,
    probabilities: ClassScores,
) -> pd.DataFrame:
    """Put a cell's answers into the columns of ``predictions.tsv``.

    Args:
        first: Model, repeat, fold and split.
        scans: One a row.
        classes: In the order of the answers.
        logits: Of each scan and class.
        probabilities: Of each scan and class.
    """
    columns: dict[str, Any] = {
        **first,
        "participant_id": [s.scan.participant_id for s in scans],
        "session_id": [s.scan.session_id or NOT_AVAILABLE for s in scans],
        "diagnosis": [s.diagnosis for s in scans],
        "origin": [s.origin for s in scans],
    }
    for prefix, values in (("logit", logits), ("probability", probabilities)):
        columns |= {
            f"{prefix}_{name}": np.asarray(values[:, number])
            for number, name in enumerate(classes)
        }
    return pd.DataFrame(columns)
