"""Learning curves and null studies of known worlds: who is used, and the tables."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from benchmarks.known_worlds import curves, null
from benchmarks.known_worlds.cohort import ORACLE
from benchmarks.known_worlds.curves import first_of_folds, pool, rows_of, train_on

from crosswarp.bids.cohort import read_cohort, write_cohort
from crosswarp.bids.ids import ScanId
from crosswarp.bids.tables import read_table, write_table
from crosswarp.preprocessing.request import map_path
from crosswarp.preprocessing.scan import write_map
from crosswarp.registration.template import load_template
from crosswarp.simulation.drawn_cohort import write_template
from crosswarp.study.names import COHORT, DERIVATIVES
from crosswarp.types.arrays import SpatialMap

PEOPLE = pd.DataFrame(
    {
        "participant_id": [f"sub-{n:03d}" for n in range(1, 25)],
        "session_id": None,
        "diagnosis": ["CN", "AD"] * 12,
    }
)


def dealt(size: int) -> dict[int, dict[str, set[str]]]:
    """Participants of each split of each fold."""
    return {
        fold: {
            str(split): set(part["participant_id"])
            for split, part in table.groupby("split")
        }
        for fold, table in first_of_folds(PEOPLE, 3, size)
    }


def test_a_smaller_size_is_a_part_of_a_larger_one_and_tested_on_the_same() -> None:
    small, large = dealt(8), dealt(16)
    assert sorted(small) == sorted(large) == [0, 1, 2]
    diagnoses = PEOPLE.set_index("participant_id")["diagnosis"]
    for fold, parts in small.items():
        assert parts["train"] < large[fold]["train"]
        assert len(parts["train"]) == 8
        assert parts["test"] == large[fold]["test"]
        assert not parts["test"] & large[fold]["train"]
        counts = diagnoses[sorted(parts["train"])].value_counts()
        assert counts.to_dict() == {"CN": 4, "AD": 4}
    assert set.union(*(parts["test"] for parts in small.values())) == set(
        PEOPLE["participant_id"]
    )


def test_more_than_a_fold_has_is_refused() -> None:
    with pytest.raises(ValueError, match="18 participants to train on are more than"):
        dealt(18)


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """Twelve participants of two real heads, in whose maps AD is another mean."""
    cohort = tmp_path / "both-5-12"
    people = PEOPLE[:12].assign(origin="virtual", head=["a", "a", "b", "b"] * 3)
    template = load_template(2)
    write_template(cohort / DERIVATIVES, template)
    rng = np.random.default_rng(0)
    for name, diagnosis in people[["participant_id", "diagnosis"]].to_numpy():
        shift = 1.0 if diagnosis == "AD" else 0.0
        for desc in ("preproc", "logjacobian"):
            values = rng.normal(shift, 1.0, template.mask.shape) * template.mask
            path = map_path(cohort / DERIVATIVES, ScanId(name), 2, desc)
            image = SpatialMap(values.astype(np.float32), template.brain.affine)
            write_map(path, image)
    write_cohort(cohort / COHORT, people)
    known = people[["participant_id", "diagnosis"]]
    write_table(cohort / ORACLE, known.assign(oracle=[0.0, 1.0] * 6))
    return cohort


def choices(folds: int) -> dict[str, Any]:
    """One quick network called first."""
    stage = {
        "models": [{"like": "patterns_added", "name": "first"}],
        "training": {"epochs": 1, "batch_size": 4, "selection": "last"},
    }
    return {"folds": folds, "seed": 0, "stages": [stage]}


@pytest.mark.slow
def test_a_curve_of_two_folds(world: Path) -> None:
    work = world.parent
    pooled = pool(work / "pooled-both", [world])
    train_on(work / "curves-both", pooled, 4, choices(2), ("first",))
    people = read_cohort(work / "curves-both/004-0" / COHORT)["participant_id"]
    assert len(people) == 10
    assert people.str.startswith("sub-both512").all()
    rows = {row["model"]: row for row in rows_of(work)}
    assert set(rows) == {"oracle", "first", "svm_both"}
    assert rows["oracle"]["auc"] == 1.0
    assert rows["svm_both"] == {
        **{"world": "both", "trained_on": 4, "model": "svm_both", "folds": 2},
        **{"auc": pytest.approx(1.0), "sd": pytest.approx(0.0)},
    }
    curves.main([str(work / "curves.tsv"), str(work)])
    assert len(read_table(work / "curves.tsv")) == len(rows)


def test_controls_of_each_head_are_halved(world: Path) -> None:
    people = read_cohort(world / COHORT)
    dealt = null.dealt_by_chance(people, "both-1-12")
    controls = people.loc[people["diagnosis"] == "CN", "participant_id"]
    assert sorted(dealt["participant_id"]) == sorted(controls)
    counts = dealt.groupby("head")["diagnosis"].value_counts()
    assert (counts["a", "CN"], counts["a", "AD"]) == (2, 1)
    others = null.dealt_by_chance(people, "both-2-12")
    assert dealt["diagnosis"].tolist() != others["diagnosis"].tolist()


@pytest.mark.slow
def test_a_study_of_nothing_to_find(world: Path, tmp_path: Path) -> None:
    people = read_cohort(world / COHORT)
    write_cohort(world / COHORT, people.assign(diagnosis=["CN"] * 10 + ["AD"] * 2))
    table = tmp_path / "null.tsv"
    null.run(tmp_path, table, choices(2), ("first",))
    rows = read_table(table)
    assert rows["model"].tolist() == ["first", "svm_both"]
    assert set(rows["cohort"]) == {"both-5-12"}
    numbers = rows[["low", "auc", "high"]].astype(float).to_numpy()
    assert (np.diff(numbers) >= 0).all()


def test_runs_without_answers_have_no_rows(tmp_path: Path) -> None:
    (tmp_path / "curves-both/024-0").mkdir(parents=True)
    assert rows_of(tmp_path) == []
