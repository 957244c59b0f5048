import numpy as np
import pytest

from crosswarp.longitudinal.person import region_rows
from crosswarp.longitudinal.rates import Spread, percent, slope_a_year, spread_of


def test_per_cent_is_of_the_mean_of_both_volumes():
    assert float(percent(np.log(95 / 105))) == pytest.approx(-10)


def test_both_sides_share_their_spread():
    nulls = np.array([[0.01, 0.03], [-0.01, -0.03]])
    spread = spread_of(nulls, [1, 0])
    assert spread.sd == pytest.approx(np.sqrt((0.01**2 + 0.03**2) / 2))
    assert spread.freedom == 4
    assert spread.half_width == pytest.approx(2.776 * spread.sd, rel=1e-3)


def test_a_steady_loss_is_the_slope():
    years = [0.0, 1.0, 2.5]
    changes = np.outer(years, [np.log(0.97), 0.0])
    assert slope_a_year(years, changes) == pytest.approx(
        [float(percent(np.log(0.97))), 0]
    )


def test_rows_have_rates_only_with_an_interval():
    volumes, spread = np.array([[1000.0, 940.0]]), Spread(np.array([0.01]), 6)
    names = [("hippocampus", "left")]
    (row,) = region_rows(names, volumes, spread, 2.0)
    assert row["percent_a_year"] == pytest.approx(row["change_percent"] / 2, rel=0.01)
    assert row["change_percent_low"] < row["change_percent"] < 0
    assert "percent_a_year" not in region_rows(names, volumes, spread, None)[0]


def test_rows_turn_their_sign_with_the_scans():
    spread = Spread(np.array([0.01]), 6)
    there, back = (
        region_rows([("x", "left")], np.array([v]), spread, 1.0)[0]
        for v in ([1000.0, 940.0], [940.0, 1000.0])
    )
    assert back["change_percent"] == -there["change_percent"]
    assert back["log_change"] == -there["log_change"]
