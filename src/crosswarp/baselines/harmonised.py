"""Volumes of regions without what sites add to them, as far as others have shown it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crosswarp.baselines.similarity import Kernel, MeasuredRegions
from crosswarp.statistics.harmonisation import SiteEffects, site_effects
from crosswarp.statistics.shares import participant_shares
from crosswarp.types.scores import (
    AskIndex,
    ClassIndex,
    Features,
    FitIndex,
    ParticipantIndex,
    ScanCovariates,
    ScanOutcomes,
)


@dataclass(frozen=True)
class HarmonisedRegions:
    """Features without effects of sites, estimated on the scans to fit on alone.

    So in the inner folds, too, nothing is learnt from a scan that is held out, and of
    the scans asked about neither diagnosis nor feature is used.

    Attributes:
        features: Volumes of all regions, one row a scan: the effects of a site on all
            of them tell how far those on one are to be believed.
        used: Columns that the model sees.
        sites: Site of each scan; None where it is not known.
        covariates: What is protected, NaN where not known; no column for nothing.
        diagnoses: Class of each scan to fit on, of others any number; None where the
            diagnosis is not protected.
        participants: Participant of each scan.
    """

    features: Features
    used: Sequence[int]
    sites: Sequence[str | None]
    covariates: ScanCovariates
    diagnoses: ClassIndex | None
    participants: ParticipantIndex

    def kernel(self, fit: FitIndex, ask: AskIndex) -> Kernel:
        """Take the sites' effects out of all scans, and compare them."""
        effects = self.effects(fit)
        known = self._known(fit)
        cleaned = effects.remove(self.features, self.sites, known)
        return MeasuredRegions(cleaned[:, list(self.used)]).kernel(fit, ask)

    def effects(self, fit: FitIndex) -> SiteEffects:
        """Estimate the effects of sites.

        Args:
            fit: Rows of the scans to estimate them on.

        Raises:
            InputError: If the sites cannot be told from what is protected.
        """
        return site_effects(
            self.features[fit],
            [self.sites[row] for row in fit],
            self._known(fit)[fit],
            self._outcome(fit),
            participant_shares(self.participants[fit]),
        )

    def _known(self, fit: FitIndex) -> ScanCovariates:
        """Fill what is not known with the median of the scans that are fitted on."""
        values = self.covariates
        there = [column[~np.isnan(column)] for column in values[fit].T]
        middle = [float(np.median(one)) if len(one) else 0.0 for one in there]
        filled: ScanCovariates = np.where(np.isnan(values), np.array(middle), values)
        return filled

    def _outcome(self, fit: FitIndex) -> ScanOutcomes | None:
        if self.diagnoses is None:
            return None
        present = np.unique(self.diagnoses[fit])[1:]
        outcome: ScanOutcomes = (
            self.diagnoses[fit][:, None] == present[None, :]
        ).astype(np.float64)
        return outcome
