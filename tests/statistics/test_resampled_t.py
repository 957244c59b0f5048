"""Corrected resampled t-test, by hand and against scipy where both agree."""

import numpy as np
import pytest
from scipy import stats

from crosswarp.statistics.resampled_t import corrected_resampled_t, share_tested
from crosswarp.statistics.temperature import Temperature
from tests.evaluation.made_predictions import cell


def test_by_hand() -> None:
    # Mean 0.04, variance 0.001 (n - 1), J = 5, share 1/4: error of the mean is
    # sqrt((0.2 + 0.25) * 0.001) = 0.0212132, t = 1.885618 with 4 degrees of freedom.
    found = corrected_resampled_t([[0.0, 0.02, 0.04, 0.06, 0.08]], 0.25)
    assert found is not None
    assert found.auc.value == pytest.approx(0.04)
    # t of 2.776445 for 4 degrees of freedom is in every table.
    assert found.auc.low == pytest.approx(0.04 - 2.776445 * 0.0212132, abs=1e-6)
    assert found.auc.high == pytest.approx(0.04 + 2.776445 * 0.0212132, abs=1e-6)
    # Distribution of t with 4 degrees of freedom: F = 1/2 + 3/8 (u - u^3/12) with
    # u = t / sqrt(1 + t^2/4), u^2 = 3.5556 / 1.8889.
    u = 1.885618 / np.sqrt(1 + 1.885618**2 / 4)
    assert found.p == pytest.approx(2 * (0.5 - 3 / 8 * (u - u**3 / 12)), abs=1e-6)


def test_without_correction_it_is_the_paired_t_test() -> None:
    differences = np.random.default_rng(0).normal(0.03, 0.05, 12)
    found = corrected_resampled_t([differences.tolist()], 0.0)
    assert found is not None
    assert found.p == pytest.approx(stats.ttest_1samp(differences, 0).pvalue)
    corrected = corrected_resampled_t([differences.tolist()], 0.25)
    assert corrected is not None
    assert corrected.p > found.p


def test_what_it_cannot_say() -> None:
    assert corrected_resampled_t([[0.1]], 0.25) is None
    assert corrected_resampled_t([[0.1, 0.1]], 0.25) is None
    same = corrected_resampled_t([[0.0, 0.0, 0.0]], 0.25)
    assert same is not None
    assert (same.auc.low, same.auc.high, same.p) == (None, None, 1)


def test_repeats_do_not_make_the_error_smaller() -> None:
    folds = [0.0, 0.02, 0.04, 0.06, 0.08]
    once = corrected_resampled_t([folds], 0.25)
    thrice = corrected_resampled_t([folds] * 3, 0.25)
    assert once is not None
    assert thrice is not None
    # The same error, with 12 degrees of freedom instead of 4.
    assert thrice.p == pytest.approx(2 * stats.t.sf(1.885618, 12), abs=1e-6)
    assert thrice.auc.value == pytest.approx(once.auc.value)


def test_share_of_scans_tested() -> None:
    cells = [
        cell([0, 1] * 5, [0.5] * 10, fold=fold, first=10 * fold) for fold in range(5)
    ]
    assert share_tested(cells) == pytest.approx(10 / 40)
    for one in cells:
        object.__setattr__(one, "temperature", Temperature(1.0, "given", 8))
    assert share_tested(cells) == pytest.approx(10 / 32)
    # Validation by all that is left: nobody to count, so all others are.
    for one in cells:
        object.__setattr__(one, "temperature", Temperature(1.0, "given", 40))
    assert share_tested(cells) == pytest.approx(10 / 40)
    assert np.isnan(share_tested(cells[:1]))
