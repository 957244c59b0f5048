"""One table of a study of known worlds, whatever of it is done, and its page."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from benchmarks.known_worlds.cohort import ORACLE
from benchmarks.known_worlds.figures import main
from benchmarks.known_worlds.page import CURVES, NULL, page_tables, sibling
from benchmarks.known_worlds.results import world_rows
from benchmarks.validation_study.figures import NOTE

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.tables import write_table
from crosswarp.study.names import EXCHANGE, PREDICTIONS

CHOICES = {"folds": 2, "reference": "cross_attention"}
PAGE = Path(__file__).parents[2] / "docs/measured/known-worlds.md"


def predictions(model: str, fold: int, scores: list[float]) -> pd.DataFrame:
    """Four participants of a fold, CN and AD in turn."""
    return pd.DataFrame(
        {
            "model": model,
            "repeat": 0,
            "fold": fold,
            "split": "test",
            "participant_id": [f"sub-{fold}{n}" for n in range(4)],
            "session_id": "n/a",
            "diagnosis": ["CN", "AD"] * 2,
            "origin": "virtual",
            "probability_CN": 1 - np.array(scores),
            "probability_AD": scores,
        }
    )


def exchanged(table: pd.DataFrame) -> pd.DataFrame:
    """The same answers without the T1w image, and the opposite ones without the JSM."""
    turned = table.assign(probability_AD=table["probability_CN"])
    return pd.concat(
        [table.assign(map="t1w", draw=0), turned.assign(map="jsm", draw=0)]
    )


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Rows of one cohort of two folds: a model lacks the second."""
    work = tmp_path_factory.mktemp("worlds")
    cohort = work / "study-both-8" / "both-1-8"
    scores = {
        "cross_attention": [[0.1, 0.9, 0.2, 0.8], [0.6, 0.5, 0.1, 0.9]],
        "jsm_alone": [[0.9, 0.1, 0.2, 0.8], [0.1, 0.5, 0.1, 0.9]],
        "gating": [[0.1, 0.9, 0.2, 0.8]],
    }
    for model, folds in scores.items():
        for fold, chances in enumerate(folds):
            folder = cohort / "some/models" / model / f"repeat-0_fold-{fold}"
            folder.mkdir(parents=True)
            table = predictions(model, fold, chances)
            write_table(folder / PREDICTIONS, table)
            if model == "cross_attention":
                write_table(folder / EXCHANGE, exchanged(table))
    people = [f"sub-{fold}{n}" for fold in range(2) for n in range(4)]
    truth = {"participant_id": people, "diagnosis": ["CN", "AD"] * 4}
    (work / "both-1-8").mkdir()
    write_table(
        work / "both-1-8" / ORACLE,
        pd.DataFrame({**truth, "oracle": [-1, 1] * 3 + [1, -1]}),
    )
    return world_rows(cohort.parent, "both", CHOICES)


def test_what_is_complete_is_tested_and_the_rest_says_how_much_is_there(
    rows: list[dict[str, Any]],
) -> None:
    found = {row["model"]: row for row in rows}
    assert (found["oracle"]["auc"], found["oracle"]["folds"]) == (0.75, 2)
    assert found["cross_attention"]["auc"] == 0.875
    assert found["cross_attention"]["auc_within"] == 0.875
    assert found["cross_attention"]["lost_without_t1w"] == 0
    assert found["cross_attention"]["lost_without_jsm"] == 0.75
    assert found["jsm_alone"]["difference"] == pytest.approx(-0.25)
    assert found["gating"]["folds"] == 1
    assert "low" not in found["gating"]


def test_the_page_says_which_folds_are_lacking(
    rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    table = tmp_path / "table.tsv"
    write_table(table, pd.DataFrame(rows))
    lines = page_tables(table)
    assert lines.count(VIRTUAL_NOTICE) == 3
    assert any("| minus cross attention [95 %] |" in line for line in lines)
    assert "| cross attention | 0.00 / 0.75 |" in lines
    assert lines[4].startswith("| oracle | 0.750 ± 0.35")
    assert any("| gating | 1.000 (1 of 2) |" in line for line in lines)


def test_a_study_of_nothing_has_no_rows(tmp_path: Path) -> None:
    assert world_rows(tmp_path / "study-both-8", "both", CHOICES) == []


def curve_rows() -> pd.DataFrame:
    """A model that learns with more scans, in one world."""
    sizes = [24, 48] * 2
    models = ["oracle"] * 2 + ["patterns_added"] * 2
    values = {"auc": [0.9, 0.9, 0.6, 0.7], "sd": 0.05, "folds": 3}
    return pd.DataFrame(
        {"world": "both", "trained_on": sizes, "model": models, **values}
    )


def test_other_tables_of_the_page_stand_beside_its_own(
    rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    table = tmp_path / "table.tsv"
    write_table(table, pd.DataFrame(rows))
    write_table(sibling(table, CURVES), curve_rows())
    studies = {"cohort": ["a", "b"], "model": "gating", "auc": [0.4, 0.8]}
    intervals = {"low": [0.2, 0.6], "high": [0.6, 0.9]}
    write_table(sibling(table, NULL), pd.DataFrame({**studies, **intervals}))
    lines = page_tables(table)
    assert lines.count(VIRTUAL_NOTICE) == 5
    assert "| `both` | patterns added | 0.600 ± 0.05 | 0.700 ± 0.05 |" in lines
    assert "| gating | 2 | 1 | 1 | 0.600 ± 0.283 |" in lines


def test_figures_name_models_and_say_what_they_are_not(
    rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    table = tmp_path / "table.tsv"
    write_table(table, pd.DataFrame(rows))
    main([str(table)])
    assert not (tmp_path / "table/curves.svg").exists()
    write_table(sibling(table, CURVES), curve_rows())
    main([str(table)])
    for name, model in (("worlds", "cross attention"), ("curves", "patterns added")):
        text = (tmp_path / f"table/{name}.svg").read_text(encoding="utf-8")
        assert model in text
        assert NOTE in text


def test_the_page_has_its_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for line in page_tables(PAGE.with_suffix(".tsv")):
        assert line in text
