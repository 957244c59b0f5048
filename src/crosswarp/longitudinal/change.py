"""The change between two scans of one person: its map, and its parts on both sides."""

from dataclasses import dataclass

import numpy as np

from crosswarp.longitudinal.deformable import displacement_between
from crosswarp.longitudinal.midspace import Midspace, halfway
from crosswarp.longitudinal.pairs import Visit, same_side_first, sampled
from crosswarp.longitudinal.settings import LongitudinalSettings
from crosswarp.registration.jacobian import jacobian_determinant, log_of
from crosswarp.types.arrays import Affine, ScalarMap, VectorField


@dataclass(frozen=True)
class Change:
    """What changed from the first to the later scan, in their midspace.

    Attributes:
        midspace: Where both scans meet; ``to_scans`` of the first and the later one.
        displacement: w: a point m lies in the first scan where ``m - w/2`` is, in the
            later one where ``m + w/2`` is; mm.
        log_volumes: Log-Jacobian of either half: of the first scan, and the later one.
    """

    midspace: Midspace
    displacement: VectorField
    log_volumes: tuple[ScalarMap, ScalarMap]

    @property
    def log_change(self) -> ScalarMap:
        """Log volume of the later scan over that of the first; below 0 where lost."""
        first, later = self.log_volumes
        change: ScalarMap = later - first
        return change

    def turned_round(self) -> "Change":
        """Return the same with the scans in the other order."""
        one, other = self.midspace.to_scans
        space = Midspace(
            (other, one),
            self.midspace.grid,
            self.midspace.brain,
            self.midspace.correlation,
        )
        return Change(space, -self.displacement, self.log_volumes[::-1])


def change_between(
    first: Visit,
    later: Visit,
    settings: LongitudinalSettings,
    midspace: Midspace | None = None,
) -> Change:
    """Estimate the change from one scan of a person to a later one.

    With the scans turned round, every number turns its sign, to the last bit: the
    estimate treats both alike, and its sums are made in an order that does not depend
    on which of the two is given first.

    Args:
        first: First scan of the person.
        later: Later scan of the person.
        settings: Settings with all choices.
        midspace: Where they meet, as `meet` found it; found here when None.
    """
    one, other, turned = same_side_first(first, later)
    if midspace is None:
        space = halfway(one, other, settings)
    else:
        a, b = midspace.to_scans
        to_scans = (b, a) if turned else (a, b)
        space = Midspace(to_scans, midspace.grid, midspace.brain, midspace.correlation)
    field = displacement_between(
        (sampled(one), sampled(other)), space.to_scans, space.grid, settings
    )
    found = Change(space, field, _log_volumes(field, space.grid.affine))
    return found.turned_round() if turned else found


def meet(first: Visit, later: Visit, settings: LongitudinalSettings) -> Midspace:
    """Find the midspace of two scans; ``to_scans`` in the order that they are given.

    Args:
        first: First scan of the person.
        later: Later scan of the person.
        settings: Settings with all choices.
    """
    one, other, turned = same_side_first(first, later)
    space = halfway(one, other, settings)
    a, b = space.to_scans
    to_scans = (b, a) if turned else (a, b)
    return Midspace(to_scans, space.grid, space.brain, space.correlation)


def _log_volumes(field: VectorField, affine: Affine) -> tuple[ScalarMap, ScalarMap]:
    half = field / np.float32(2)
    before, after = (log_of(jacobian_determinant(h, affine)) for h in (-half, half))
    return before, after
