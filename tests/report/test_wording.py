"""Numbers in words."""

import pytest

from crosswarp.report.parts import Table
from crosswarp.report.wording import ABSENT, interval, number, p_value, spread
from crosswarp.statistics.intervals import Estimate


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-0.1234, "\u22120.123"),
        (-0.0001, "0.000"),
        (float("nan"), ABSENT),
        (2.0, "2.000"),
    ],
)
def test_number(value: float, text: str) -> None:
    assert number(value) == text


def test_spread_and_interval_without_parts() -> None:
    assert spread(0.5, None) == "0.500"
    assert spread(None, None) == ABSENT
    assert interval(None) == ABSENT
    assert interval(Estimate(0.5, None, None), 1) == f"0.5 [{ABSENT}, {ABSENT}]"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0005, "< 0.001"), (0.04, "0.040"), (None, ABSENT), (float("nan"), ABSENT)],
)
def test_p_value(value: float | None, text: str) -> None:
    assert p_value(value) == text


def test_columns_of_numbers_are_known() -> None:
    table = Table(
        "t", ["a", "b", "c"], [["one", ABSENT, "< 0.001"], ["3d", "\u22121", "x"]]
    )
    assert [table.is_numeric(column) for column in range(3)] == [True, True, True]
    assert not Table("t", ["a"], [["one"], [ABSENT]]).is_numeric(0)
