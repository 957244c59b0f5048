"""One table of what every model reached in every known world.

Run from the root of the repository, on a WORK as `benchmarks.known_worlds` leaves it,
finished or not::

    python -m benchmarks.known_worlds.results WORK TABLE.tsv

A model of which all folds of all cohorts are there is evaluated by the package's own
paired tests; of the others the table has the mean of the folds that are there.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import yaml
from sklearn.metrics import roc_auc_score

from benchmarks.known_worlds.cohort import ORACLE
from benchmarks.pooling import evaluate_together
from crosswarp.bids.tables import read_table, write_table
from crosswarp.simulation.worlds import WORLDS
from crosswarp.study.names import COMPARISONS, EXCHANGE, PREDICTIONS

CHOICES: Final = Path(__file__).with_name("study.yml")

TESTED: Final = {
    "auc": "auc_within",
    "auc_low": "low",
    "auc_high": "high",
    "difference": "difference",
    "difference_low": "difference_low",
    "difference_high": "difference_high",
    "p": "p",
    "p_holm": "p_holm",
}
"""Columns of ``comparisons.tsv`` and their names in the table."""


def main(arguments: Sequence[str]) -> None:
    """Evaluate what is there and write the table."""
    work, table = map(Path, arguments)
    choices = yaml.safe_load(CHOICES.read_text(encoding="utf-8"))
    rows = [
        row
        for world in WORLDS
        for study in sorted(work.glob(f"study-{world}-*"))
        for row in world_rows(study, world, choices)
    ]
    write_table(table, pd.DataFrame(rows))


def world_rows(
    study: Path, world: str, choices: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """List what the oracle and each model of a world reached, best first.

    Args:
        study: Folder of the world's study, beside its cohorts' folders.
        world: Name of the world.
        choices: As in ``study.yml``: number of folds and the reference.
    """
    cohorts = sorted(path.name for path in study.glob(f"{world}-*"))
    tables = {name: tested_rows(study / name) for name in cohorts}
    tables = {name: table for name, table in tables.items() if len(table)}
    if not tables:
        return []
    cells = pd.concat(map(fold_areas, tables.values()), ignore_index=True)
    counts = cells["model"].value_counts()
    wanted = choices["folds"] * len(cohorts)
    complete = [str(model) for model, number in counts.items() if number == wanted]
    tests = _tests(study, tables, complete, choices["reference"])
    size = int(study.name.rsplit("-", 1)[1])
    start = {"world": world, "cohorts": len(cohorts), "participants": size}
    known = pd.concat(
        [
            oracle_areas(study.parent / name / ORACLE, table)
            for name, table in tables.items()
        ]
    )
    rows = [{**start, **summary("oracle", known["auc"])}]
    lost = pd.concat([exchanged_cells(study / name) for name in tables])
    means = cells.groupby("model")["auc"].mean().sort_values(ascending=False)
    for model in map(str, means.index):
        areas = cells.loc[cells["model"] == model, "auc"]
        row = {**start, **summary(model, areas), **tests.get(model, {})}
        rows.append({**row, **_lost(model, areas, lost)})
    return rows


def exchanged_cells(cohort: Path) -> pd.DataFrame:
    """AUC of each fold of each network with one map of other test participants.

    Args:
        cohort: Folder of a cohort's study; cells without such answers are left out.
    """
    found = [
        fold_areas(part).assign(map=str(name))
        for table in _cell_tables(cohort, EXCHANGE)
        for (name, _), part in table.groupby(["map", "draw"])
    ]
    return pd.concat(found) if found else pd.DataFrame(columns=["model", "map", "auc"])


def tested_rows(cohort: Path) -> pd.DataFrame:
    """Read the test predictions of all cells of a cohort's study that are done."""
    read = _cell_tables(cohort, PREDICTIONS)
    if not read:
        return pd.DataFrame()
    table = pd.concat(read, ignore_index=True)
    return table[table["split"] == "test"]


def _cell_tables(cohort: Path, name: str) -> list[pd.DataFrame]:
    paths = sorted(cohort.glob(f"*/models/*/repeat-*/{name}"))
    return [read_table(path, text=("model",)) for path in paths]


def summary(model: str, areas: "pd.Series[float]") -> dict[str, Any]:
    """Give the mean and SD of a model's AUC over folds.

    Args:
        model: Its name.
        areas: AUC of each fold.
    """
    return {
        "model": model,
        "folds": len(areas),
        "auc": round(float(areas.mean()), 4),
        "sd": round(float(areas.std()), 4) if len(areas) > 1 else None,
    }


def _lost(
    model: str, areas: "pd.Series[float]", lost: pd.DataFrame
) -> dict[str, float]:
    """AUC that a model loses when one of its maps is another participant's."""
    means = lost[lost["model"] == model].groupby("map")["auc"].mean()
    return {
        f"lost_without_{name}": round(float(areas.mean() - area), 4)
        for name, area in means.items()
    }


def fold_areas(table: pd.DataFrame) -> pd.DataFrame:
    """AUC of each model and fold of a table of test predictions."""
    rows = [
        {
            "model": model,
            "fold": fold,
            "auc": roc_auc_score(
                part["diagnosis"] == "AD", part["probability_AD"].astype(float)
            ),
        }
        for (model, fold), part in table.groupby(["model", "fold"])
    ]
    return pd.DataFrame(rows)


def oracle_areas(path: Path, table: pd.DataFrame) -> pd.DataFrame:
    """AUC of the oracle in the folds that the models were tested in."""
    folds = table.drop_duplicates("participant_id").set_index("participant_id")["fold"]
    oracle = read_table(path).set_index("participant_id")
    placed = oracle.loc[folds.index].assign(
        model="oracle", fold=folds, probability_AD=oracle["oracle"].astype(float)
    )
    return fold_areas(placed.reset_index())


def _tests(
    study: Path,
    tables: Mapping[str, pd.DataFrame],
    complete: Sequence[str],
    reference: str,
) -> dict[str, dict[str, Any]]:
    """Evaluate the complete models over all cohorts at once."""
    if len(complete) < 2:
        return {}
    folder = study / "all-complete"
    kept = {name: t[t["model"].isin(complete)] for name, t in tables.items()}
    evaluate_together(folder, kept, reference)
    found = read_table(folder / COMPARISONS, text=("model",)).set_index("model")
    values = found[list(TESTED)].astype(float).rename(columns=TESTED).round(4)
    return {
        str(model): {str(k): None if np.isnan(v) else v for k, v in row.items()}
        for model, row in values.iterrows()
    }


if __name__ == "__main__":
    main(sys.argv[1:])
