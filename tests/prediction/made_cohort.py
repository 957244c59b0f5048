"""A network trained in a moment on tiny maps, and another cohort of such maps."""

from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from crosswarp.bids.cohort import read_cohort, write_cohort
from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import write_dataset_description
from crosswarp.inputs.folds import make_folds, write_folds
from crosswarp.inputs.store import write_store
from crosswarp.preprocessing.ledger import Ledger
from crosswarp.preprocessing.ledger_row import LedgerRow
from crosswarp.preprocessing.quality import Verdict
from crosswarp.training.experiment import read_experiment
from crosswarp.training.fold import train_fold
from crosswarp.training.plan import plan_run
from tests.tiny_maps import RESOLUTION, SPACE, tiny_cohort, write_tiny_cohort

MODEL = {"like": "compact_jsm", "name": "jsm", "features": 8, "standardise": "fixed"}


def write_other_cohort(
    folder: Path,
    participants: int = 12,
    *,
    name: str = "E",
    seed: int = 5,
    age: float = 75.0,
    site: str = "b",
) -> Path:
    """Write the maps of a cohort, its table beside them; return the folder of maps."""
    write_tiny_cohort(folder, participants, seed=seed, name=name)
    maps = folder / "derivatives"
    write_dataset_description(maps, "tiny maps")
    known = _described(tiny_cohort(participants, name), age, site, seed)
    write_cohort(folder / "cohort.tsv", known)
    write_ledger(maps, known, volume=1400.0)
    return maps


def write_ledger(maps: Path, cohort: pd.DataFrame, volume: float) -> None:
    """Write the ledger of maps that were never made from scans."""
    ledger = Ledger(maps)
    for number, row in enumerate(cohort.to_dict("records")):
        scan = ScanId.from_row(str(row["participant_id"]), row["session_id"])
        numbers = {"brain_volume_cm3": volume + 10 * (number % 3), "overlap": 0.95}
        words = ("", 1.0, 100.0, f"{scan.label}", "deepbet", numbers)
        ledger.add(LedgerRow(scan, (SPACE, RESOLUTION), "ok", Verdict.OK, *words))
    ledger.write()


def train(folder: Path, folds: int = 2) -> Path:
    """Train a network on each fold of a tiny cohort; return the model's folder."""
    write_tiny_cohort(folder, 16)
    known = _described(read_cohort(folder / "cohort.tsv"), 70.0, "a", 0)
    write_cohort(folder / "cohort.tsv", known)
    write_ledger(folder / "derivatives", known, volume=1300.0)
    write_folds(folder / "folds.tsv", make_folds(known, folds=2))
    choices = {
        "name": "tiny",
        "seed": 1,
        "cohort": "cohort.tsv",
        "derivatives": "derivatives",
        "folds": "folds.tsv",
        "models": [MODEL],
        "training": {"epochs": 4, "batch_size": 4, "learning_rate": 0.02},
    }
    path = folder / "experiment.yaml"
    path.write_text(yaml.safe_dump(choices))
    plan, run = plan_run(read_experiment(path)), folder / "run"
    write_store(run / "cache", plan.samples, plan.grid)
    for cell in plan.cells(run)[:folds]:
        train_fold(cell)
    return run / "models" / "jsm"


def _described(cohort: pd.DataFrame, age: float, site: str, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return cohort.assign(
        age_years=np.round(age + rng.normal(0, 5, len(cohort)), 1),
        sex=[("F", "M")[n % 3 == 0] for n in range(len(cohort))],
        site=site,
        field_strength_t=3.0,
    )
