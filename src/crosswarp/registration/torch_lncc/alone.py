"""The affine alone, of brains or of whole heads, on the CPU."""

import numpy as np
import torch

from crosswarp.errors import ScanError
from crosswarp.registration.checks import check_image
from crosswarp.registration.torch_lncc.affine import AffineSearch
from crosswarp.registration.torch_lncc.backend import matrix, standardised_on
from crosswarp.types.arrays import Affine, Matrix, SpatialMap
from crosswarp.types.tensors import Homogeneous

CPU = torch.device("cpu")


def register_affinely(
    template: SpatialMap, participant: SpatialMap, rounds: tuple[int, int] = (40, 40)
) -> Affine:
    """Find the affine between two images that lie about the same way.

    Nothing is drawn at random: with the same number of threads, equal input gives the
    same bytes.

    Args:
        template: Fixed image, 0 where there is air, or outside the brain.
        participant: Moving image, likewise, about as finely sampled.
        rounds: Most iterations over the whole image, and by local correlation.

    Returns:
        Template RAS+ mm to participant RAS+ mm.

    Raises:
        ScanError: If an image is empty or constant, or no affine is found.
    """
    return _checked(_search(template, participant).best(rounds, radius=2))


def refine_affinely(
    template: SpatialMap,
    participant: SpatialMap,
    near: SpatialMap,
    rounds: tuple[int, int] = (30, 15),
) -> Affine:
    """Find the affine between images that nearly lie on each other.

    Args:
        template: Fixed image, on whose grid `near` lies.
        participant: Moving image, about as finely sampled.
        near: 1 where the template counts, 0 where it does not; on its grid.
        rounds: Most iterations at twice the template's spacing, and at its own.

    Returns:
        Template RAS+ mm to participant RAS+ mm.

    Raises:
        ScanError: If an image is empty or constant, or no affine is found.
    """
    counts = torch.from_numpy(np.ascontiguousarray(near.values, dtype=np.float32))
    return _checked(_search(template, participant).refined(counts, rounds, radius=1))


def _search(template: SpatialMap, participant: SpatialMap) -> AffineSearch:
    check_image("template", template)
    check_image("participant", participant)
    return AffineSearch(
        standardised_on(template, CPU),
        standardised_on(participant, CPU),
        matrix(template.affine, CPU),
        matrix(np.linalg.inv(participant.affine), CPU),
    )


def _checked(found: Homogeneous) -> Affine:
    affine: Affine = found.numpy()
    linear: Matrix = affine[:3, :3]
    if not np.isfinite(affine).all() or np.linalg.det(linear) <= 0:
        msg = "the registration failed: no affine brings the two images together"
        raise ScanError(msg)
    return affine
