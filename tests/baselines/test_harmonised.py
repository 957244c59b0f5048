"""Features without effects of sites: nothing is learnt from who is held out."""

import numpy as np

from crosswarp.baselines.harmonised import HarmonisedRegions
from crosswarp.baselines.similarity import MeasuredRegions
from crosswarp.statistics.harmonisation import site_effects

COUNT = 60
SITES = [("a", "b", None)[n % 3] for n in range(COUNT)]
FIT, ASK = np.arange(40), np.arange(40, COUNT)


def regions(rng, **changes: object) -> HarmonisedRegions:
    features = rng.normal(size=(COUNT, 8))
    features[[site == "b" for site in SITES]] += 3
    choices = {
        "features": features,
        "used": (1, 2),
        "sites": SITES,
        "covariates": np.zeros((COUNT, 0)),
        "diagnoses": None,
        "participants": np.arange(COUNT),
        **changes,
    }
    return HarmonisedRegions(**choices)


def test_a_kernel_is_that_of_the_harmonised_features(rng) -> None:
    view = regions(rng)
    effects = site_effects(view.features[FIT], SITES[:40])
    cleaned = effects.remove(view.features, SITES)
    found, expected = (
        one.kernel(FIT, ASK) for one in (view, MeasuredRegions(cleaned[:, [1, 2]]))
    )
    np.testing.assert_allclose(found.known, expected.known)
    np.testing.assert_allclose(found.asked, expected.asked)


def test_features_and_diagnoses_of_others_change_no_fit(rng) -> None:
    diagnoses = rng.integers(0, 3, COUNT)
    view = regions(rng, diagnoses=diagnoses)
    spoilt, other = view.features.copy(), diagnoses.copy()
    spoilt[ASK] += 50
    other[ASK] = 2 - other[ASK]
    again = regions(rng, features=spoilt, diagnoses=other)
    np.testing.assert_array_equal(view.effects(FIT).shift, again.effects(FIT).shift)
    kernels = [one.kernel(FIT, FIT).known for one in (view, again)]
    np.testing.assert_array_equal(*kernels)


def test_what_is_not_known_is_the_median_of_the_fit(rng) -> None:
    age = rng.normal(70, 5, (COUNT, 1))
    filled = age.copy()
    gaps = [3, 50]
    filled[gaps] = np.median(np.delete(age[FIT], 3))
    gone = age.copy()
    gone[gaps] = np.nan
    features = rng.normal(size=(COUNT, 8))
    views = [regions(rng, features=features, covariates=c) for c in (gone, filled)]
    kernels = [view.kernel(FIT, ASK).asked for view in views]
    np.testing.assert_allclose(*kernels)
    nothing = regions(rng, features=features, covariates=np.full((COUNT, 1), np.nan))
    without = regions(rng, features=features)
    np.testing.assert_allclose(
        nothing.kernel(FIT, ASK).asked, without.kernel(FIT, ASK).asked
    )
