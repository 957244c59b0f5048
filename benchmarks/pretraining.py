"""Does pretraining help? Each objective against fresh weights, by paired tests.

Run from the root of the repository, as often as needed (what is done stays as it is)::

    python -m benchmarks.pretraining WORK

``only=NAME`` pretrains and compares one row of ``benchmarks/pretraining.yml``, beside
those that are there; it can be repeated. WORK gets virtual scans that encoders learn
from, others that are told apart by diagnosis, the weights, a run
of all networks on the same folds, and ``pretraining.tsv``, one row for each objective,
which is also shown as the page has it.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
import yaml

from benchmarks.known_worlds.cohort import make_world
from benchmarks.known_worlds.results import CHOICES as WORLDS_CHOICES
from benchmarks.models import Cohort, linked_scans
from benchmarks.pooling import evaluate_together
from benchmarks.validation_study.page import markdown
from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.tables import read_table, write_table
from crosswarp.documents import read_json
from crosswarp.files import write_json
from crosswarp.inputs.folds import write_folds
from crosswarp.pretraining.pretrain import pretrain
from crosswarp.pretraining.settings import read_pretraining
from crosswarp.study.names import (
    COHORT,
    COMPARISONS,
    DERIVATIVES,
    FOLDS,
    LEARNING_CURVE,
    PREDICTIONS,
    PRETRAINING,
)
from crosswarp.training.cross_validation import cross_validate
from crosswarp.training.experiment import read_experiment

CHOICES: Final = Path(__file__).with_suffix(".yml")
TABLE: Final = "pretraining.tsv"
SECONDS: Final = "seconds.json"
WEIGHTS: Final = "weights"
_RUN: Final = "run"

LEARNED: Final = ("epochs", "first_loss", "last_loss", "cpu_s")
"""Columns of the pretraining itself; empty of fresh weights."""

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
    seen, tested = world_cohorts(work, choices)
    compare(work, tested, choices)
    for name in choices["objectives"]:
        if not wanted or name in wanted:
            learned(work, name, seen, choices)
            compare(work, tested, choices)


def world_cohorts(work: Path, choices: dict[str, Any]) -> tuple[list[Cohort], Cohort]:
    """Make the cohorts that encoders learn from, and the one that is told apart."""
    world = choices["world"]
    seen = [cohort_of(work, world, "seen", chosen) for chosen in choices["seen"]]
    return seen, cohort_of(work, world, "tested", choices["tested"])


def cohort_of(work: Path, world: str, role: str, chosen: dict[str, Any]) -> Cohort:
    """Make the maps of a cohort, or take those that are there.

    Args:
        work: Folder of the study.
        world: Known world of the participants.
        role: What the cohort is for.
        chosen: Its number of participants, its seed and its real heads.
    """
    size, seed, heads = chosen["participants"], chosen["seed"], tuple(chosen["heads"])
    return Cohort(role, make_world(work, world, size, seed, heads).resolve())


def learned(
    work: Path, name: str, seen: Sequence[Cohort], choices: dict[str, Any]
) -> None:
    """Pretrain, and keep how many seconds of the processor it took.

    Args:
        work: Folder of the study.
        name: Of the objective.
        seen: Cohorts whose scans encoders learn from.
        choices: As in ``pretraining.yml``.
    """
    folder = work / WEIGHTS / name
    folder.parent.mkdir(exist_ok=True)
    model = {**choices["model"], "name": name}
    content = {"name": name, "model": model, **linked_scans(work, seen)}
    content |= choices["pretraining"] | choices["objectives"][name]
    path = work / f"{name}.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    there, start = (folder / PRETRAINING).is_file(), time.process_time()
    pretrain(read_pretraining(path), folder)
    if not there:
        seconds = {"cpu_s": round(time.process_time() - start)}
        write_json(work / WEIGHTS / f"{name}-{SECONDS}", seconds)


def compare(work: Path, cohort: Cohort, choices: dict[str, Any]) -> None:
    """Train from all weights that are there, and test each against fresh ones.

    Args:
        work: Folder of the study.
        cohort: Participants of whom diagnoses are told.
        choices: As in ``pretraining.yml``.
    """
    made = sorted(path.parent for path in work.glob(f"{WEIGHTS}/*/{PRETRAINING}"))
    names = [choices["reference"], *(folder.name for folder in made)]
    folds = cohort.folds(choices["folds"], choices["repeats"])
    write_folds(work / FOLDS, folds)
    experiment = {
        "name": "pretraining",
        "seed": choices["seed"],
        "cohort": str(cohort.folder / COHORT),
        "derivatives": str(cohort.folder / DERIVATIVES),
        "folds": FOLDS,
        "models": [{**choices["model"], "name": name} for name in names],
        "volume_baselines": False,  # on virtual participants they know the answer
        "training": training_of(choices["stage"]),
        "pretrained": {folder.name: str(folder.resolve()) for folder in made},
    }
    path = work / "experiment.yaml"
    path.write_text(yaml.safe_dump(experiment), encoding="utf-8")
    cross_validate(read_experiment(path), work / _RUN)
    if not made:
        return
    predictions = read_table(work / _RUN / PREDICTIONS, text=("model",))
    tests = work / "compared"
    evaluate_together(tests, {cohort.name: predictions}, choices["reference"])
    found = read_table(tests / COMPARISONS, text=("model",))
    write_table(work / TABLE, table_of(work / WEIGHTS, found))
    sys.stdout.write("\n".join((*page_table(work / TABLE), "")))
    sys.stdout.flush()


def training_of(stage: str) -> dict[str, Any]:
    """Give the training of a stage of the known worlds.

    Args:
        stage: Name of the stage in ``known_worlds/study.yml``.
    """
    stages = yaml.safe_load(WORLDS_CHOICES.read_text(encoding="utf-8"))["stages"]
    (found,) = (each["training"] for each in stages if each["name"] == stage)
    return dict(found)


def table_of(weights: Path, found: pd.DataFrame) -> pd.DataFrame:
    """Give the table of all networks that were compared.

    Args:
        weights: Folder of the weights, one folder for each objective.
        found: As `crosswarp evaluate` writes ``comparisons.tsv``.
    """
    return pd.DataFrame(_row(weights, row) for _, row in found.iterrows())


def _row(weights: Path, row: "pd.Series[Any]") -> dict[str, Any]:
    curve = weights / row["model"] / LEARNING_CURVE
    seconds = weights / f"{row['model']}-{SECONDS}"
    values: dict[str, Any] = dict.fromkeys(LEARNED)
    if curve.is_file():
        losses = read_table(curve)["train_loss"].astype(float)
        ends = (round(float(losses.iloc[end]), 3) for end in (0, -1))
        cost = read_json(seconds)["cpu_s"] if seconds.is_file() else None
        values = dict(zip(LEARNED, (len(losses), *ends, cost), strict=True))
    return {"objective": row["model"], **values, **{k: row[k] for k in COLUMNS}}


def page_table(path: Path) -> list[str]:
    """Write the table as the page shows it.

    Args:
        path: Of ``pretraining.tsv``.
    """
    table = read_table(path, text=("objective", "test"))
    numbers = [str(name) for name in table if name not in ("objective", "test")]
    table[numbers] = table[numbers].astype(float)
    heading = (
        *("weights", "loss, first and last epoch", "AUC within folds [95 %]"),
        *("minus fresh [95 %]", "p", "p (Holm)", "permutation p"),
    )
    return [VIRTUAL_NOTICE, "", *markdown(heading, map(_cells, _ordered(table)))]


def _ordered(table: pd.DataFrame) -> "list[pd.Series[Any]]":
    """Sort by the difference, fresh weights first."""
    ordered = table.sort_values("difference", ascending=False, na_position="first")
    return [row for _, row in ordered.iterrows()]


def _cells(row: "pd.Series[Any]") -> tuple[str, ...]:
    auc = f"{row['auc']:.3f} [{row['auc_low']:.2f}, {row['auc_high']:.2f}]"
    if row.isna()["difference"]:
        return (row["objective"], "", auc, "", "", "", "")
    ends = f"[{row['difference_low']:+.2f}, {row['difference_high']:+.2f}]"
    return (
        row["objective"],
        f"{row['first_loss']:.2f}, {row['last_loss']:.2f}",
        auc,
        f"{row['difference']:+.3f} {ends}",
        *(f"{row[name]:.2f}" for name in ("p", "p_holm", "permutation_p")),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
