"""One person beside a group: regression on covariates, deviation and percentile.

Only sums over the group are kept, so that a covariate that is not known of the person
can be left out afterwards, and nobody's numbers lie in a file.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from crosswarp.types.scores import Features, FeatureValues, Scores

ROUNDING = 1e-9
"""Share of a sum of squares below which what is left of it is rounding."""


@dataclass(frozen=True)
class Moments:
    """Sums over a group, after the means were taken off.

    Attributes:
        count: Number of people.
        means: Mean of each covariate.
        products: Sums of products of each two covariates.
        outcome_mean: Mean of the outcome.
        outcome_products: Sums of products of each covariate with the outcome.
        outcome_squares: Sum of squares of the outcome.
    """

    count: int
    means: FeatureValues
    products: Features
    outcome_mean: float
    outcome_products: FeatureValues
    outcome_squares: float

    def only(self, chosen: Sequence[int]) -> "Moments":
        """Keep some of the covariates, by their positions."""
        rows = list(chosen)
        return Moments(
            self.count,
            self.means[rows],
            self.products[np.ix_(rows, rows)],
            self.outcome_mean,
            self.outcome_products[rows],
            self.outcome_squares,
        )


@dataclass(frozen=True)
class Deviation:
    """Where one person lies beside a group.

    Attributes:
        expected: Outcome that the group's regression expects of the person.
        sd: Standard deviation of the group about its regression.
        z: Difference from what is expected, in those standard deviations.
        percentile: Share of the population of the group below the person, in per cent;
            by the t distribution, the uncertainty of the regression included.
    """

    expected: float
    sd: float
    z: float
    percentile: float


def moments_of(covariates: Features, outcome: Scores) -> Moments:
    """Sum up a group.

    Args:
        covariates: One row a person.
        outcome: One number a person.
    """
    means = covariates.mean(axis=0)
    centred, mean = covariates - means, float(outcome.mean())
    return Moments(
        len(outcome),
        means,
        centred.T @ centred,
        mean,
        centred.T @ (outcome - mean),
        float(((outcome - mean) ** 2).sum()),
    )


def deviation_of(
    value: float, person: FeatureValues, group: Moments
) -> Deviation | None:
    """Compare one person with a group of whom covariates are known, too.

    Args:
        value: Outcome of the person.
        person: Covariates of the person, in the order of the group's.
        group: Sums over the group; the person is not in it.

    Returns:
        None where the group is too small for its covariates, or does not vary.

    References:
        Crawford & Garthwaite (2006), Comparing patients' predicted test scores from a
        regression equation with their obtained scores. Neuropsychology 20, 259-271.

    Example:
        >>> group = moments_of(np.zeros((5, 0)), np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
        >>> found = deviation_of(3.0, np.zeros(0), group)
        >>> found.z, found.percentile
        (0.0, 50.0)
    """
    freedom = group.count - len(person) - 1
    if freedom < 1:
        return None
    inverse = np.linalg.pinv(group.products)
    slopes = inverse @ group.outcome_products
    unexplained = group.outcome_squares - float(slopes @ group.outcome_products)
    if unexplained <= ROUNDING * max(group.outcome_squares, ROUNDING):
        return None
    away = person - group.means
    expected = group.outcome_mean + float(away @ slopes)
    sd = float(np.sqrt(unexplained / freedom))
    # A new person, and a regression that was itself estimated.
    width = sd * float(np.sqrt(1 + 1 / group.count + away @ inverse @ away))
    percentile = 100 * float(stdtr(freedom, (value - expected) / width))
    return Deviation(expected, sd, (value - expected) / sd, percentile)
