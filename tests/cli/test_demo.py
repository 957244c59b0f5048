"""What `crosswarp demo` prints of its stages and models."""

import pandas as pd
from rich.console import Console
from rich.table import Table

from crosswarp.cli.demo_tables import models_table, stages_table


def printed(table: Table) -> str:
    console = Console(width=100, record=True)
    console.print(table)
    return console.export_text()


def test_stages_have_seconds() -> None:
    timings = pd.DataFrame(
        [("train", 61.4, 16)], columns=["stage", "seconds", "pieces"]
    )
    text = printed(stages_table(timings))
    assert "train" in text
    assert "16" in text
    assert "61" in text


def test_models_have_spread_and_interval() -> None:
    row = {
        "model": "jsm_only",
        "auc_mean": 0.9,
        "auc_sd": 0.05,
        "auc": 0.89,
        "auc_low": 0.8,
        "auc_high": 0.95,
    }
    text = printed(models_table(pd.DataFrame([row])))
    assert "0.900 ± 0.050" in text
    assert "0.890 [0.800, 0.950]" in text
