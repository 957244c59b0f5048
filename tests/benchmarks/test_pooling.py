"""Cohorts that are evaluated together are never mixed."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from benchmarks.pooling import evaluate_together

from crosswarp.bids.tables import read_table
from crosswarp.study.names import PREDICTIONS


def predictions(models: list[str], scores: list[float]) -> pd.DataFrame:
    """Eight participants in two folds; every model gives them the same scores."""
    people = [f"sub-{n:02d}" for n in range(8)]
    rows = pd.DataFrame(
        {
            "participant_id": people,
            "session_id": "n/a",
            "diagnosis": ["CN", "AD"] * 4,
            "repeat": 0,
            "fold": [0] * 4 + [1] * 4,
            "split": "test",
            "origin": "virtual",
            "probability_CN": 1 - np.array(scores),
            "probability_AD": scores,
        }
    )
    return pd.concat([rows.assign(model=name) for name in models])


@pytest.fixture
def pooled(tmp_path: Path) -> pd.DataFrame:
    """Two cohorts whose names have the same letters, each told apart perfectly.

    All scores of the second lie above those of the first.
    """
    tables = {
        "seed-1": predictions(["jsm", "own"], [0.1, 0.2] * 4),
        "seed1": predictions(["jsm", "other"], [0.8, 0.9] * 4),
    }
    evaluate_together(tmp_path, tables, "own")
    return read_table(tmp_path / PREDICTIONS)


def test_participants_and_folds_stay_those_of_their_cohort(pooled) -> None:
    assert set(pooled["model"]) == {"jsm"}
    assert pooled["participant_id"].nunique() == len(pooled) == 16
    assert pooled["fold"].nunique() == 4


@pytest.mark.usefixtures("pooled")
def test_only_pairs_of_one_fold_are_compared(tmp_path: Path) -> None:
    """Over both cohorts at once the AUC of these scores would be 0.75."""
    found = read_table(tmp_path / "comparisons.tsv").iloc[0]
    assert found["reference"] == "jsm"
    assert found["auc"] == 1
