"""Kernels: centred and scaled by the scans that are fitted on, and by no others."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from crosswarp.baselines.similarity import (
    MapProducts,
    MeasuredRegions,
    View,
    products,
)
from crosswarp.errors import InputError

FIT, ASK = np.arange(6), np.array([2, 6, 7, 8])


def kernel_of(centred: list[np.ndarray]) -> tuple[np.ndarray, ...]:
    """Inner products of features, each map scaled to a mean squared length of 1."""
    scaled = [c / np.sqrt((c[FIT] ** 2).sum(axis=1).mean()) for c in centred]
    joined = np.concatenate(scaled, axis=1) / np.sqrt(len(scaled))
    known, asked = joined[FIT], joined[ASK]
    return known @ known.T, asked @ known.T


def test_products_are_summed_over_blocks(rng) -> None:
    features = rng.normal(3, 2, size=(9, 50))
    found = products(np.array_split(features, 4, axis=1))
    np.testing.assert_allclose(found, features @ features.T)


def test_each_map_is_centred_by_its_training_mean_and_scaled_by_one_number(rng) -> None:
    """Double centring is exact, and no map counts more for its unit or its size."""
    maps = [rng.normal(300, 20, (9, 50)), rng.normal(0, 0.1, (9, 4000))]
    expected = kernel_of([m - m[FIT].mean(axis=0) for m in maps])
    found = MapProducts([products([m]) for m in maps]).kernel(FIT, ASK)
    for got, wanted in zip((found.known, found.asked), expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-10)
    assert np.trace(found.known) / len(FIT) == pytest.approx(1)


def test_regions_are_standardised_each_by_its_own_spread(rng) -> None:
    features = rng.normal(3, 2, size=(9, 50))
    features[:, 7] = 1.5
    scaler = StandardScaler().fit(features[FIT])
    expected = kernel_of([np.delete(scaler.transform(features), 7, axis=1)])
    found = MeasuredRegions(features).kernel(FIT, ASK)
    np.testing.assert_allclose(found.known, expected[0], atol=1e-12)
    np.testing.assert_allclose(found.asked, expected[1], atol=1e-12)


@pytest.mark.parametrize(
    "view_of", [lambda f: MapProducts([products([f])]), MeasuredRegions]
)
def test_a_scan_that_is_not_fitted_on_changes_itself_alone(rng, view_of) -> None:
    features = rng.normal(size=(9, 50))
    before: View = view_of(features)
    changed = features.copy()
    changed[8] *= 1e3
    after: View = view_of(changed)
    first, second = (view.kernel(FIT, ASK) for view in (before, after))
    np.testing.assert_allclose(first.known, second.known, atol=1e-12)
    np.testing.assert_allclose(first.asked[:3], second.asked[:3], atol=1e-12)
    assert not np.allclose(first.asked[3], second.asked[3])


def test_a_map_without_differences_is_left_out(rng) -> None:
    varying = products([rng.normal(size=(9, 50))])
    alone = MapProducts([varying]).kernel(FIT, ASK)
    both = MapProducts([varying, products([np.full((9, 50), 0.7)])]).kernel(FIT, ASK)
    np.testing.assert_array_equal(alone.known, both.known)


@pytest.mark.parametrize(
    "view", [MapProducts([np.ones((9, 9))]), MeasuredRegions(np.ones((9, 4)))]
)
def test_nothing_to_go_by_is_refused(view: View) -> None:
    with pytest.raises(InputError, match="two training scans or more, got 1"):
        view.kernel(FIT[:1], ASK)
    with pytest.raises(InputError, match="no feature differs"):
        view.kernel(FIT, ASK)
