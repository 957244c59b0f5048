"""The space halfway between two scans of one person: rigid, and the same for both."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from scipy import ndimage
from scipy.spatial.transform import Rotation

from crosswarp.longitudinal.pairs import Grid, Halves, Visit, sampled, with_weight
from crosswarp.longitudinal.settings import LongitudinalSettings
from crosswarp.registration.resampling import resample
from crosswarp.types.arrays import Affine, Mask, Matrix, Points, SpatialMap
from crosswarp.types.tensors import Homogeneous, Motion

REACH: Final = 60.0
"""Millimetres from a brain's middle to its rim: a turn counts by what it moves there,
so that all six numbers are millimetres."""

MARGIN: Final = 12.0
"""Millimetres of the midspace grid around the brain."""

RIM: Final = 3.0
"""Millimetres around both brain masks that count as well: the surface of the brain
tells of its change, and masks of two scans never end at the same place."""

SPACINGS: Final = (8, 4, 2)
"""Millimetres between the voxels of the alignment, from coarse to fine."""


@dataclass(frozen=True)
class Midspace:
    """Where two scans meet.

    Attributes:
        to_scans: Midspace RAS+ mm to the RAS+ mm of the first and of the second scan:
            rigid, each half of the way.
        grid: Grid of the midspace, at 1 mm times the spacing that was asked for.
        brain: Brain of either scan, on that grid.
        correlation: Of the two scans in the brain, at the last spacing; 1 for equal
            scans.
    """

    to_scans: tuple[Affine, Affine]
    grid: Grid
    brain: Mask
    correlation: float


def halfway(first: Visit, second: Visit, settings: LongitudinalSettings) -> Midspace:
    """Find the rigid midspace of two scans.

    A point m of it lies in the first scan at ``c1 + exp(-L/2) m`` and in the second at
    ``c2 + exp(L/2) m``, with L one rigid motion and ``c`` the middle of the brain. Both
    scans are moved and interpolated alike, and L turns its sign with their order. The
    size of the head is that of the scanner: one person's head does not grow.

    Args:
        first: One scan of the person.
        second: The other scan of the person.
        settings: Settings with all choices.

    References:
        Reuter & Fischl (2011), Avoiding asymmetry-induced bias in longitudinal image
        processing. NeuroImage 57(1), 19-21.
    """
    centres = [_centre(visit) for visit in (first, second)]
    turns = [_rotation_of(visit.affine) for visit in (first, second)]
    motion = torch.zeros(6, dtype=torch.float64)
    there = Rotation.from_matrix(turns[1] @ turns[0].T).as_rotvec()
    back = Rotation.from_matrix(turns[0] @ turns[1].T).as_rotvec()
    motion[:3] = REACH * torch.from_numpy((there - back) / 2)
    scans = (sampled(first), sampled(second))
    for spacing, rounds in zip(SPACINGS, settings.rigid_iterations, strict=False):
        grid, _ = _grid((first, second), _halves(motion, centres), spacing)
        pair = Halves(scans, grid, settings)
        motion = _climb(pair, motion, centres, rounds)
    to_scans = _halves(motion, centres)
    found = _correlation(pair.images(to_scans), grid)
    grid, brain = _grid((first, second), to_scans, settings.spacing)
    one, other = (half.numpy() for half in to_scans)
    return Midspace((one, other), grid, brain, found)


def in_midspace(
    source: SpatialMap, grid: SpatialMap, to_scan: Affine, order: int = 1
) -> np.ndarray:
    """Resample a map of a scan onto a grid of the midspace, rigidly."""
    return resample(source, grid.extent, grid.affine, to_scan, order=order)


def _halves(motion: Motion, centres: list[Points]) -> tuple[Homogeneous, Homogeneous]:
    """Turn the six numbers into half of the motion for each scan."""
    turn, shift = motion[:3] / REACH, motion[3:]
    zero = torch.zeros((), dtype=torch.float64)
    x, y, z = turn
    rows = [
        torch.stack([zero, -z, y, shift[0]]),
        torch.stack([z, zero, -x, shift[1]]),
        torch.stack([-y, x, zero, shift[2]]),
        torch.zeros(4, dtype=torch.float64),
    ]
    generator = torch.stack(rows) / 2
    found = []
    for sign, centre in zip((-1, 1), centres, strict=True):
        to_centre = torch.eye(4, dtype=torch.float64)
        to_centre[:3, 3] = torch.from_numpy(centre[0])
        found.append(to_centre @ torch.linalg.matrix_exp(sign * generator))
    return found[0], found[1]


def _climb(pair: Halves, start: Motion, centres: list[Points], rounds: int) -> Motion:
    motion = start.clone().requires_grad_()
    search = torch.optim.LBFGS(
        [motion], max_iter=rounds, history_size=8, line_search_fn="strong_wolfe"
    )

    def loss() -> torch.Tensor:
        search.zero_grad()
        value = 1e-3 * pair.misfit(_halves(motion, centres))
        value.backward()  # type: ignore[no-untyped-call]
        return value

    search.step(loss)  # type: ignore[no-untyped-call]
    return motion.detach()


def _grid(
    visits: tuple[Visit, Visit],
    to_scans: tuple[Homogeneous, Homogeneous],
    spacing: int,
) -> tuple[Grid, Mask]:
    """Lay a grid around both brains; what is in either of them counts, and a rim."""
    ends = np.concatenate(
        [
            _moved(_ends(visit), np.linalg.inv(to_scan.numpy()))
            for visit, to_scan in zip(visits, to_scans, strict=True)
        ]
    )
    step = float(SPACINGS[0])
    lower = np.floor((ends.min(axis=0) - MARGIN) / step) * step
    upper = np.ceil((ends.max(axis=0) + MARGIN) / step) * step
    affine: Affine = np.diag([float(spacing)] * 3 + [1.0])
    affine[:3, 3] = lower
    i, j, k = (int(n) for n in np.rint((upper - lower) / spacing))
    inside = np.zeros((i, j, k), dtype=np.float32)
    for visit, to_scan in zip(visits, to_scans, strict=True):
        mask = SpatialMap(visit.brain.astype(np.float32), visit.scan.affine)
        part = resample(mask, (i, j, k), affine, to_scan.numpy())
        inside = np.maximum(inside, part)
    brain: Mask = inside > 0.5
    away = ndimage.distance_transform_edt(~brain, sampling=spacing)
    grid = Grid((i, j, k), affine, torch.zeros((i, j, k)))
    return with_weight(grid, away <= RIM), brain


def _ends(visit: Visit) -> Points:
    """Corners of the box around a brain, in mm."""
    where = np.argwhere(visit.brain)
    low, high = where.min(axis=0), where.max(axis=0)
    corners = np.array(np.meshgrid(*zip(low, high, strict=True))).reshape(3, -1).T
    return _moved(corners.astype(np.float64), visit.scan.affine)


def _moved(points: Points, affine: Affine) -> Points:
    moved: Points = points @ affine[:3, :3].T + affine[:3, 3]
    return moved


def _centre(visit: Visit) -> Points:
    """Where the template's brain has its middle, in the scan."""
    return _moved(TEMPLATE_CENTRE, visit.affine)


TEMPLATE_CENTRE: Final = np.array([[0.0, -20.0, 10.0]])
"""About the middle of the brain in MNI space; any point near it would do."""


def _rotation_of(affine: Affine) -> Matrix:
    """Take the rotation of an affine: the nearest one."""
    left, _, right = np.linalg.svd(affine[:3, :3])
    nearest: Matrix = left @ right
    return nearest


def _correlation(images: tuple[torch.Tensor, torch.Tensor], grid: Grid) -> float:
    inside = grid.weight > 0
    one, other = (image[inside].double() for image in images)
    both = torch.stack([one, other])
    return float(torch.corrcoef(both)[0, 1])
