"""ComBat: differences between sites, estimated on some scans and taken out of any.

Each feature is a mean, what covariates add, and of each site a shift and a scale. The
sites' shifts and scales of all features are drawn towards each other (empirical Bayes),
so that a site with few participants is not believed feature by feature.

References:
    Johnson et al. (2007), Adjusting batch effects in microarray expression data using
    empirical Bayes methods. Biostatistics 8(1), 118-127.
    doi:10.1093/biostatistics/kxj037
    Fortin et al. (2018), Harmonization of cortical thickness measurements across
    scanners and sites. NeuroImage 167, 104-120. doi:10.1016/j.neuroimage.2017.11.024
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from crosswarp.errors import InputError
from crosswarp.types.scores import (
    Features,
    FeatureValues,
    ScanCovariates,
    ScanOutcomes,
    Scores,
    SiteFeatures,
)

FEWEST: Final = 2.0
"""Participants of a site below which it has no spread of its own."""

ROUNDS: Final = 200
"""Of the empirical Bayes iteration, at most; a dozen are usual."""

PRECISION: Final = 1e-6
"""Relative change of all shifts and scales at which the iteration ends."""

CONSTANT: Final = 1e-12
"""Share of a feature's mean square below which its variance is a rounding error."""


@dataclass(frozen=True)
class SiteEffects:
    """What was fitted; features are in their own unit.

    Attributes:
        sites: Sites whose effects are known, sorted.
        participants: Number of participants that each was estimated from.
        shift: Shift of each site (row) and feature, in units of ``deviation``.
        scale: Factor of each site on ``deviation``; 1 is none.
        mean: Mean of each feature over the scans fitted on.
        deviation: Standard deviation of each feature around sites and covariates.
        slopes: What a unit of each covariate (row) adds to each feature.
        centre: Mean of each covariate over the scans fitted on.
    """

    sites: tuple[str, ...]
    participants: tuple[float, ...]
    shift: SiteFeatures
    scale: SiteFeatures
    mean: FeatureValues
    deviation: FeatureValues
    slopes: np.ndarray
    centre: np.ndarray

    def knows(self, sites: Sequence[str | None]) -> np.ndarray:
        """Say of which scans the site is known; the others pass through."""
        return np.array([site in self.sites for site in sites], dtype=bool)

    def remove(
        self,
        features: Features,
        sites: Sequence[str | None],
        covariates: ScanCovariates | None = None,
    ) -> Features:
        """Take the sites' shifts and scales out of scans.

        A scan of a site that is not known is returned as it is: its shift could only
        be learnt from the very scans that are asked about.

        Args:
            features: One row a scan.
            sites: Site of each; None where it is not known.
            covariates: Those of the fit; None where it had none.

        Returns:
            Features in the same unit.
        """
        changed = features.copy()
        known = self.knows(sites)
        if not known.any():
            return changed
        place = {site: row for row, site in enumerate(self.sites)}
        rows = [place[str(site)] for site in np.array(sites, dtype=object)[known]]
        expected = self.mean + self._explained(covariates, known)
        unit = np.where(self.deviation > 0, self.deviation, 1.0)
        standard = (features[known] - expected) / unit
        cleaned = (standard - self.shift[rows]) / self.scale[rows]
        changed[known] = np.where(
            self.deviation > 0, cleaned * unit + expected, features[known]
        )
        return changed

    def _explained(
        self, covariates: ScanCovariates | None, known: np.ndarray
    ) -> np.ndarray | float:
        if covariates is None or not len(self.centre):
            return 0.0
        explained: np.ndarray = (covariates[known] - self.centre) @ self.slopes
        return explained


def site_effects(
    features: Features,
    sites: Sequence[str | None],
    covariates: ScanCovariates | None = None,
    outcome: ScanOutcomes | None = None,
    shares: Scores | None = None,
) -> SiteEffects:
    """Estimate the effects of sites.

    Two things differ from the published method. The variance around the model is over
    its degrees of freedom and not over the number of scans, so that sites that do not
    differ are left exactly as they are. And ``outcome`` is known in the fit alone: it
    keeps what sites owe to it from being taken for theirs, and is not needed to remove
    their effects, so that scans whose outcome is not known are treated as the others.

    Args:
        features: One row a scan, all known.
        sites: Site of each; None where it is not known. Such scans are not used, and
            no site with fewer than two participants.
        covariates: Columns of numbers whose effects are kept, such as age.
        outcome: Columns of numbers whose effects are kept, too, such as the diagnosis.
        shares: Weight of each scan, one over the scans of its participant; all 1 when
            None.

    Raises:
        InputError: If the sites cannot be told from covariates or outcome.
    """
    weights = np.ones(len(features)) if shares is None else shares
    used, counts = _enough(sites, weights)
    kept = np.array([site in counts for site in sites], dtype=bool)
    columns = [part[kept] for part in (covariates, outcome) if part is not None]
    others = np.hstack([np.zeros((int(kept.sum()), 0)), *columns])
    width = 0 if covariates is None else covariates.shape[1]
    if not used:
        return _nothing(features.shape[1], width)
    weights, values = weights[kept], features[kept]
    place = {site: row for row, site in enumerate(used)}
    inside = np.array([place[str(site)] for site in sites if site in counts])
    member = inside[:, None] == np.arange(len(used))
    centre = np.average(others, axis=0, weights=weights)
    design = np.hstack([member.astype(float), others - centre])
    coefficients = _fitted(design, values, weights, len(used))
    means = coefficients[: len(used)]
    n = np.array(list(counts.values()))
    mean = n @ means / n.sum()
    residual = values - design @ coefficients
    freedom = max(n.sum() - np.linalg.matrix_rank(design), 1.0)
    variance = weights @ residual**2 / freedom
    real = variance > CONSTANT * np.maximum((values**2).mean(axis=0), CONSTANT)
    deviation = np.where(real, np.sqrt(variance), 0.0)
    unit = np.where(real, deviation, 1.0)
    standard = (values - mean - (others - centre) @ coefficients[len(used) :]) / unit
    shift, scale = np.zeros_like(means), np.ones_like(means)
    for row, count in enumerate(n):
        mine = member[:, row]
        shift[row, real], scale[row, real] = _shrunk(
            standard[np.ix_(mine, real)], weights[mine], float(count)
        )
    slopes = coefficients[len(used) : len(used) + width]
    return SiteEffects(
        used, tuple(n.tolist()), shift, scale, mean, deviation, slopes, centre[:width]
    )


def _enough(
    sites: Sequence[str | None], weights: Scores
) -> tuple[tuple[str, ...], dict[str, float]]:
    """Count the participants of the sites that have enough."""
    counts: dict[str, float] = {}
    for site, weight in zip(sites, weights, strict=True):
        if site is not None:
            counts[site] = counts.get(site, 0.0) + float(weight)
    # A participant's shares may add up to a little less than one.
    enough = {
        s: round(counts[s], 9) for s in sorted(counts) if counts[s] > FEWEST - 0.5
    }
    return tuple(enough), enough


def _nothing(features: int, covariates: int) -> SiteEffects:
    none = np.zeros((0, features))
    empty = np.zeros(features)
    slopes, centre = np.zeros((covariates, features)), np.zeros(covariates)
    return SiteEffects((), (), none, none, empty, empty, slopes, centre)


def _fitted(
    design: np.ndarray, values: Features, weights: Scores, sites: int
) -> np.ndarray:
    """Solve weighted least squares; a covariate that never varies explains nothing."""
    varies = np.ones(design.shape[1], dtype=bool)
    varies[sites:] = np.ptp(design[:, sites:], axis=0) > 0
    seen = design[:, varies]
    if np.linalg.matrix_rank(seen) < seen.shape[1]:
        msg = (
            "sites cannot be told from what is to be protected: in a training part no"
            " scans of one site differ in it, or two columns say the same; protect"
            " less, or do not harmonise"
        )
        raise InputError(msg)
    root = np.sqrt(weights)[:, None]
    found = np.zeros((design.shape[1], values.shape[1]))
    found[varies] = np.linalg.lstsq(seen * root, values * root)[0]
    return found


def _shrunk(
    standard: Features, weights: Scores, count: float
) -> tuple[FeatureValues, FeatureValues]:
    """Draw the shifts and scales of one site towards those of all its features.

    Args:
        standard: Its scans, standardised.
        weights: Shares of their participants.
        count: Number of participants.

    Returns:
        Shift and scale of each feature.
    """
    shift = weights @ standard / count
    spread = weights @ (standard - shift) ** 2 / (count - 1)
    spread = np.maximum(spread, CONSTANT)
    if standard.shape[1] < 2:
        return shift, np.sqrt(spread)
    centre, width = shift.mean(), shift.var(ddof=1)
    level, scatter = spread.mean(), spread.var(ddof=1)
    if scatter <= CONSTANT * level**2:
        # The limit of a prior that is sure: all features have one spread.
        spread = np.full_like(spread, level)
        drawn = _drawn(count, width, shift, spread, centre)
        return drawn, np.sqrt(spread)
    shape = (2 * scatter + level**2) / scatter
    rate = (level * scatter + level**3) / scatter
    now, size = shift, spread
    for _ in range(ROUNDS):
        moved = _drawn(count, width, shift, size, centre)
        squares = weights @ (standard - moved) ** 2
        sized = (rate + squares / 2) / (count / 2 + shape - 1)
        change = max(np.abs(moved - now).max(), np.abs(sized / size - 1).max())
        now, size = moved, sized
        if change < PRECISION:
            break
    return now, np.sqrt(size)


def _drawn(
    count: float,
    width: float,
    shift: FeatureValues,
    spread: FeatureValues,
    centre: float,
) -> FeatureValues:
    """Weigh a site's own shift of each feature against their mean over features."""
    drawn: FeatureValues = (count * width * shift + spread * centre) / (
        count * width + spread
    )
    return drawn
