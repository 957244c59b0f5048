"""What a perfect registration would find: the true deformation on the template grid.

A point of the template is taken to the real head by that head's own registration
(which is found once and is itself not exact, except for the head that is the
template), then through atrophy, anatomy, size and pose to the scan. The affine that
fits this whole map best inside the template's brain is taken out, as the affine stage
of a registration does; the rest is the true displacement.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.registration.jacobian import log_jacobian
from crosswarp.registration.result import Registration
from crosswarp.registration.settings import Resolution
from crosswarp.registration.template import Template, load_template
from crosswarp.simulation.fields import Lattice, spread
from crosswarp.simulation.participant import Body
from crosswarp.types.arrays import Affine, Points, ScalarMap, SpatialMap, VectorField

DEFINITION: Final = (
    "Natural logarithm of the Jacobian determinant of the true deformation from the"
    " template to the scan, without the affine that fits that deformation best in the"
    " template's brain; above 0 where the participant is larger. The true deformation"
    " is the real head's own registration to the template (found once by registration;"
    " the identity for mni2009c), followed by the virtual atrophy, anatomy, size and"
    " pose, which are exact."
)

_EVERY: Final = 5
"""Voxels of the brain between those to which the affine is fitted."""


@dataclass(frozen=True)
class TrueMaps:
    """The truth on the template grid.

    Attributes:
        affine: Template mm to scan mm.
        displacement: Millimetres, RAS+; a template point x lies in the scan at
            ``affine @ (x + displacement(x))``.
        log_jacobian: Of ``x + displacement(x)``.
        log_signal: Logarithm of the factor by which the tissue's T1w signal differs
            from the real head's; None where it does not.
    """

    affine: Affine
    displacement: VectorField
    log_jacobian: ScalarMap
    log_signal: ScalarMap | None = None


def true_maps(
    body: Body,
    placed: Registration,
    resolution: Resolution,
    signal: SpatialMap | None = None,
) -> TrueMaps:
    """Compose what takes the template to a participant's scan.

    Args:
        body: Body of the participant.
        placed: How the template maps to the real head.
        resolution: Millimetres between voxels of the maps.
        signal: Factor of the signal on the real head's grid; None when it is 1.

    Raises:
        FoldingError: If the whole deformation folds anywhere in the brain.
    """
    template = load_template(resolution)
    grid = _lattice(resolution)
    points = grid.points()
    to_head = placed.affine.astype(np.float32)
    inner = np.stack(
        [
            spread(placed.displacement[..., a], _lattice(2), grid).ravel()
            for a in range(3)
        ]
    ).T
    in_head = (points + inner) @ to_head[:3, :3].T + to_head[:3, 3]
    in_scan = body.place(in_head)
    affine = _best_affine(points, in_scan, template.mask.ravel())
    back = np.linalg.inv(affine)
    straight = in_scan @ back[:3, :3].T + back[:3, 3]
    displacement: VectorField = (straight - points).reshape(*grid.extent, 3)
    displacement = displacement.astype(np.float32)
    log_j = log_jacobian(displacement, template.brain.affine, template.mask)
    return TrueMaps(affine, displacement, log_j, _log_signal(signal, in_head, template))


def _log_signal(
    signal: SpatialMap | None, in_head: Points, template: Template
) -> ScalarMap | None:
    """Look the factor up where each point of the template lies in the real head."""
    if signal is None:
        return None
    to_voxels = np.linalg.inv(signal.affine)
    voxels = in_head @ to_voxels[:3, :3].T + to_voxels[:3, 3]
    found = ndimage.map_coordinates(
        np.log(signal.values), voxels.T, order=1, output=np.float32
    )
    log_signal: ScalarMap = found.reshape(template.mask.shape) * template.mask
    return log_signal


def _lattice(resolution: Resolution) -> Lattice:
    brain = load_template(resolution).brain
    x, y, z = brain.affine[:3, 3].tolist()
    return Lattice(brain.extent, (x, y, z), float(resolution))


def _best_affine(points: Points, targets: Points, within: np.ndarray) -> Affine:
    """Fit an affine by least squares."""
    chosen = np.flatnonzero(within)[::_EVERY]
    known = np.c_[points[chosen].astype(float), np.ones(len(chosen))]
    found, *_ = np.linalg.lstsq(known, targets[chosen].astype(float), rcond=None)
    affine: Affine = np.eye(4)
    affine[:3] = found.T
    return affine
