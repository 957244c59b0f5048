"""Does pretraining help? Each objective against fresh weights, by paired tests.

Run from the root of the repository, as often as needed (what is done stays as it is)::

    python -m benchmarks.pretraining WORK

``only=NAME`` pretrains and compares one row of ``benchmarks/pretraining.yml``, beside
those that are there; it can be repeated. WORK gets virtual scans that encoders learn
from, others from other real heads that are told apart by diagnosis, the weights, a run
of all networks on the same folds, and ``pretraining.tsv``, one row for each objective.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
import yaml

from benchmarks.known_worlds.cohort import make_world
from benchmarks.known_worlds.results import CHOICES as WORLDS_CHOICES
from benchmarks.models import Cohort, linked_scans
from benchmarks.pooling import evaluate_together
from crosswarp.bids.cohort import read_cohort
from crosswarp.bids.tables import read_table, write_table
from crosswarp.files import write_json
from crosswarp.inputs.fold_choices import FoldChoices
from crosswarp.inputs.fold_designs import make_chosen_folds
from crosswarp.inputs.folds import write_folds
from crosswarp.pretraining.pretrain import pretrain
from crosswarp.pretraining.settings import read_pretraining
from crosswarp.study.names import (
    COHORT,
    COMPARISONS,
    DERIVATIVES,
    LEARNING_CURVE,
    PREDICTIONS,
    PRETRAINING,
)
from crosswarp.training.cross_validation import cross_validate
from crosswarp.training.experiment import read_experiment

CHOICES: Final = Path(__file__).with_suffix(".yml")
TABLE: Final = "pretraining.tsv"
SECONDS: Final = "seconds.json"
_WEIGHTS: Final = "weights"
_RUN: Final = "run"

COLUMNS: Final = (
    *("auc", "auc_low", "auc_high", "difference", "difference_low", "difference_high"),
    *("test", "p", "p_holm", "permutation_p", "permutation_p_holm"),
)
"""Columns of ``comparisons.tsv`` that the table has, too."""


def main(arguments: Sequence[str]) -> None:
    """Make, pretrain and train what is left, and write the table."""
    work = Path(arguments[0])
    wanted = {argument.removeprefix("only=") for argument in arguments[1:]}
    choices = yaml.safe_load(CHOICES.read_text(encoding="utf-8"))
    seen, tested = (_world(work, choices, role) for role in ("seen", "tested"))
    scans = linked_scans(work, [seen])
    for name, differing in choices["objectives"].items():
        if wanted and name not in wanted:
            continue
        content = {"name": name, "model": choices["model"], **scans}
        _pretrain(work, name, content | choices["pretraining"] | differing)
        compare(work, tested, choices)


def _world(work: Path, choices: dict[str, Any], role: str) -> Cohort:
    chosen = choices[role]
    size, seed, heads = chosen["participants"], chosen["seed"], tuple(chosen["heads"])
    return Cohort(role, make_world(work, choices["world"], size, seed, heads).resolve())


def _pretrain(work: Path, name: str, content: dict[str, Any]) -> None:
    """Pretrain, and keep how many seconds of the processor it took."""
    path = work / f"{name}.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    folder = work / _WEIGHTS / name
    folder.parent.mkdir(exist_ok=True)
    there, start = (folder / PRETRAINING).is_file(), time.process_time()
    pretrain(read_pretraining(path), folder)
    if not there:
        seconds = {"cpu_s": round(time.process_time() - start)}
        write_json(work / _WEIGHTS / f"{name}-{SECONDS}", seconds)


def compare(work: Path, cohort: Cohort, choices: dict[str, Any]) -> None:
    """Train from all weights that are there, and test each against fresh ones.

    Args:
        work: Folder of the study.
        cohort: Participants of whom diagnoses are told.
        choices: As in ``pretraining.yml``.
    """
    made = sorted(path.parent for path in work.glob(f"{_WEIGHTS}/*/{PRETRAINING}"))
    names = [choices["reference"], *(folder.name for folder in made)]
    experiment = {
        "name": "pretraining",
        "seed": choices["seed"],
        "cohort": str(cohort.folder / COHORT),
        "derivatives": str(cohort.folder / DERIVATIVES),
        "folds": _folds(work, cohort, choices).name,
        "models": [{"like": choices["model"], "name": name} for name in names],
        "volume_baselines": False,  # on virtual participants they know the answer
        "training": _training(choices["stage"]),
        "pretrained": {folder.name: str(folder.resolve()) for folder in made},
    }
    path = work / "experiment.yaml"
    path.write_text(yaml.safe_dump(experiment), encoding="utf-8")
    cross_validate(read_experiment(path), work / _RUN)
    predictions = read_table(work / _RUN / PREDICTIONS, text=("model",))
    tests = work / "compared"
    evaluate_together(tests, {cohort.name: predictions}, choices["reference"])
    found = read_table(tests / COMPARISONS, text=("model",))
    write_table(work / TABLE, pd.DataFrame(_rows(work, found)))


def _folds(work: Path, cohort: Cohort, choices: dict[str, Any]) -> Path:
    path = work / "folds.tsv"
    if not path.is_file():
        chosen = FoldChoices(
            choices["folds"], repeats=choices["repeats"], validation_fraction=0.0
        )
        table = read_cohort(cohort.folder / COHORT)
        write_folds(path, make_chosen_folds(table, chosen).table)
    return path


def _training(stage: str) -> dict[str, Any]:
    """Give the training of a stage of the known worlds."""
    stages = yaml.safe_load(WORLDS_CHOICES.read_text(encoding="utf-8"))["stages"]
    (found,) = (each["training"] for each in stages if each["name"] == stage)
    return dict(found)


def _rows(work: Path, found: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for _, row in found.iterrows():
        curve = work / _WEIGHTS / row["model"] / LEARNING_CURVE
        losses = (
            read_table(curve)["train_loss"].astype(float) if curve.is_file() else []
        )
        yield {
            "objective": row["model"],
            "epochs": len(losses) or None,
            "first_loss": round(losses.iloc[0], 3) if len(losses) else None,
            "last_loss": round(losses.iloc[-1], 3) if len(losses) else None,
            **{name: row[name] for name in COLUMNS},
        }


if __name__ == "__main__":
    main(sys.argv[1:])
