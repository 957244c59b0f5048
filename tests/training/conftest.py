"""A tiny experiment on disk."""

from pathlib import Path

import pytest
import yaml

from crosswarp.bids.cohort import read_cohort
from crosswarp.inputs.folds import make_folds, write_folds
from crosswarp.inputs.store import write_store
from crosswarp.training.cell import CellRequest
from crosswarp.training.experiment import read_experiment
from crosswarp.training.plan import plan_run
from tests.tiny_maps import write_tiny_cohort

JSM = {"like": "compact_jsm", "name": "jsm", "features": 8, "standardise": "fixed"}

CHOICES = {
    "name": "tiny",
    "seed": 1,
    "cohort": "cohort.tsv",
    "derivatives": "derivatives",
    "folds": "folds.tsv",
    "models": [JSM],
    "training": {
        "epochs": 6,
        "batch_size": 4,
        "learning_rate": 0.003,
        "optimiser": "adamw",
        "schedule": "one_cycle",
    },
}


class Tiny:
    """A folder with a cohort, its maps and folds, and an experiment file to write."""

    models = CHOICES["models"]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        write_tiny_cohort(folder)
        cohort = read_cohort(folder / "cohort.tsv")
        write_folds(folder / "folds.tsv", make_folds(cohort, folds=2))

    def write(self, **changes: object) -> Path:
        path = self.folder / "experiment.yaml"
        path.write_text(yaml.safe_dump({**CHOICES, **changes}))
        return path

    def cells(self, **changes: object) -> list[CellRequest]:
        """Cells of the experiment, their maps in place."""
        plan = plan_run(read_experiment(self.write(**changes)))
        run = self.folder / "run"
        write_store(run / "cache", plan.samples, plan.grid)
        return plan.cells(run)

    def training(self, **changes: object) -> dict[str, object]:
        return {**CHOICES["training"], **changes}


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    return Tiny(tmp_path)
