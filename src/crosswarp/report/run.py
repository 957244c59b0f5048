"""A run folder as the report reads it: everything on demand, nothing computed."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from crosswarp.bids.cohort import read_cohort
from crosswarp.bids.ledger import LEDGER, read_ledger
from crosswarp.bids.tables import read_table
from crosswarp.errors import MissingDerivativeError, MixedError
from crosswarp.evaluation.context import HELD_OUT
from crosswarp.evaluation.differences import PRIMARY
from crosswarp.evaluation.predictions import Predictions, read_predictions
from crosswarp.evaluation.tables import COLUMNS
from crosswarp.provenance import SOURCES, changed_sources
from crosswarp.study.attribution import Attribution, read_attribution
from crosswarp.study.comparisons import ModelComparison, comparisons_of
from crosswarp.study.environment import Environment, read_environment
from crosswarp.study.experiment import RunExperiment, read_run_experiment
from crosswarp.study.fold import fold_folders
from crosswarp.study.metrics import EVALUATE, Metrics, read_metrics
from crosswarp.study.names import (
    COMPARISONS,
    EXPERIMENT,
    MISSING,
    PASSED_OVER,
    POWER,
    PREDICTIONS,
)
from crosswarp.study.power_analysis import PowerAnalysis, read_power
from crosswarp.study.records import RunRecord
from crosswarp.study.run import not_of_these_predictions, require_run, sources_now

TEXT = ["model", "reference", "class", "stage", "variable", "group", "site"]
TEXT += ["test", "role"]
"""Columns of the evaluation's tables that are text though they may look otherwise."""


@dataclass(frozen=True)
class Run:
    """A folder that training and evaluation have written.

    Each property reads its file once, and raises MissingDerivativeError when an
    earlier stage has not written it.
    """

    folder: Path

    @property
    def predictions_path(self) -> Path:
        """The table that everything rests on."""
        return self.folder / PREDICTIONS

    @cached_property
    def predictions(self) -> Predictions:
        """Checked predictions of all models."""
        return read_predictions(self.predictions_path)

    @cached_property
    def tested(self) -> pd.DataFrame:
        """Test scans, once each: participant, session, diagnosis, origin."""
        rows = self.predictions.of(self.predictions.models[0], "test")
        columns = ["participant_id", "session_id", "diagnosis", "origin"]
        return rows[columns].drop_duplicates().sort_values(columns[:2])

    @cached_property
    def metrics(self) -> Metrics:
        """What `crosswarp evaluate` computed of these very predictions."""
        return read_metrics(self.folder)

    @cached_property
    def comparisons(self) -> dict[str, ModelComparison]:
        """Differences to the reference model, by model."""
        found = comparisons_of(self.evaluated(COMPARISONS))
        # The model of covariates alone is in no predictions.tsv.
        known, networks = set(self.metrics.models), set(self.predictions.models)
        if set(found) != known or not networks <= known:
            raise MixedError(not_of_these_predictions(COMPARISONS, EVALUATE))
        return found

    @cached_property
    def experiment(self) -> RunExperiment:
        """Settings of the run, as resolved."""
        return read_run_experiment(self.folder)

    @cached_property
    def environment(self) -> Environment:
        """Versions and machine of the training."""
        return read_environment(self.folder)

    @cached_property
    def cohort(self) -> pd.DataFrame:
        """Age, sex and diagnosis of every scan."""
        return read_cohort(self.linked("cohort"))

    @cached_property
    def folds(self) -> pd.DataFrame:
        """Which participant is in which part of which fold."""
        columns = ["repeat", "fold", "participant_id", "split"]
        path = self.linked("folds")
        made_from = {SOURCES: self.record.made_from}
        if changed_sources(made_from, sources_now(self.folder, ["folds"])):
            msg = (
                "folds have changed since training; run `crosswarp compare` again, or"
                " put back the table that was trained on"
            )
            raise MixedError(msg)
        text = [*columns[2:], HELD_OUT]
        return read_table(path, columns, text=text, whole=columns[:2])

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """What became of each scan in preprocessing, on the grid of the run's maps."""
        path = self.linked("derivatives") / LEDGER
        if not path.is_file():
            msg = f"no {LEDGER} in the folder of derivatives"
            raise MissingDerivativeError(msg)
        grid = self.experiment.space, self.experiment.resolution
        return read_ledger(path, *grid, required=("participant_id", "status"))

    @cached_property
    def left_out(self) -> pd.DataFrame:
        """Scans that training went on without, for want of maps; empty when none."""
        path = self.folder / MISSING
        columns = ["participant_id", "session_id", "diagnosis", "lacks", "reason"]
        if not path.is_file():
            return pd.DataFrame(columns=columns)
        return read_table(path, columns, text=columns)

    @cached_property
    def passed_over(self) -> pd.DataFrame:
        """Later scans of participants of whom the first was used; empty when none."""
        path = self.folder / PASSED_OVER
        columns = ["participant_id", "session_id", "used_session"]
        if not path.is_file():
            return pd.DataFrame(columns=columns)
        return read_table(path, columns, text=columns)

    @cached_property
    def record(self) -> RunRecord:
        """What training says of its end; empty for a run without ``run.json``.

        Raises:
            MixedError: If the files of the run do not belong together.
        """
        return require_run(self.folder)

    def linked(self, name: str) -> Path:
        """Find a file or folder that the experiment names.

        A relative path counts from the run's folder.
        """
        path = self.experiment.place(self.folder, name)
        if path is None:
            msg = f"{EXPERIMENT} names no {name}"
            raise MissingDerivativeError(msg)
        if not path.exists():
            msg = f"{name} is not where {EXPERIMENT} says ({path.name})"
            raise MissingDerivativeError(msg)
        return path

    def model_settings(self) -> dict[str, dict[str, object]]:
        """Settings of each model by its name; empty without an experiment file."""
        try:
            return self.experiment.models
        except MissingDerivativeError:
            return {}

    def models(self) -> list[str]:
        """Names of the models, in the order of the experiment file."""
        scored = self.predictions.models
        ordered = [name for name in self.model_settings() if name in scored]
        return ordered + [name for name in scored if name not in ordered]

    @property
    def headline(self) -> str:
        """Name of the model whose result the page leads with.

        The declared primary model, or else the reference, which is then the first.
        """
        primary = self.metrics.primary
        declared = primary.model if primary.declared else None
        return declared or primary.reference

    def compared(self) -> list[str]:
        """Names of the models, then of the baselines that evaluation added."""
        networks = self.models()
        added = [name for name in self.metrics.models if name not in networks]
        return networks + added

    @cached_property
    def attribution(self) -> Attribution:
        """What `crosswarp explain` says of its maps of these very predictions."""
        return read_attribution(self.folder)

    @cached_property
    def power(self) -> PowerAnalysis:
        """What `crosswarp power` found from these very predictions."""
        found = read_power(self.folder)
        if found.test != PRIMARY:
            msg = f"{POWER} is of another test; run `crosswarp power` again"
            raise MissingDerivativeError(msg)
        return found

    def evaluated(self, name: str) -> pd.DataFrame:
        """Read a table that evaluation wrote beside its metrics.

        Args:
            name: Of the file; its columns are in `crosswarp.evaluation.tables`.

        Returns:
            Numbers are floats, also where all of a column happen to be whole.
        """
        _ = self.metrics  # has their digests
        path = self._present(name, "crosswarp evaluate")
        table = read_table(path, COLUMNS[name], text=TEXT)
        whole = table.select_dtypes("integer").columns
        return table.astype(dict.fromkeys(whole, float))

    def cell_folders(self, model: str) -> list[Path]:
        """List what training left of a model: one folder a repeat and fold."""
        return fold_folders(self.folder, model)

    def _present(self, name: str, command: str) -> Path:
        path = self.folder / name
        if not path.is_file():
            msg = f"no {name} in the run; `{command}` writes it"
            raise MissingDerivativeError(msg)
        return path
