"""Every fusion in every known world, against an oracle.

Run from the root of the repository, as often as needed (what is done stays as it is)::

    python -m benchmarks.known_worlds WORK world=both seed=21 seed=22 seed=23

``world=`` can be repeated (all five when left out), ``participants=96`` is the size of
a cohort, ``stage=NAME`` runs one stage of ``study.yml`` alone. WORK gets a folder of
maps for each world and seed, a study for each world, and ``worlds.tsv`` with the AUC of
each model in each world beside the oracle's on the same participants.
"""

import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
import yaml
from sklearn.metrics import roc_auc_score

from benchmarks.known_worlds.cohort import ORACLE, make_world
from benchmarks.models import Cohort, summarise, train
from crosswarp.bids.tables import read_table, write_table
from crosswarp.simulation.worlds import WORLDS

CHOICES: Final = Path(__file__).with_name("study.yml")
TABLE: Final = "worlds.tsv"
PARTICIPANTS: Final = 96


def main(arguments: Sequence[str]) -> None:
    """Make what is left to make, train what is left to train, write the table."""
    work = Path(arguments[0])
    asked = defaultdict(list)
    for argument in arguments[1:]:
        word, value = argument.split("=", 1)
        asked[word].append(value)
    choices = yaml.safe_load(CHOICES.read_text(encoding="utf-8"))
    size = int(asked["participants"][0]) if asked["participants"] else PARTICIPANTS
    rows: list[dict[str, Any]] = []
    for world in asked["world"] or list(WORLDS):
        cohorts = [
            Cohort("report", make_world(work, world, size, int(seed)).resolve())
            for seed in asked["seed"] or ["21"]
        ]
        study = work / f"study-{world}-{size}"
        for stage in choices["stages"]:
            if asked["stage"] and stage["name"] not in asked["stage"]:
                continue
            for cohort in cohorts:
                train(study, cohort, stage, choices)
        rows += _rows(world, cohorts, summarise(study, cohorts, choices))
    write_table(work / TABLE, pd.DataFrame(rows))


def _rows(
    world: str, cohorts: Sequence[Cohort], cells: pd.DataFrame
) -> list[dict[str, Any]]:
    """Mean AUC of each model over folds and cohorts; the oracle's over cohorts."""
    oracles = [read_table(cohort.folder / ORACLE) for cohort in cohorts]
    known = [
        float(roc_auc_score(t["diagnosis"] == "AD", t["oracle"].astype(float)))
        for t in oracles
    ]
    means = cells.groupby("model", sort=False)["auc"].mean()
    found = {"oracle": sum(known) / len(known), **means.to_dict()}
    return [
        {
            "world": world,
            "cohorts": len(cohorts),
            "participants": sum(len(table) for table in oracles),
            "model": model,
            "auc": round(auc, 4),
        }
        for model, auc in found.items()
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
