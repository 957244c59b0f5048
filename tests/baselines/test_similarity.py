"""similarity: products of features standardised by the training part alone."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from crosswarp.baselines.similarity import similarity
from crosswarp.errors import InputError

TRAINED = np.array([True] * 6 + [False] * 3)


def test_products_are_those_of_standardised_features(rng) -> None:
    features = rng.normal(3, 2, size=(9, 50))
    features[:, 7] = 1.5
    scaler = StandardScaler().fit(features[TRAINED])
    standardised = np.delete(scaler.transform(features), 7, axis=1)
    got = similarity(np.array_split(features, 4, axis=1), TRAINED)
    np.testing.assert_allclose(got, standardised @ standardised.T / 49)


def test_other_scans_do_not_change_the_training_scans(rng) -> None:
    features = rng.normal(size=(9, 50))
    before = similarity([features], TRAINED)
    features[6:] = 1e3
    after = similarity([features], TRAINED)
    np.testing.assert_array_equal(before[:6, :6], after[:6, :6])


def test_nothing_to_go_by_is_refused(rng) -> None:
    with pytest.raises(InputError, match="two training scans or more, got 1"):
        similarity([rng.normal(size=(3, 4))], np.array([True, False, False]))
    with pytest.raises(InputError, match="no feature differs"):
        similarity([np.ones((9, 4))], TRAINED)
