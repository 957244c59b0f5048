"""Sites of scans, and what is protected, for baselines that harmonise; no torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from crosswarp.baselines.harmonised import HarmonisedRegions
from crosswarp.baselines.settings import BaselineSettings
from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.errors import InputError
from crosswarp.evaluation.encoding import encode
from crosswarp.types.scores import ClassIndex, Features, ParticipantIndex

DIAGNOSIS: Final = "diagnosis"
"""Protected in the scans that are fitted on; of others it is not looked at."""


@dataclass(frozen=True)
class ScanSites:
    """What harmonisation needs to know of the scans of a run.

    Attributes:
        sites: Site of each scan; None where it is not known.
        names: Name of each protected column of numbers.
        covariates: Those numbers, one row a scan; NaN where not known.
        diagnosis: Whether the diagnosis of the training set is protected, too.
    """

    sites: tuple[str | None, ...]
    names: tuple[str, ...]
    covariates: tuple[tuple[float, ...], ...]
    diagnosis: bool

    def described(self, used: Sequence[bool]) -> list[tuple[Any, ...]]:
        """Say what a fold depends on.

        Args:
            used: Whether each scan is in the fold.
        """
        rows = zip(self.sites, self.covariates, used, strict=True)
        known = [(site, *values) for site, values, is_used in rows if is_used]
        return [self.names, tuple(known)]

    def view(
        self,
        features: Features,
        used: Sequence[int],
        diagnoses: ClassIndex,
        participants: ParticipantIndex,
    ) -> HarmonisedRegions:
        """Put features beside their sites.

        Args:
            features: Volumes of all regions, one row a scan.
            used: Columns that the model sees.
            diagnoses: Class of each scan.
            participants: Participant of each scan.
        """
        covariates = np.array(self.covariates, dtype=np.float64)
        return HarmonisedRegions(
            features,
            tuple(used),
            self.sites,
            covariates.reshape(len(self.sites), len(self.names)),
            diagnoses if self.diagnosis else None,
            participants,
        )


def scan_sites(
    baseline: BaselineSettings, scans: Sequence[ScanId], known: pd.DataFrame
) -> ScanSites:
    """Look up sites and protected columns.

    Args:
        baseline: Settings of a baseline that harmonises.
        scans: Scans of the run, in the order of the store.
        known: What is known of each scan, as `evaluation.context.known_scans` has it.

    Raises:
        InputError: If no site is known, or a protected column of no scan.
    """
    index = [(one.participant_id, one.session_id or NOT_AVAILABLE) for one in scans]
    found = known.reindex(pd.MultiIndex.from_tuples(index, names=known.index.names))
    sites = tuple(None if pd.isna(site) else str(site) for site in found["site"])
    if not any(sites):
        msg = (
            f"baseline {baseline.name}: harmonise needs the column site of the cohort"
            " table, which is n/a for every scan; fill it in, or do not harmonise"
        )
        raise InputError(msg)
    asked = [name for name in baseline.protect if name.casefold() != DIAGNOSIS]
    encoded = encode(found, asked)
    if encoded.absent:
        msg = (
            f"baseline {baseline.name}: protect names {', '.join(encoded.absent)},"
            " which the cohort table has for no scan; correct the name, or leave it out"
        )
        raise InputError(msg)
    numbers = encoded.features.to_numpy(np.float64)
    return ScanSites(
        sites,
        tuple(str(name) for name in encoded.features.columns),
        tuple(tuple(row) for row in numbers.tolist()),
        len(asked) < len(baseline.protect),
    )
