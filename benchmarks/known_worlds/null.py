"""Patterns where there is nothing to find: controls of known worlds, halved by chance.

Run from the root of the repository, on a WORK as `benchmarks.known_worlds` leaves it::

    python -m benchmarks.known_worlds.null WORK TABLE.tsv [NETWORK ...]

One study is the healthy participants of one cohort, half of those from each real head
called AD. Models and training are those of ``study.yml``; networks that are named are
trained alone.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import yaml

from benchmarks.known_worlds.curves import BASELINES, experiment_of
from benchmarks.known_worlds.results import CHOICES
from crosswarp.bids.cohort import read_cohort, write_cohort
from crosswarp.bids.tables import read_table, write_table
from crosswarp.evaluation.evaluate import evaluate_run
from crosswarp.inputs.folds import make_folds, write_folds
from crosswarp.study.names import COHORT, COMPARISONS, FOLDS
from crosswarp.training.cross_validation import cross_validate

NETWORKS: Final = (
    "patterns_crossed",
    "patterns_added",
    "patterns_t1w",
    "patterns_jsm",
    "cross_attention",
)


def main(arguments: Sequence[str]) -> None:
    """Train what is left to train, write the table."""
    work, table = map(Path, arguments[:2])
    choices = yaml.safe_load(CHOICES.read_text(encoding="utf-8"))
    run(work, table, choices, arguments[2:] or NETWORKS)


def run(
    work: Path,
    table: Path,
    choices: Mapping[str, Any],
    networks: Sequence[str] = NETWORKS,
) -> None:
    """Make a study of the controls of each cohort.

    Args:
        work: Folder with the cohorts' folders; the studies go to ``null`` in it.
        table: Where to write the table, after each study.
        choices: As in ``study.yml``: number of folds, models and their training.
        networks: Which of the models; `BASELINES` stand beside them.
    """
    rows: list[dict[str, Any]] = []
    for cohort in sorted(path.parent for path in work.glob(f"*-*-*/{COHORT}")):
        place = work / "null" / cohort.name
        place.mkdir(parents=True, exist_ok=True)
        people = dealt_by_chance(read_cohort(cohort / COHORT), cohort.name)
        write_cohort(place / COHORT, people)
        folds = make_folds(people, choices["folds"], validation_fraction=0.0)
        write_folds(place / FOLDS, folds)
        study = place / "study"
        cross_validate(experiment_of(place, cohort, choices, networks), study)
        evaluate_run(study)
        rows += rows_of(study, (*networks, *BASELINES))
        write_table(table, pd.DataFrame(rows))


def dealt_by_chance(people: pd.DataFrame, seed: str) -> pd.DataFrame:
    """Keep the controls and call half of those from each real head AD.

    Args:
        people: Cohort with ``diagnosis`` and ``head``.
        seed: Of the dealing: a name, so that no other cohort changes it.
    """
    controls = people[people["diagnosis"] == "CN"].copy()
    rng = np.random.default_rng(list(seed.encode()))
    for places in controls.groupby("head").groups.values():
        chosen = rng.permutation(np.asarray(places))[: len(places) // 2]
        controls.loc[chosen, "diagnosis"] = "AD"
    return controls


def rows_of(study: Path, models: Sequence[str]) -> list[dict[str, Any]]:
    """List each model's AUC and its interval, as the report shows them.

    Args:
        study: Folder of an evaluated run.
        models: Names of those that are wanted.
    """
    found = read_table(study / COMPARISONS, text=("model",))
    return [
        {
            "cohort": study.parent.name,
            "model": row["model"],
            "auc": round(float(row["auc"]), 4),
            "low": round(float(row["auc_low"]), 4),
            "high": round(float(row["auc_high"]), 4),
        }
        for _, row in found.iterrows()
        if row["model"] in models
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
