"""The table of pretraining: what was learned beside what came of it."""

from pathlib import Path

import pandas as pd
import yaml
from benchmarks.pretraining import (
    CHOICES,
    COLUMNS,
    SECONDS,
    page_table,
    table_of,
    training_of,
)

from crosswarp.bids.tables import write_table
from crosswarp.files import write_json
from crosswarp.study.names import LEARNING_CURVE


def test_each_objective_has_its_losses_and_its_test(tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    (weights / "age").mkdir(parents=True)
    losses = pd.DataFrame({"epoch": [0, 1, 2], "train_loss": [1.01, 0.5, 0.3]})
    write_table(weights / "age" / LEARNING_CURVE, losses)
    write_json(weights / f"age-{SECONDS}", {"cpu_s": 70})
    fresh = dict.fromkeys(COLUMNS) | {"auc": 0.8, "auc_low": 0.7, "auc_high": 0.9}
    tested = dict.fromkeys(COLUMNS, 0.25) | {"difference": -0.05, "test": "t"}
    found = pd.DataFrame([{"model": "fresh", **fresh}, {"model": "age", **tested}])
    made = table_of(weights, found)
    assert made["epochs"].isna().tolist() == [True, False]
    assert (made["last_loss"][1], made["cpu_s"][1]) == (0.3, 70)
    write_table(tmp_path / "table.tsv", made)
    *_, first, last = page_table(tmp_path / "table.tsv")
    assert first == "| fresh |  | 0.800 [0.70, 0.90] |  |  |  |  |"
    assert last.startswith("| age | 1.01, 0.30 | 0.250 [0.25, 0.25] | -0.050 [+0.25,")


def test_networks_are_trained_as_those_of_the_known_worlds() -> None:
    choices = yaml.safe_load(CHOICES.read_text(encoding="utf-8"))
    assert training_of(choices["stage"])["epochs"] == 20
