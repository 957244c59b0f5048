"""ComBat: known effects of sites are found, and none are where there are none."""

import numpy as np
import pytest

from crosswarp.errors import InputError
from crosswarp.statistics.harmonisation import SiteEffects, site_effects

SHIFT = {"a": 0.0, "b": 2.0, "c": -2.0}
SCALE = {"a": 1.0, "b": 1.5, "c": 0.7}


def cohort(rng, count: int = 300, features: int = 40):
    """Sites in turn, each with its shift and scale; age adds 0.1 a year."""
    sites = np.array(list(SHIFT))[np.arange(count) % 3]
    age = rng.normal(70, 8, count)
    person = rng.normal(0, 1, (count, features)) + 0.1 * (age - 70)[:, None]
    shift, scale = (np.array([known[s] for s in sites]) for known in (SHIFT, SCALE))
    return person, person * scale[:, None] + shift[:, None], sites, age[:, None]


def test_known_shifts_and_scales_are_recovered(rng) -> None:
    person = rng.normal(0, 1, (300, 40))
    _, _, sites, _ = cohort(rng)
    seen = person * np.array([SCALE[s] for s in sites])[:, None]
    seen += np.array([SHIFT[s] for s in sites])[:, None]
    found = site_effects(seen, sites.tolist())
    assert found.sites == ("a", "b", "c")
    assert found.participants == (100.0, 100.0, 100.0)
    in_unit = found.shift * found.deviation + found.mean
    np.testing.assert_allclose(in_unit.mean(axis=1), [0, 2, -2], atol=0.05)
    ratio = found.scale.mean(axis=1) / found.scale[0].mean()
    np.testing.assert_allclose(ratio, [1, 1.5, 0.7], rtol=0.05)
    cleaned = found.remove(seen, sites.tolist())
    means = [cleaned[sites == site].mean() for site in SHIFT]
    assert np.ptp(means) < 0.02
    # Of one feature what is left is chance: the mean of a hundred has an SD of 0.1.
    each = [cleaned[sites == site].mean(axis=0) for site in SHIFT]
    assert np.ptp(each, axis=0).mean() < 0.2
    spreads = [cleaned[sites == site].std(axis=0).mean() for site in SHIFT]
    assert np.ptp(spreads) < 0.02
    # What tells participants apart stays.
    assert np.corrcoef(cleaned[:, 0], person[:, 0])[0, 1] > 0.98


def test_the_published_equations(rng) -> None:
    """Of one site, by Johnson's update written out for a feature at a time."""
    _, seen, sites, _ = cohort(rng, 24, 6)
    found = site_effects(seen, sites.tolist())
    mine = sites == "b"
    standard = (seen[mine] - found.mean) / found.deviation
    n, shift, spread = 8, standard.mean(axis=0), standard.var(axis=0, ddof=1)
    tau, level, scatter = shift.var(ddof=1), spread.mean(), spread.var(ddof=1)
    shape = (level**2 + 2 * scatter) / scatter
    rate = (level**3 + level * scatter) / scatter
    for feature in range(6):
        gamma, delta = shift[feature], spread[feature]
        for _ in range(500):
            gamma = (n * tau * shift[feature] + delta * shift.mean()) / (
                n * tau + delta
            )
            squares = ((standard[:, feature] - gamma) ** 2).sum()
            delta = (rate + squares / 2) / (n / 2 + shape - 1)
        assert found.shift[1, feature] == pytest.approx(gamma, abs=1e-5)
        assert found.scale[1, feature] == pytest.approx(np.sqrt(delta), abs=1e-5)
    # A pooled variance over its degrees of freedom, as in an analysis of variance.
    within = sum(
        ((seen[sites == s] - seen[sites == s].mean(0)) ** 2).sum(0) for s in SHIFT
    )
    np.testing.assert_allclose(found.deviation**2, within / (24 - 3))


@pytest.mark.parametrize("features", [1, 5])
def test_sites_that_do_not_differ_are_left_exactly_as_they_are(
    rng, features: int
) -> None:
    half = rng.normal(size=(10, features))
    both, sites = np.vstack([half, half]), ["a"] * 10 + ["b"] * 10
    cleaned = site_effects(both, sites).remove(both, sites)
    np.testing.assert_allclose(cleaned, both, atol=1e-12)


def test_what_is_protected_stays(rng) -> None:
    """Site b is older: with age protected its shift is found, without it is not."""
    count, sites = 200, np.repeat(["a", "b"], 100)
    age = (rng.normal(70, 4, count) + 10 * (sites == "b"))[:, None]
    person = rng.normal(0, 1, (count, 30)) + 0.2 * (age - 75)
    seen = person + 1.0 * (sites == "b")[:, None]
    for protected, slope in ((age, 0.2), (None, None)):
        found = site_effects(seen, sites.tolist(), protected)
        cleaned = found.remove(seen, sites.tolist(), protected)
        moved = (seen - cleaned)[sites == "b"].mean() - (seen - cleaned)[
            sites == "a"
        ].mean()
        assert moved == pytest.approx(1.0 if slope else 3.0, abs=0.15)
        if slope:
            assert found.slopes.mean() == pytest.approx(slope, abs=0.02)


def test_an_outcome_is_known_in_the_fit_alone(rng) -> None:
    """Site b has most of the ill: their effect is not taken for the site's."""
    sites = np.repeat(["a", "b"], 100)
    ill = np.concatenate([np.arange(100) < 20, np.arange(100) < 80])
    seen = (
        rng.normal(0, 1, (200, 30)) - 2.0 * ill[:, None] + 1.0 * (sites == "b")[:, None]
    )
    outcome = ill[:, None].astype(float)
    found = site_effects(seen, sites.tolist(), outcome=outcome)
    cleaned = found.remove(seen, sites.tolist())
    for group in (ill, ~ill):
        gap = (
            cleaned[group & (sites == "b")].mean()
            - cleaned[group & (sites == "a")].mean()
        )
        assert gap == pytest.approx(0, abs=0.1)
    apart = cleaned[~ill].mean() - cleaned[ill].mean()
    assert apart == pytest.approx(2.0, abs=0.15), "the disease stays"


def test_unknown_sites_and_sites_of_one_pass_through(rng) -> None:
    _, seen, sites, age = cohort(rng, 60)
    named = [*sites[:58].tolist(), "alone", None]
    found = site_effects(seen, named, age)
    assert found.sites == ("a", "b", "c")
    asked = ["alone", None, "elsewhere", "b"]
    np.testing.assert_array_equal(found.knows(asked), [False, False, False, True])
    cleaned = found.remove(seen[:4], asked, age[:4])
    np.testing.assert_array_equal(cleaned[:3], seen[:3])
    assert np.abs(cleaned[3] - seen[3]).min() > 0
    # They are not in the fit either.
    moved = seen.copy()
    moved[58:] += 100
    again = site_effects(moved, named, age)
    np.testing.assert_array_equal(again.shift, found.shift)


def test_no_site_with_two_participants_changes_nothing(rng) -> None:
    values = rng.normal(size=(3, 4))
    found = site_effects(values, ["a", "b", None], rng.normal(size=(3, 1)))
    assert found.sites == ()
    np.testing.assert_array_equal(found.remove(values, ["a", "b", None]), values)


def test_two_scans_of_one_are_one_participant(rng) -> None:
    """The same scan twice at half its weight is the scan once."""
    _, seen, sites, age = cohort(rng, 30, 8)
    once = site_effects(seen, sites.tolist(), age)
    shares = np.r_[0.5, np.ones(29), 0.5]
    twice = site_effects(
        np.vstack([seen, seen[:1]]),
        [*sites.tolist(), sites[0]],
        np.vstack([age, age[:1]]),
        shares=shares,
    )
    for name in ("shift", "scale", "mean", "deviation", "slopes", "centre"):
        np.testing.assert_allclose(getattr(twice, name), getattr(once, name), atol=1e-5)
    pair = site_effects(seen[:3], ["a", "a", "b"], shares=np.array([0.5, 0.5, 1.0]))
    assert pair.sites == (), "two scans of one participant are no site of two"


def test_a_feature_that_never_varies_is_left_alone(rng) -> None:
    seen = np.hstack([np.full((20, 1), 3.0), rng.normal(size=(20, 3))])
    sites = ["a", "b"] * 10
    found = site_effects(seen, sites)
    assert found.deviation[0] == 0
    np.testing.assert_array_equal(found.remove(seen, sites)[:, 0], seen[:, 0])


def test_a_covariate_that_never_varies_explains_nothing(rng) -> None:
    _, seen, sites, age = cohort(rng, 30)
    still = np.hstack([age, np.ones_like(age)])
    with_it = site_effects(seen, sites.tolist(), still)
    without: SiteEffects = site_effects(seen, sites.tolist(), age)
    np.testing.assert_allclose(with_it.shift, without.shift, atol=1e-9)
    np.testing.assert_array_equal(with_it.slopes[1], 0)


def test_sites_that_are_the_diagnosis_are_refused(rng) -> None:
    seen, sites = rng.normal(size=(20, 3)), ["a"] * 10 + ["b"] * 10
    ill = np.repeat([0.0, 1.0], 10)[:, None]
    with pytest.raises(InputError, match="sites cannot be told from what is to be"):
        site_effects(seen, sites, outcome=ill)
