"""exchange_metrics: falls by hand, and when there is no measure."""

import numpy as np
import pandas as pd
import pytest

from crosswarp.bids.tables import write_table
from crosswarp.evaluation.exchange import exchange_metrics
from crosswarp.evaluation.predictions import check_predictions
from tests.evaluation.made_predictions import rows

DIAGNOSES = ["CN", "CN", "AD", "AD"] * 2
FOLDS = [0] * 4 + [1] * 4
RIGHT = [0.1, 0.2, 0.8, 0.9] * 2


def exchanged(probabilities, name: str, draw: int = 0) -> pd.DataFrame:
    table = rows(DIAGNOSES, {"a": probabilities}, FOLDS).drop(columns="split")
    return table.assign(map=name, draw=draw, donor_id="sub-x", donor_session_id="n/a")


@pytest.fixture
def predictions():
    return check_predictions(rows(DIAGNOSES, {"a": RIGHT, "b": RIGHT}, FOLDS), "table")


def measure(folder, tables, predictions):
    write_table(folder / "exchange.tsv", pd.concat(tables))
    return exchange_metrics(folder, predictions, 200, 0).model_dump()


def test_falls_by_hand(tmp_path, predictions) -> None:
    # One of two AD scans falls below one of two CN scans: 3 of 4 pairs are right.
    worse = [0.1, 0.8, 0.2, 0.9] * 2
    tables = [
        *(exchanged(RIGHT, "t1w", draw) for draw in (0, 1)),
        exchanged(worse, "jsm", 0),
        exchanged(RIGHT, "jsm", 1),
    ]
    found = measure(tmp_path, tables, predictions)
    assert found["draws"] == 2
    assert found["reason"] is None
    # Baselines have no exchange: only the network is there.
    assert set(found["models"]) == {"a"}
    t1w, jsm = found["models"]["a"]["t1w"], found["models"]["a"]["jsm"]
    for estimate in (t1w["auc_fall"], t1w["logit_change"]):
        assert estimate["value"] == pytest.approx(0, abs=1e-12)
        assert estimate["low"] is None
    assert jsm["unused"] is False
    assert jsm["auc_fall"]["value"] == pytest.approx(0.125)
    # In one of two draws two of four scans move by 2 log 4.
    assert jsm["logit_change"]["value"] == pytest.approx(np.log(16) / 4)
    assert jsm["auc_fall"]["low"] < 0.125 < jsm["auc_fall"]["high"]


def test_logits_are_taken_where_probabilities_are_all_one(tmp_path) -> None:
    def with_logits(table: pd.DataFrame, positive: float) -> pd.DataFrame:
        return table.assign(logit_CN=0.0, logit_AD=positive)

    sure = [1.0] * 8
    table = with_logits(rows(DIAGNOSES, {"a": sure}, FOLDS), 700.0)
    predictions = check_predictions(table, "table")
    tables = [
        with_logits(exchanged(sure, name), logit)
        for name, logit in (("t1w", 700.0), ("jsm", 650.0))
    ]
    found = measure(tmp_path, tables, predictions)["models"]["a"]
    assert found["t1w"]["logit_change"]["value"] == 0
    assert found["t1w"]["unused"] is True
    assert found["jsm"]["logit_change"]["value"] == pytest.approx(50)


def test_three_classes(tmp_path) -> None:
    diagnoses = ["CN", "MCI", "AD"] * 4
    folds = [0] * 6 + [1] * 6
    table = rows(diagnoses, {"a": [0.2] * 12}, folds)
    shares = pd.DataFrame(
        {
            f"probability_{name}": [0.8 if d == name else 0.1 for d in diagnoses]
            for name in ("CN", "MCI", "AD")
        }
    )
    table = table.drop(columns=["probability_CN", "probability_AD"]).join(shares)
    predictions = check_predictions(table, "table")
    same = [
        table.drop(columns="split").assign(map=name, draw=0) for name in ("t1w", "jsm")
    ]
    found = measure(tmp_path, same, predictions)["models"]["a"]
    assert found["jsm"]["auc_fall"]["value"] == 0
    assert found["jsm"]["logit_change"]["value"] == pytest.approx(0)


def test_a_run_without_exchange_says_so(tmp_path, predictions) -> None:
    found = exchange_metrics(tmp_path, predictions, 200, 0).model_dump()
    assert found["models"] == {}
    assert "no exchange.tsv" in found["reason"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda table: table.iloc[1:],
        lambda table: table.assign(model="c"),
        lambda table: table.assign(participant_id="sub-z"),
        lambda table: table.drop(columns="probability_AD"),
    ],
    ids=["a scan lacks", "another model", "another participant", "another class"],
)
def test_an_exchange_of_other_predictions_is_not_used(
    tmp_path, predictions, spoil
) -> None:
    found = measure(tmp_path, [spoil(exchanged(RIGHT, "jsm"))], predictions)
    assert found["models"] == {}
    assert "not of this predictions.tsv" in found["reason"]


def test_a_fold_of_one_participant_has_no_exchange(tmp_path) -> None:
    """Training writes no rows for it."""
    folds = [0] * 7 + [1]
    table = rows(DIAGNOSES, {"a": RIGHT}, folds)
    predictions = check_predictions(table, "table")
    of_fold = exchanged(RIGHT, "jsm").assign(fold=folds).query("fold == 0")
    found = measure(tmp_path, [of_fold], predictions)
    assert found["models"]["a"]["jsm"]["auc_fall"]["value"] == 0
