"""A cohort table with everything that folds can be balanced by, drawn from a seed."""

import numpy as np
import pandas as pd


def people(count: int = 96, seed: int = 0) -> pd.DataFrame:
    """Draw a cohort of CN and AD: sexes, ages, four sites of unequal size, families.

    The first twelve participants are six pairs of siblings.
    """
    rng = np.random.default_rng(seed)
    names = [f"sub-{n:03d}" for n in range(count)]
    return pd.DataFrame(
        {
            "participant_id": names,
            "session_id": "n/a",
            "diagnosis": rng.permutation(["CN", "CN", "AD"] * (count // 3)),
            "age_years": rng.normal(72, 8, count).round(1),
            "sex": rng.choice(["F", "M"], count),
            "site": rng.choice(["S1", "S2", "S3", "S4"], count, p=[0.4, 0.3, 0.2, 0.1]),
            "family": [f"F{n // 2}" if n < 12 else "n/a" for n in range(count)],
        }
    )


def counts(folds: pd.DataFrame, cohort: pd.DataFrame, split: str, by: str) -> list:
    """Count the participants of one split with each value, one list a fold."""
    table = folds[folds["split"] == split].merge(cohort, on="participant_id")
    cell = ["repeat", "fold"]
    sizes = table.pivot_table("session_id", cell, by, aggfunc="size", fill_value=0)
    return sizes.to_numpy().tolist()
