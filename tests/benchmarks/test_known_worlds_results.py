"""One table of a study of known worlds, whatever of it is done, and its page."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from benchmarks.known_worlds import beside
from benchmarks.known_worlds.cohort import ORACLE
from benchmarks.known_worlds.figures import main
from benchmarks.known_worlds.page import (
    CURVES,
    NULL,
    beside_table,
    page_tables,
    read_numbers,
    sibling,
)
from benchmarks.known_worlds.results import world_rows
from benchmarks.validation_study.figures import NOTE

from crosswarp.bids.cohort import VIRTUAL_NOTICE, write_cohort
from crosswarp.bids.tables import write_table
from crosswarp.study.names import COHORT, EXCHANGE, PREDICTIONS
from tests.tiny_maps import tiny_cohort

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
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of one cohort of two folds: a model lacks the second."""
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
    return work


@pytest.fixture(scope="module")
def rows(work: Path) -> list[dict[str, Any]]:
    """What the study's table has."""
    return world_rows(work / "study-both-8", "both", CHOICES)


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


def test_real_heads_held_out_stand_beside_ordinary_folds(
    work: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(work, copy)
    shutil.copytree(copy / "study-both-8", copy / "study-by-head-both-8")
    shutil.rmtree(copy / "study-both-8/both-1-8/some/models/jsm_alone")
    people = tiny_cohort(8).assign(head=["a", "b"] * 4)
    write_cohort(copy / "both-1-8" / COHORT, people)
    table = tmp_path / "by-head.tsv"
    beside.main(["by-head", str(table), str(copy)])
    rows = read_numbers(table).set_index("model")
    both_ways = ["auc", "auc_usual"]
    assert rows.loc["cross_attention", both_ways].tolist() == [0.875, 0.875]
    assert rows.loc["oracle", both_ways].tolist() == [0.75, 0.75]
    assert rows.loc["jsm_alone", both_ways].isna().tolist() == [False, True]
    lines = beside_table(read_numbers(table))
    assert lines[0] == "| model | both, 2 heads |"
    assert lines[2].startswith("| oracle | 0.750")
    assert "| cross attention | 0.875 ± 0.18 / 0.875 ± 0.18 |" in lines
    assert "| gating | 1.000 / 1.000 |" in lines
    assert "| JSM alone | 0.625 ± 0.53 |" in lines


def test_maps_of_the_chain_stand_beside_true_ones(work: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(work, copy)
    shutil.copytree(work, copy / "scanned")
    shutil.rmtree(copy / "study-both-8/both-1-8/some/models/gating")
    write_cohort(copy / "scanned/both-1-8" / COHORT, tiny_cohort(8))
    table = tmp_path / "scanned.tsv"
    beside.main(["scanned", str(table), str(copy)])
    lines = beside_table(read_numbers(table))
    assert lines[0] == "| model | both, 8 participants |"
    assert "| cross attention | 0.875 ± 0.18 / 0.875 ± 0.18 |" in lines
    assert "| gating | 1.000 |" in lines


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
