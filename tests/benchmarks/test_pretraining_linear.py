"""A linear model of what encoders have learned: fitted on training parts alone."""

from pathlib import Path

import numpy as np
from benchmarks.models import Cohort
from benchmarks.pretraining_linear import predicted, products, scaled
from sklearn.metrics import roc_auc_score

from crosswarp.bids.cohort import read_cohort, write_cohort
from crosswarp.inputs.fold_choices import FoldChoices
from crosswarp.inputs.fold_designs import make_chosen_folds
from tests.tiny_maps import tiny_cohort


def test_products_are_centred_and_scaled_by_the_training_part() -> None:
    rows = np.random.default_rng(0).normal(size=(6, 9))
    train = np.array([True, True, True, True, False, False])
    centred = rows - rows[train].mean(axis=0)
    expected = centred @ centred.T / (centred[train] ** 2).sum(axis=1).mean()
    np.testing.assert_allclose(scaled(products(rows), train), expected)


def test_each_participant_is_told_apart_where_it_is_tested(tmp_path: Path) -> None:
    write_cohort(tmp_path / "cohort.tsv", tiny_cohort(12))
    table = read_cohort(tmp_path / "cohort.tsv")
    folds = make_chosen_folds(table, FoldChoices(2, validation_fraction=0.0)).table
    rows = (table["diagnosis"] == "AD").to_numpy(dtype=float)[:, None] * np.ones((1, 3))
    found = predicted("any", [products(rows)], folds, Cohort("tested", tmp_path))
    assert sorted(found["participant_id"]) == table["participant_id"].tolist()
    assert roc_auc_score(found["diagnosis"] == "AD", found["probability_AD"]) == 1
