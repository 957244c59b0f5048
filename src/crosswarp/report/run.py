"""A run folder as the report reads it: everything on demand, nothing computed."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from crosswarp.bids.cohort import read_cohort
from crosswarp.bids.tables import read_table
from crosswarp.errors import MissingDerivativeError
from crosswarp.evaluation.evaluate import COMPARISONS, METRICS, PREDICTIONS
from crosswarp.evaluation.predictions import Predictions, read_predictions
from crosswarp.evaluation.tables import COLUMNS
from crosswarp.files import file_digest, read_json, read_settings

EXPERIMENT = "experiment.yaml"
ENVIRONMENT = "environment.json"
LEDGER = "ledger.tsv"
ATTRIBUTION = "attribution"

POWER = "power.json"
MISSING = "missing.tsv"

TEXT = ["model", "reference", "class", "stage", "variable", "group", "site", "test"]
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
    def metrics(self) -> dict[str, Any]:
        """What `crosswarp evaluate` computed of these very predictions."""
        found: dict[str, Any] = read_json(self._present(METRICS, "crosswarp evaluate"))
        if found.get("predictions") != file_digest(self.predictions_path):
            raise MissingDerivativeError(_outdated(METRICS))
        return found

    @cached_property
    def comparisons(self) -> dict[str, dict[str, Any]]:
        """Differences to the reference model, by model."""
        table = self.evaluated(COMPARISONS)
        rows = [
            {str(name): value for name, value in row.items()}
            for row in table.to_dict("records")
        ]
        found = {str(row["model"]): row for row in rows}
        # The model of age, sex and head size alone is in no predictions.tsv.
        known, networks = set(self.metrics["models"]), set(self.predictions.models)
        if set(found) != known or not networks <= known:
            raise MissingDerivativeError(_outdated(COMPARISONS))
        return found

    @cached_property
    def experiment(self) -> dict[str, Any]:
        """Settings of the run, as resolved."""
        path = self._present(EXPERIMENT, "crosswarp compare")
        return read_settings(path)

    @cached_property
    def environment(self) -> dict[str, Any]:
        """Versions and machine of the training."""
        path = self._present(ENVIRONMENT, "crosswarp compare")
        found: dict[str, Any] = read_json(path)
        return found

    @cached_property
    def cohort(self) -> pd.DataFrame:
        """Age, sex and diagnosis of every scan."""
        return read_cohort(self.linked("cohort"))

    @cached_property
    def folds(self) -> pd.DataFrame:
        """Which participant is in which part of which fold."""
        columns = ["repeat", "fold", "participant_id", "split"]
        return read_table(self.linked("folds"), columns)

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """What became of each scan in preprocessing."""
        path = self.linked("derivatives") / LEDGER
        if not path.is_file():
            msg = f"no {LEDGER} in the folder of derivatives"
            raise MissingDerivativeError(msg)
        return read_table(path, ["participant_id", "status"])

    @cached_property
    def left_out(self) -> pd.DataFrame:
        """Scans that training went on without, for want of maps; empty when none."""
        path = self.folder / MISSING
        columns = ["participant_id", "session_id", "diagnosis", "lacks", "reason"]
        if not path.is_file():
            return pd.DataFrame(columns=columns)
        return read_table(path, columns, text=columns)

    def linked(self, name: str) -> Path:
        """Find a file or folder that the experiment names.

        A relative path counts from the run's folder.
        """
        given = self.experiment.get(name)
        if not isinstance(given, str):
            msg = f"{EXPERIMENT} names no {name}"
            raise MissingDerivativeError(msg)
        path = self.folder / given
        if not path.exists():
            msg = f"{name} is not where {EXPERIMENT} says ({path.name})"
            raise MissingDerivativeError(msg)
        return path

    def model_settings(self) -> dict[str, dict[str, Any]]:
        """Settings of each model by its name; empty without an experiment file."""
        try:
            listed = self.experiment.get("models", [])
        except MissingDerivativeError:
            return {}
        return {str(entry["name"]): entry for entry in listed if "name" in entry}

    def models(self) -> list[str]:
        """Names of the models, in the order of the experiment file."""
        scored = self.predictions.models
        ordered = [name for name in self.model_settings() if name in scored]
        return ordered + [name for name in scored if name not in ordered]

    def compared(self) -> list[str]:
        """Names of the models, then of the baselines that evaluation added."""
        networks = self.models()
        added = [name for name in self.metrics["models"] if name not in networks]
        return networks + added

    @cached_property
    def attribution(self) -> dict[str, Any]:
        """What `crosswarp explain` says of its maps of these very predictions."""
        path = self._present(f"{ATTRIBUTION}/{ATTRIBUTION}.json", "crosswarp explain")
        found: dict[str, Any] = read_json(path)
        if found.get("predictions_digest") != file_digest(self.predictions_path):
            raise MissingDerivativeError(_outdated(path.name, "crosswarp explain"))
        return found

    @cached_property
    def power(self) -> dict[str, Any]:
        """What `crosswarp power` found from these very predictions."""
        found: dict[str, Any] = read_json(self._present(POWER, "crosswarp power"))
        if found.get("predictions") != file_digest(self.predictions_path):
            raise MissingDerivativeError(_outdated(POWER, "crosswarp power"))
        return found

    def evaluated(self, name: str) -> pd.DataFrame:
        """Read a table that evaluation wrote beside its metrics.

        Args:
            name: Of the file; its columns are in `crosswarp.evaluation.tables`.

        Returns:
            Numbers are floats, also where all of a column happen to be whole.
        """
        # Tables have no digest of their own: they are as old as the metrics.
        _ = self.metrics
        path = self._present(name, "crosswarp evaluate")
        table = read_table(path, COLUMNS[name], text=TEXT)
        whole = table.select_dtypes("integer").columns
        return table.astype(dict.fromkeys(whole, float))

    def cell_folders(self, model: str) -> list[Path]:
        """List what training left of a model: one folder a repeat and fold."""
        return sorted((self.folder / "models" / model).glob("repeat-*_fold-*"))

    def _present(self, name: str, command: str) -> Path:
        path = self.folder / name
        if not path.is_file():
            msg = f"no {name} in the run; `{command}` writes it"
            raise MissingDerivativeError(msg)
        return path


def _outdated(name: str, command: str = "crosswarp evaluate") -> str:
    return (
        f"{name} is not of this predictions.tsv, which was written later; run"
        f" `{command}` again"
    )
