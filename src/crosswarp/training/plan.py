"""What an experiment will do, checked before anything is trained."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from crosswarp.baselines.settings import BaselineSettings
from crosswarp.bids.ids import ScanId
from crosswarp.bids.ledger import LEDGER
from crosswarp.bids.matching import some
from crosswarp.errors import InputError
from crosswarp.evaluation.facts import ScanFacts, facts_of, quality_of
from crosswarp.inputs.fold_checks import Split
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.made_with import find_kept
from crosswarp.inputs.missing import list_missing
from crosswarp.inputs.passed_over import list_passed_over, passed_over_note
from crosswarp.inputs.scan_files import ScanFiles
from crosswarp.preprocessing.kept import KeptSettings
from crosswarp.provenance import sources_of
from crosswarp.study.names import CACHE
from crosswarp.study.run import LINKED
from crosswarp.training.baseline import BaselineRequest
from crosswarp.training.cell import CellRequest
from crosswarp.training.checks import (
    check_inputs,
    cohort_of,
    derivatives_of,
    participants_of,
    scans_known,
    scans_used,
    without_unused,
)
from crosswarp.training.experiment import Experiment
from crosswarp.training.parts import Part, fingerprint_of
from crosswarp.training.scans import CellScan
from crosswarp.training.seen_before import Seen, check_pretrained, tested_of
from crosswarp.training.sites import ScanSites, scan_sites
from crosswarp.types.maps import OF_SCAN, SeenMaps


@dataclass(frozen=True)
class Plan:
    """An experiment whose inputs are there and fit together.

    Attributes:
        experiment: Experiment with all choices.
        samples: Scans with maps, in the order of the store.
        folds: Folds that were checked.
        grid: Of the maps.
        preprocessing: Fingerprint of the settings that made the maps.
        made_with: Those settings, whole; None when the maps do not say all of them.
        missing: Scans of the cohort's classes that have no maps, as `list_missing`
            returns them.
        passed_over: Scans that are not used because the participant has an earlier
            one, as `list_passed_over` returns them.
        pretrained: Whom the networks that start from `crosswarp model pretrain` have
            seen.
        unmatched: Participants of the folds that the cohort does not have.
        sources: Digests of the tables of cohort and folds, as they were read.
        absent: Baselines that stand in every table and that these maps cannot have,
            by name, each with its reason.
        facts: What the cohort table and the ledger of the maps say of each scan: kept
            in bundles as counts and means.
    """

    experiment: Experiment
    samples: tuple[ScanFiles, ...]
    folds: pd.DataFrame
    grid: Grid
    preprocessing: str | None
    made_with: KeptSettings | None
    missing: pd.DataFrame
    passed_over: pd.DataFrame
    pretrained: Mapping[str, Seen]
    unmatched: tuple[str, ...] = ()
    sources: Mapping[str, str | None] = field(default_factory=dict)
    facts: Mapping[ScanId, ScanFacts] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)

    @property
    def baselines(self) -> list[BaselineSettings]:
        """Models without a network: those listed, and those of every table."""
        chosen = self.experiment
        added = [one for one in chosen.default_baselines if one.name not in self.absent]
        return [*chosen.baselines, *added]

    def summary(self) -> str:
        """Say in a few lines what will be done."""
        chosen = self.experiment
        compared = [name for name in chosen.names if name not in self.absent]
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
            f"maps: {extent} voxels at {self.grid.resolution} mm{_seen(chosen.maps)}",
            f"folds: {parts}",
            *(f"no {name}: {reason}" for name, reason in self.absent.items()),
            f"models: {', '.join(compared)}",
            f"cells: {parts * len(compared)}",
            *filter(None, [passed_over_note(self.passed_over)]),
        ]
        if self.unmatched:
            lines.append(f"in the folds, but not in the cohort: {some(self.unmatched)}")
        lines += [
            f"left out: {row['participant_id']} {row['session_id']}: {row['reason']}"
            for row in self.missing.to_dict("records")
        ]
        lines += [
            f"passed over: {row['participant_id']} {row['session_id']}"
            f" (used: {row['used_session']})"
            for row in self.passed_over.to_dict("records")
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
                # Another file of a user's encoder is another encoder.
                others = [*self._started_from(model.name), *model.own_sources.items()]
                described = [*part.described, *others]
                made.append(
                    CellRequest(
                        **choices,
                        scans=part.scans,
                        grid=self.grid,
                        preprocessing=self.preprocessing,
                        made_with=self.made_with,
                        maps=self.experiment.maps,
                        store=run / CACHE,
                        folder=part.folder(run, model.name),
                        fingerprint=fingerprint_of(choices, described, self.grid),
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
        for baseline in self.baselines:
            sites = self._sites(baseline)
            for part in self._parts:
                choices = {"model": baseline, **self._shared(part)}
                described = [*part.described]
                if sites is not None:
                    used = [scan.split is not None for scan in part.scans]
                    described += sites.described(used)
                made.append(
                    BaselineRequest(
                        **choices,
                        scans=part.scans,
                        grid=self.grid,
                        brain=derivatives_of(self.experiment).brain_mask,
                        store=run / CACHE,
                        folder=part.folder(run, baseline.name),
                        fingerprint=fingerprint_of(choices, described, self.grid),
                        sites=sites,
                    )
                )
        return made

    def _sites(self, baseline: BaselineSettings) -> ScanSites | None:
        """Look the sites of all scans up, where a baseline harmonises them."""
        if baseline.harmonise is None:
            return None
        scans = [sample.scan for sample in self.samples]
        return scan_sites(baseline, scans, scans_known(self.experiment))

    def _started_from(self, model: str) -> list[tuple[Any, ...]]:
        seen = self.pretrained.get(model)
        return [] if seen is None else [(seen.weights, seen.participants)]

    def _shared(self, part: Part) -> dict[str, Any]:
        return {
            "classes": self.experiment.classes,
            "repeat": part.repeat,
            "fold": part.fold,
            "seed": self.experiment.seed,
        }

    @cached_property
    def _parts(self) -> list[Part]:
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
            made.append(Part(repeat, fold, scans, described))
        return made

    def _scans(self, part: pd.DataFrame) -> tuple[CellScan, ...]:
        splits: dict[str, Split] = dict(
            zip(part["participant_id"], part["split"], strict=True)
        )
        return tuple(
            CellScan(
                s.scan,
                s.diagnosis,
                s.origin,
                splits.get(s.scan.participant_id),
                self.facts.get(s.scan, ScanFacts()),
            )
            for s in self.samples
        )


def _seen(maps: SeenMaps) -> str:
    return "" if maps == OF_SCAN else f", {' and '.join(maps)}"


def plan_run(experiment: Experiment, *, allow_missing: bool = False) -> Plan:
    """Check that an experiment can be run.

    Args:
        experiment: Experiment with all choices.
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
        msg = f"one task is trained here, the experiment has {names}; use compare_tasks"
        raise InputError(msg)
    sources = sources_of({name: getattr(chosen, name) for name in LINKED})
    everyone, maps = cohort_of(chosen), derivatives_of(chosen)
    cohort = without_unused(chosen, scans_used(chosen, everyone))
    found = check_inputs(chosen, cohort, allow_missing=allow_missing)
    samples, folds, grid = found.samples, found.folds, found.grid
    tested = tested_of(folds, {s.scan.participant_id for s in samples})
    return Plan(
        chosen,
        tuple(samples),
        folds,
        grid,
        found.preprocessing,
        find_kept(samples, maps),
        list_missing(cohort, maps, samples),
        list_passed_over(everyone, cohort),
        check_pretrained(chosen, grid, found.preprocessing, tested),
        tuple(sorted(set(folds["participant_id"]) - participants_of(chosen))),
        sources,
        absent=found.absent,
        facts=facts_of(
            cohort, quality_of(maps.folder / LEDGER, maps.space, maps.resolution)
        ),
    )
