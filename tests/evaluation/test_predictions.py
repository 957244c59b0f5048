"""The table is refused, with its lines, whenever a number made from it would lie."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crosswarp.bids.tables import write_table
from crosswarp.errors import InputError, LeakageError
from crosswarp.evaluation.predictions import check_predictions, lines, read_predictions
from tests.evaluation.made_predictions import rows

DIAGNOSES = ["CN", "AD", "CN", "AD"]
FOLDS = [0, 0, 1, 1]
SCORES = {"a": [0.1, 0.9, 0.2, 0.8], "b": [0.3, 0.7, 0.4, 0.6]}


@pytest.fixture
def table() -> pd.DataFrame:
    return rows(DIAGNOSES, SCORES, FOLDS)


def test_file_is_read_sorted_and_whole(tmp_path: Path, table: pd.DataFrame) -> None:
    path = tmp_path / "predictions.tsv"
    write_table(path, table.sample(frac=1, random_state=1))
    read = read_predictions(path)
    assert read.classes == ("CN", "AD")
    assert read.positive == "AD"
    assert sorted(read.models) == ["a", "b"]
    assert not read.has_virtual
    assert read.of("a", "test")["probability_AD"].tolist() == SCORES["a"]
    assert read.of("a", "val").empty


def test_model_called_by_a_number_stays_text(
    tmp_path: Path, table: pd.DataFrame
) -> None:
    write_table(tmp_path / "p.tsv", table.assign(model="007").iloc[:4])
    assert read_predictions(tmp_path / "p.tsv").models == ("007",)


def test_data_set_without_sessions_is_fine(tmp_path: Path, table: pd.DataFrame) -> None:
    write_table(tmp_path / "p.tsv", table.assign(session_id=None))
    assert set(read_predictions(tmp_path / "p.tsv").table["session_id"]) == {"n/a"}


def test_probabilities_are_made_to_sum_to_one(table: pd.DataFrame) -> None:
    table["probability_AD"] += 5e-5
    numbers = check_predictions(table, "t").table[["probability_CN", "probability_AD"]]
    np.testing.assert_allclose(numbers.sum(axis=1), 1, rtol=0, atol=1e-15)


def test_missing_column_is_named(tmp_path: Path, table: pd.DataFrame) -> None:
    write_table(tmp_path / "p.tsv", table.drop(columns="fold"))
    with pytest.raises(InputError, match=r"p\.tsv lacks fold; it has model"):
        read_predictions(tmp_path / "p.tsv")


@pytest.mark.parametrize(
    ("column", "row", "value", "message"),
    [
        ("probability_AD", 2, 0.7, r"sum to one, which fails in line 4"),
        ("probability_AD", 1, np.nan, r"sum to one, which fails in line 3"),
        ("probability_CN", 1, -0.1, r"must lie in 0 to 1"),
        ("diagnosis", 3, "MCI", r"diagnosis must be one of CN, AD, got MCI in line 5"),
        (
            "diagnosis",
            3,
            None,
            r"diagnosis must be one of CN, AD, got (nan|None) in line 5",
        ),
        ("split", 0, "train", r"split must be one of val, test, got train in line 2"),
        ("origin", 0, "fake", r"origin must be one of real, virtual, got fake"),
        ("participant_id", 6, None, r"lacks a model, .* participant in line 8"),
        ("diagnosis", 0, "AD", r"several diagnoses: lines 2, 6"),
        ("fold", 4, 1, r"a and b must be scored .* only one of them has lines 2, 6"),
        ("session_id", 7, "ses-M12", r"only one of them has lines 5, 9"),
    ],
)
def test_bad_value_is_refused_with_its_line(
    table: pd.DataFrame, column: str, row: int, value: object, message: str
) -> None:
    table[column] = table[column].astype("object")
    table.loc[row, column] = value
    with pytest.raises(InputError, match=message):
        check_predictions(table, "the table")


def test_repeated_row_is_refused(table: pd.DataFrame) -> None:
    twice = pd.concat([table, table.iloc[[2]]], ignore_index=True)
    with pytest.raises(InputError, match=r"a scan twice .*: line 10; keep one"):
        check_predictions(twice, "t")


def test_one_class_is_refused() -> None:
    table = rows(["AD", "AD"], {"a": [0.1, 0.9]}, [0, 1])
    with pytest.raises(InputError, match=r"two or more classes .* a has AD in lines 2"):
        check_predictions(table, "t")


def test_validation_rows_alone_are_refused(table: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r"a has no test scan"):
        check_predictions(table.assign(split="val"), "t")


def test_one_probability_column_is_refused(table: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r"a column probability_<class> for each"):
        check_predictions(table.drop(columns="probability_CN"), "t")


def test_empty_table_is_refused(table: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r"t has no row; train a model first"):
        check_predictions(table.iloc[:0], "t")


def test_participant_tested_in_two_folds_is_leakage(table: pd.DataFrame) -> None:
    again = table.iloc[[0, 4]].assign(fold=1, session_id="ses-M12")
    both = pd.concat([table, again], ignore_index=True)
    with pytest.raises(LeakageError, match=r"two folds of one repeat: lines 2, 6, 10"):
        check_predictions(both, "t")


def test_participant_in_validation_and_test_is_leakage(table: pd.DataFrame) -> None:
    again = table.iloc[[0, 4]].assign(split="val", session_id="ses-M12")
    both = pd.concat([table, again], ignore_index=True)
    with pytest.raises(LeakageError, match=r"validation and test of one fold: lines 2"):
        check_predictions(both, "t")


def test_many_lines_are_counted() -> None:
    assert lines(range(9)) == "lines 2, 3, 4, 5, 6 and 4 more"
