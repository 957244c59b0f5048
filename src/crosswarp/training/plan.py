"""What an experiment will do, checked before anything is trained."""

import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pandas as pd

from crosswarp.errors import InputError
from crosswarp.files import fingerprint
from crosswarp.inputs.folds import Split, read_folds
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.missing import list_missing
from crosswarp.inputs.samples import (
    ScanFiles,
    find_grid,
    find_preprocessing,
    find_samples,
)
from crosswarp.training.baseline import BaselineRequest
from crosswarp.training.cell import CellRequest
from crosswarp.training.checks import check_inputs, cohort_of, derivatives_of
from crosswarp.training.experiment import Experiment
from crosswarp.training.pretrained import Seen, check_pretrained, tested_of
from crosswarp.training.scans import CellScan

MODELS: Final = "models"
CACHE: Final = "cache"

STEPS_VERSION: Final = 2
"""Raised when a change of code changes predictions, so that cells are redone."""


@dataclass(frozen=True)
class Plan:
    """An experiment whose inputs are there and fit together.

    Attributes:
        experiment: All choices.
        samples: Scans with maps, in the order of the store.
        folds: Checked.
        grid: Of the maps.
        preprocessing: Fingerprint of the settings that made the maps.
        missing: Scans of the cohort's classes that have no maps, as `list_missing`
            returns them.
        pretrained: Whom the networks that start from `crosswarp pretrain` have seen.
    """

    experiment: Experiment
    samples: tuple[ScanFiles, ...]
    folds: pd.DataFrame
    grid: Grid
    preprocessing: str | None
    missing: pd.DataFrame
    pretrained: Mapping[str, Seen]

    def summary(self) -> str:
        """Say in a few lines what will be done."""
        chosen = self.experiment
        compared = chosen.names
        counts = {
            str(name): sum(s.diagnosis == name for s in self.samples)
            for name in chosen.classes
        }
        parts = len(self.folds.groupby(["repeat", "fold"]))
        lacking = len(self.missing) > 0
        extent = "x".join(str(n) for n in self.grid.seen_extent)
        lines = [
            f"scans: {', '.join(f'{n} {name}' for name, n in counts.items())}"
            + (f" ({len(self.missing)} without maps left out)" if lacking else ""),
            f"maps: {extent} voxels at {self.grid.resolution} mm",
            f"folds: {parts}",
            f"models: {', '.join(compared)}",
            f"cells: {parts * len(compared)}",
        ]
        lines += [
            f"left out: {row['participant_id']} {row['session_id']}: {row['reason']}"
            for row in self.missing.to_dict("records")
        ]
        return "\n".join(lines)

    def cells(self, run: Path) -> list[CellRequest]:
        """List what there is to train, network by network.

        Args:
            run: Folder of the run.
        """
        made = []
        for model in self.experiment.models:
            for part in self._parts:
                choices: dict[str, Any] = {
                    "model": model,
                    "training": self.experiment.training,
                    **self._shared(part),
                }
                described = [*part.described, *self._started_from(model.name)]
                made.append(
                    CellRequest(
                        **choices,
                        scans=part.scans,
                        grid=self.grid,
                        preprocessing=self.preprocessing,
                        store=run / CACHE,
                        folder=part.folder(run, model.name),
                        fingerprint=_fingerprint(choices, described, self.grid),
                        pretrained=self.experiment.pretrained.get(model.name),
                    )
                )
        return made

    def baseline_cells(self, run: Path) -> list[BaselineRequest]:
        """List what there is to fit without a network, baseline by baseline.

        Args:
            run: Folder of the run.
        """
        made = []
        for baseline in self.experiment.baselines:
            for part in self._parts:
                choices = {"model": baseline, **self._shared(part)}
                made.append(
                    BaselineRequest(
                        **choices,
                        scans=part.scans,
                        grid=self.grid,
                        brain=derivatives_of(self.experiment).brain_mask,
                        store=run / CACHE,
                        folder=part.folder(run, baseline.name),
                        fingerprint=_fingerprint(choices, part.described, self.grid),
                    )
                )
        return made

    def _started_from(self, model: str) -> list[tuple[Any, ...]]:
        seen = self.pretrained.get(model)
        return [] if seen is None else [(seen.weights, seen.participants)]

    def _shared(self, part: "_Part") -> dict[str, Any]:
        return {
            "classes": tuple(str(c) for c in self.experiment.classes),
            "repeat": part.repeat,
            "fold": part.fold,
            "seed": self.experiment.seed,
        }

    @cached_property
    def _parts(self) -> list["_Part"]:
        digests = {s.scan.label: s.digest() for s in self.samples}
        made = []
        for cell, rows in self.folds.groupby(["repeat", "fold"]):
            repeat, fold = (int(str(number)) for number in cell)
            scans = self._scans(rows)
            described = [
                (s.scan.label, s.diagnosis, s.split, digests[s.scan.label])
                for s in scans
                if s.split
            ]
            made.append(_Part(repeat, fold, scans, described))
        return made

    def _scans(self, part: pd.DataFrame) -> tuple[CellScan, ...]:
        splits: dict[str, Split] = dict(
            zip(part["participant_id"], part["split"], strict=True)
        )
        return tuple(
            CellScan(s.scan, s.diagnosis, s.origin, splits.get(s.scan.participant_id))
            for s in self.samples
        )


@dataclass(frozen=True)
class _Part:
    """One fold of one repeat: its scans, and all that is known of those it uses."""

    repeat: int
    fold: int
    scans: tuple[CellScan, ...]
    described: list[tuple[Any, ...]]

    def folder(self, run: Path, model: str) -> Path:
        return run / MODELS / model / f"repeat-{self.repeat}_fold-{self.fold}"


def plan_run(experiment: Experiment, *, allow_missing: bool = False) -> Plan:
    """Check that an experiment can be run.

    Args:
        experiment: All choices.
        allow_missing: Go on without scans that have no maps.

    Raises:
        MissingDerivativeError: If scans have no maps.
        LeakageError: If the folds leak.
        InputError: If cohort, folds, maps and networks do not fit together; if there
            are several such faults, with all of them.
    """
    chosen = experiment
    if chosen.tasks:
        names = ", ".join(chosen.by_task())
        msg = f"train takes one task, the experiment has {names}; use compare"
        raise InputError(msg)
    cohort, maps = cohort_of(chosen), derivatives_of(chosen)
    check_inputs(chosen, cohort, allow_missing=allow_missing)
    samples = find_samples(cohort, maps, allow_missing=allow_missing)
    grid, folds = find_grid(samples, maps, crop=chosen.crop), read_folds(chosen.folds)
    tested = tested_of(folds, {s.scan.participant_id for s in samples})
    preprocessing = find_preprocessing(samples)
    return Plan(
        chosen,
        tuple(samples),
        folds,
        grid,
        preprocessing,
        list_missing(cohort, maps, samples),
        check_pretrained(chosen, grid, preprocessing, tested),
    )


def _fingerprint(
    choices: Mapping[str, Any], described: list[tuple[Any, ...]], grid: Grid
) -> str:
    plain = {
        key: value.model_dump(mode="json") if hasattr(value, "model_dump") else value
        for key, value in choices.items()
    }
    version = importlib.metadata.version("crosswarp"), STEPS_VERSION
    return fingerprint(plain, described, grid.box, grid.space, version)
