"""A tiny experiment on disk."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from crosswarp.bids.cohort import read_cohort, write_cohort
from crosswarp.bids.ids import ScanId
from crosswarp.inputs.folds import make_folds, write_folds
from crosswarp.inputs.store import write_store
from crosswarp.training.cell import CellRequest
from crosswarp.training.experiment import read_experiment
from crosswarp.training.plan import plan_run
from tests.tiny_maps import map_path, write_tiny_cohort

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

    def add_second_sessions(self) -> None:
        """Give sub-00 (CN) and sub-01 (AD) a second scan, listed before the first."""
        cohort = read_cohort(self.folder / "cohort.tsv")
        later = cohort.iloc[:2].assign(session_id="ses-M12", age_years=71.0)
        first = cohort.iloc[:2].assign(session_id="ses-M00")
        maps = self.folder / "derivatives"
        for row in [*later.to_dict("records"), *first.to_dict("records")]:
            scan = ScanId(row["participant_id"], row["session_id"])
            for desc in ("preproc", "logjacobian"):
                old = map_path(maps, ScanId(scan.participant_id), desc)
                new = map_path(maps, scan, desc)
                new.parent.mkdir(parents=True, exist_ok=True)
                for end in (".nii.gz", ".json"):
                    source = old.with_name(old.name.replace(".nii.gz", end))
                    shutil.copy(source, new.with_name(new.name.replace(".nii.gz", end)))
        table = pd.concat([later, first, cohort.iloc[2:]])
        write_cohort(self.folder / "cohort.tsv", table)


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    return Tiny(tmp_path)
