"""Standardised differences: in units of spread, and none where there is none."""

import pytest

from crosswarp.statistics.standardised import of_means, of_shares


def test_means_differ_in_units_of_the_mean_variance() -> None:
    assert of_means(75.0, 70.0, 3.0, 4.0) == pytest.approx(5 / (12.5**0.5))
    assert of_means(75.0, 70.0, None, 4.0) is None
    assert of_means(75.0, 70.0, 0.0, 0.0) is None


def test_shares_differ_likewise() -> None:
    assert of_shares(0.6, 0.5) == pytest.approx(0.1 / ((0.24 + 0.25) / 2) ** 0.5)
    assert of_shares(1.0, 1.0) is None
