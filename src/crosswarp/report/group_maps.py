"""Maps of groups: mean difference and effect size at each voxel, in one pass."""

from dataclasses import dataclass

import numpy as np

from crosswarp.bids.ids import ScanId
from crosswarp.errors import MissingDerivativeError, ShapeError
from crosswarp.report.maps import LOG_JACOBIAN, map_path, read_map
from crosswarp.report.run import Run
from crosswarp.types.arrays import Affine, ScalarMap, SpatialMap

SMALLEST_GROUP = 2
"""Participants below which there is no spread to compare with."""


@dataclass(frozen=True)
class GroupEffect:
    """How the log-Jacobian of two groups differs, voxel by voxel.

    Attributes:
        difference: Mean of the first group minus that of the second; no unit, > 0
            where the first is locally larger.
        cohens_d: The difference over the pooled standard deviation; 0 where nothing
            varies.
        above: Participants of the first group.
        below: Participants of the second.
    """

    difference: SpatialMap
    cohens_d: SpatialMap
    above: int
    below: int


class Moments:
    """Mean and spread of maps that come one at a time, so that few are in memory.

    References:
        Welford (1962), Note on a method for calculating corrected sums of squares.
        Technometrics 4:419.
    """

    def __init__(self, extent: tuple[int, int, int], affine: Affine) -> None:
        self.count = 0
        self.affine = affine
        self.mean: ScalarMap = np.zeros(extent)
        self.squares: ScalarMap = np.zeros(extent)
        """Sum of squared deviations from the mean."""

    def add(self, values: ScalarMap, name: str) -> None:
        """Take one more map in.

        Args:
            values: On the grid of the others.
            name: Of its file, for a message.

        Raises:
            ShapeError: If its grid differs.
        """
        if values.shape != self.mean.shape:
            msg = f"{name} has extent {values.shape}, others {self.mean.shape}"
            raise ShapeError(msg)
        self.count += 1
        deviation = values - self.mean
        self.mean += deviation / self.count
        self.squares += deviation * (values - self.mean)


def group_effect(
    run: Run, first: str, second: str, brain: SpatialMap | None = None
) -> GroupEffect:
    """Compare the log-Jacobian maps of two diagnoses.

    One scan a participant counts, the first that was tested: visits of one person are
    not independent, and would make the spread too small.

    Args:
        run: With derivatives.
        first: Diagnosis; its larger volumes are positive.
        second: Diagnosis it is compared with.
        brain: 1 inside the template's brain. Outside it the maps are 0: there the
            registration has nothing to follow, and d is large without meaning.

    Raises:
        MissingDerivativeError: If a group has fewer than two participants with maps.
        ShapeError: If the maps' grids differ.
    """
    above, below = group_moments(run, first), group_moments(run, second)
    if above.mean.shape != below.mean.shape:
        msg = (
            f"log-Jacobian maps of {first} have extent {above.mean.shape}, those of"
            f" {second} {below.mean.shape}; make them again at one resolution"
        )
        raise ShapeError(msg)
    difference = above.mean - below.mean
    if brain is not None and brain.extent == difference.shape:
        difference = np.where(brain.values > 0, difference, 0.0)
    freedom = above.count + below.count - 2
    deviation = np.sqrt((above.squares + below.squares) / freedom)
    effect = np.divide(
        difference, deviation, out=np.zeros_like(difference), where=deviation > 0
    )
    return GroupEffect(
        SpatialMap(difference.astype(np.float32), above.affine),
        SpatialMap(effect.astype(np.float32), above.affine),
        above.count,
        below.count,
    )


def group_moments(run: Run, diagnosis: str) -> Moments:
    """Gather the log-Jacobian maps of the tested participants with a diagnosis.

    Raises:
        MissingDerivativeError: If fewer than two of them have a map.
        ShapeError: If their grids differ.
    """
    moments: Moments | None = None
    tested = run.tested[run.tested["diagnosis"] == diagnosis]
    for _, scans in tested.groupby("participant_id", sort=True):
        paths = [
            map_path(run, ScanId.from_row(participant, session), LOG_JACOBIAN)
            for participant, session in zip(
                scans["participant_id"], scans["session_id"], strict=True
            )
        ]
        present = [path for path in paths if path.is_file()]
        if not present:
            continue
        found = read_map(present[0])
        moments = moments or Moments(found.extent, found.affine)
        moments.add(found.values, present[0].name)
    used = 0 if moments is None else moments.count
    if moments is None or used < SMALLEST_GROUP:
        msg = f"too few log-Jacobian maps of {diagnosis} in the derivatives: {used}"
        raise MissingDerivativeError(msg)
    return moments
