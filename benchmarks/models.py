"""The paper's layers, better ones and linear models, on several virtual cohorts.

Run from the root of the repository, as often as needed (what is done stays as it is)::

    python -m benchmarks.models STUDY choose=FOLDER report=FOLDER report=FOLDER ...

``stage=NAME`` among them runs that stage alone; it can be repeated.

Each folder holds ``cohort.tsv`` and ``derivatives`` at 2 mm. STUDY gets a folder for
each cohort and stage of ``benchmarks/models.yml``, ``cells.tsv`` with one row for each
cohort, model and fold, and one evaluation over all cohorts of a role, in which only
pairs of participants of the same fold of the same cohort are compared.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
import yaml
from sklearn.metrics import roc_auc_score

from benchmarks.pooling import evaluate_together, letters
from crosswarp.bids.cohort import read_cohort
from crosswarp.bids.tables import read_table, write_table
from crosswarp.inputs.fold_choices import FoldChoices
from crosswarp.inputs.fold_designs import make_chosen_folds
from crosswarp.inputs.folds import write_folds
from crosswarp.pretraining.pretrain import pretrain
from crosswarp.pretraining.settings import read_pretraining
from crosswarp.study.names import COHORT, PREDICTIONS
from crosswarp.training.cross_validation import cross_validate
from crosswarp.training.experiment import read_experiment

CHOICES: Final = Path(__file__).with_suffix(".yml")
CELLS: Final = "cells.tsv"
WEIGHTS: Final = "pretrained"
ROLES: Final = ("choose", "report")


@dataclass(frozen=True)
class Cohort:
    """A folder with scans of one seed, and what it is for."""

    role: str
    folder: Path

    @property
    def name(self) -> str:
        """Name of its folder."""
        return self.folder.name

    @property
    def label(self) -> str:
        """Its name as a part of a participant's."""
        return letters(self.name)

    def renamed(self, table: pd.DataFrame) -> pd.DataFrame:
        """Give participants names that no other cohort's participants have."""
        people = table["participant_id"].str.replace("sub-", f"sub-{self.label}")
        return table.assign(participant_id=people)

    def folds(
        self, folds: int, repeats: int = 1, leave_one_out: str | None = None
    ) -> pd.DataFrame:
        """Deal its participants to folds, without a part to choose epochs by.

        Args:
            folds: Number of folds.
            repeats: Number of times they are dealt.
            leave_one_out: Column whose values are held out in turn.
        """
        chosen = FoldChoices(
            folds, repeats, validation_fraction=0.0, leave_one_out=leave_one_out
        )
        return make_chosen_folds(read_cohort(self.folder / COHORT), chosen).table


def main(arguments: Sequence[str]) -> None:
    """Train what is left to train; write the tables after each run."""
    study = Path(arguments[0])
    pairs = [argument.split("=", 1) for argument in arguments[1:]]
    wanted = [name for word, name in pairs if word == "stage"]
    cohorts = [Cohort(r, Path(f).resolve()) for r, f in pairs if r in ROLES]
    choices = yaml.safe_load(CHOICES.read_text(encoding="utf-8"))
    for stage in choices["stages"]:
        if wanted and stage["name"] not in wanted:
            continue
        if stage.get("pretrained"):
            learn(study, [c for c in cohorts if c.role == "choose"], choices)
        for cohort in cohorts:
            if cohort.role in stage["roles"]:
                train(study, cohort, stage, choices)
                summarise(study, cohorts, choices)


def train(
    study: Path, cohort: Cohort, stage: dict[str, Any], choices: dict[str, Any]
) -> None:
    """Cross-validate the models of one stage on one cohort."""
    place = study / cohort.name
    place.mkdir(parents=True, exist_ok=True)
    folds = place / "folds.tsv"
    if not folds.is_file():
        held_out = choices.get("leave_one_out")
        chosen = cohort.folds(choices["folds"], leave_one_out=held_out)
        write_folds(folds, chosen)
    experiment = {
        "name": f"{stage['name']}, {cohort.name}",
        "seed": choices["seed"],
        "cohort": str(cohort.folder / "cohort.tsv"),
        "derivatives": str(cohort.folder / "derivatives"),
        "folds": folds.name,
        "models": stage["models"],
        "baselines": stage.get("baselines", []),
        "volume_baselines": False,  # on virtual participants they know the answer
        "training": stage["training"],
    }
    if stage.get("pretrained"):
        names = [model["name"] for model in stage["models"]]
        experiment["pretrained"] = dict.fromkeys(names, str(study.resolve() / WEIGHTS))
    path = place / f"{stage['name']}.yaml"
    path.write_text(yaml.safe_dump(experiment), encoding="utf-8")
    cross_validate(read_experiment(path), place / stage["name"])


def learn(study: Path, cohorts: Sequence[Cohort], choices: dict[str, Any]) -> None:
    """Pretrain on some cohorts, their participants under names of their own."""
    content = {"name": "benchmark", **linked_scans(study, cohorts)}
    path = study / "pretraining.yaml"
    path.write_text(yaml.safe_dump(content | choices["pretraining"]), encoding="utf-8")
    pretrain(read_pretraining(path), study / WEIGHTS)


def linked_scans(study: Path, cohorts: Sequence[Cohort]) -> dict[str, str]:
    """Link the maps of cohorts under names of their own, and list their scans.

    Virtual cohorts number their participants alike: ``sub-001`` of one is a stranger to
    ``sub-001`` of another. The list has no diagnoses.

    Args:
        study: Where to link to.
        cohorts: Whose maps are wanted.

    Returns:
        What a file of settings in ``study`` says of them.
    """
    seen = study / "seen"
    scans = []
    for cohort in cohorts:
        link_maps(cohort, seen)
        table = read_cohort(cohort.folder / "cohort.tsv")
        scans.append(cohort.renamed(table).drop(columns="diagnosis"))
    write_table(study / "seen.tsv", pd.concat(scans))
    return {"derivatives": seen.name, "scans": "seen.tsv"}


def link_maps(cohort: Cohort, derivatives: Path) -> None:
    """Link a cohort's maps, and its template, under names of its own.

    Args:
        cohort: Whose maps are wanted.
        derivatives: Where to link to.
    """
    source = cohort.folder / "derivatives"
    for path in (*source.glob("sub-*/anat/*"), *source.glob("tpl-*")):
        place = path.relative_to(source).as_posix()
        link = derivatives / place.replace("sub-", f"sub-{cohort.label}")
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.exists():
            link.symlink_to(path.resolve())


def summarise(
    study: Path, cohorts: Sequence[Cohort], choices: dict[str, Any]
) -> pd.DataFrame:
    """Write one row a cell, and evaluate what all cohorts of a role have.

    Returns:
        The rows of ``cells.tsv``.
    """
    everything = {
        cohort: pd.concat([read_table(path, text=("model",)) for path in paths])
        for cohort in cohorts
        if (paths := sorted((study / cohort.name).glob(f"*/{PREDICTIONS}")))
    }
    cells = pd.DataFrame(
        row for cohort, table in everything.items() for row in _rows(cohort, table)
    )
    write_table(study / CELLS, cells)
    for role in ROLES:
        tables = {c.name: t for c, t in everything.items() if c.role == role}
        if tables:
            evaluate_together(study / f"all-{role}", tables, choices["reference"])
    return cells


def _rows(cohort: Cohort, table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    names = map(str, table.columns)
    positive = [name for name in names if name.startswith("probability_")][-1]
    tested = table[table["split"] == "test"]
    for (model, fold), part in tested.groupby(["model", "fold"], sort=False):
        truth = part["diagnosis"] == positive.removeprefix("probability_")
        yield {
            "role": cohort.role,
            "cohort": cohort.name,
            "model": model,
            "fold": fold,
            "tested": len(part),
            "auc": roc_auc_score(truth, part[positive]),
        }


if __name__ == "__main__":
    main(sys.argv[1:])
