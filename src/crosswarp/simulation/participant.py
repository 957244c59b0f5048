"""One virtual participant: who it is, its head, and what is true about it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.bids.ids import ScanId
from crosswarp.simulation.acquisition import acquire, random_pose, scanner_lattice
from crosswarp.simulation.anatomy import anatomy_lattice, random_size, random_velocity
from crosswarp.simulation.atrophy import AtrophyModel
from crosswarp.simulation.fields import Field, Lattice, exponential, spread
from crosswarp.simulation.heads import Head
from crosswarp.simulation.regions import region_ids
from crosswarp.simulation.settings import SimulationSettings
from crosswarp.types.arrays import (
    Affine,
    Mask,
    Points,
    ScalarMap,
    SpatialMap,
    VectorField,
)

COARSE: Final = 4.0
"""Millimetres between the points at which pose, size and anatomy are composed."""

YOUNGEST: Final = 55.0
OLDEST: Final = 95.0


@dataclass(frozen=True)
class VirtualParticipant:
    """Who a virtual participant is.

    Attributes:
        number: From 1; with the settings it decides everything else.
        diagnosis: Group.
        age_years: Drawn alike in all groups.
        sex: ``F`` or ``M``.
        site: Where it was scanned.
        head: The real head it is made from.
        severity: Of the disease; 1 is the pattern of the settings.
        ratios: Wanted volume ratio of each region, by the disease alone.
    """

    number: int
    diagnosis: Diagnosis
    age_years: float
    sex: str
    site: str
    head: str
    severity: float
    ratios: dict[str, float]

    @property
    def scan(self) -> ScanId:
        """Its one scan."""
        return scan_of(self.number)


@dataclass(frozen=True)
class RegionTruth:
    """What is true of one region of a participant.

    Attributes:
        region: As in `region_ids`.
        base_mm3: Volume in the real head.
        true_mm3: Volume in the participant.
        true_ratio: The second over the first.
        atrophy_ratio: The part of that which the disease makes.
    """

    region: str
    base_mm3: float
    true_mm3: float
    true_ratio: float
    atrophy_ratio: float


@dataclass(frozen=True)
class Deformation:
    """How a point in the scanner finds its place in the real head.

    The participant's image is ``I(y) = base(psi(y))``, where ``psi`` undoes, in this
    order, pose and size, anatomy, and atrophy.

    Attributes:
        to_head: Scanner mm to the mm of a head of the base's size, in its pose.
        anatomy: Displacement of the inverse of the random anatomy, mm.
        atrophy: Displacement of the inverse of the atrophy, mm.
    """

    to_head: Affine
    anatomy: Field
    atrophy: Field


def scan_of(number: int) -> ScanId:
    """Name the one scan of a participant.

    Example:
        >>> scan_of(7).label
        'sub-007'
    """
    return ScanId(f"sub-{number:03d}")


def draw_participant(number: int, settings: SimulationSettings) -> VirtualParticipant:
    """Draw who a participant is.

    Diagnoses are dealt in turn and real heads in turn within each diagnosis, so
    that the head never tells the diagnosis.

    Args:
        number: From 1.
        settings: Of the cohort; how many participants it has does not count.
    """
    rng = _streams(number, settings)[0]
    round_number, place = divmod(number - 1, len(settings.classes))
    diagnosis = settings.classes[place]
    atrophy = settings.atrophy
    severity = float(
        rng.normal(atrophy.severity[diagnosis].mean, atrophy.severity[diagnosis].sd)
    )
    least, most = atrophy.limits
    ratios = {
        region: float(np.clip(pattern**severity * factor, least, most))
        for structure, pattern in atrophy.pattern.items()
        for region in region_ids((structure,))
        for factor in [np.exp(rng.normal(0, atrophy.region_sd))]
    }
    age = rng.normal(settings.age_years.mean, settings.age_years.sd)
    return VirtualParticipant(
        number=number,
        diagnosis=diagnosis,
        age_years=round(float(np.clip(age, YOUNGEST, OLDEST)), 1),
        sex="FM"[int(rng.integers(2))],
        site=settings.acquisition.sites[
            int(rng.integers(len(settings.acquisition.sites)))
        ],
        head=settings.heads[round_number % len(settings.heads)],
        severity=severity,
        ratios=ratios,
    )


def make_scan(
    participant: VirtualParticipant, head: Head, settings: SimulationSettings
) -> tuple[SpatialMap, list[RegionTruth]]:
    """Make the raw scan of a participant.

    Args:
        participant: Who.
        head: The real head it is made from.
        settings: Of the cohort.

    Returns:
        Whole-head T1w image as the scanner stores it, on the scanner's grid; and the
        truth about each region. The same bytes for the same input, on one machine and
        with one thread (matrix products round differently with more).

    Raises:
        InputError: If the regions cannot change as wanted.
        FoldingError: If a deformation is not invertible.
    """
    _, anatomy_rng, pose_rng, scanner_rng = _streams(participant.number, settings)
    model = AtrophyModel(head, region_ids(tuple(settings.atrophy.pattern)))
    atrophy = model.solve(participant.ratios).pull_back
    lattice = anatomy_lattice(head.t1w)
    velocity = random_velocity(lattice, settings.anatomy, anatomy_rng)
    anatomy = exponential(velocity.scaled(-1.0))
    size = random_size(settings.anatomy, participant.sex, anatomy_rng)
    pose = random_pose(settings.acquisition, pose_rng)
    deformation = Deformation(np.linalg.inv(pose @ size), anatomy, atrophy)

    grid = scanner_lattice(settings.acquisition.spacing)
    clean = pull(head.t1w, deformation, grid)
    stored = acquire(clean, settings.acquisition, scanner_rng)
    scan = SpatialMap(stored.astype(np.float32), grid.affine)
    return scan, _truth(model, deformation, float(np.linalg.det(size)))


def pull(t1w: SpatialMap, deformation: Deformation, grid: Lattice) -> ScalarMap:
    """Sample the real head where the deformation says: one interpolation.

    Args:
        t1w: The real head.
        deformation: Scanner to real head.
        grid: The scanner's.

    Returns:
        Intensities of the real head, cubic splines between its voxels; 0 outside
        its field of view, which cuts the neck.
    """
    places = np.moveaxis(_places(deformation, grid), -1, 0).reshape(3, -1)
    to_voxels = np.linalg.inv(t1w.affine).astype(np.float32)
    voxels = to_voxels[:3, :3] @ places + to_voxels[:3, 3:]
    coefficients = ndimage.spline_filter(
        t1w.values, 3, output=np.float32, mode="nearest"
    )
    values: ScalarMap = ndimage.map_coordinates(
        coefficients, voxels, order=3, prefilter=False, output=np.float32
    ).reshape(grid.extent)
    return values


def _places(deformation: Deformation, grid: Lattice) -> VectorField:
    """Place in the real head, in mm, of every voxel of the scanner's grid."""
    spacing = max(COARSE, grid.spacing)
    i, j, k = (int((n - 1) * grid.spacing / spacing) + 2 for n in grid.extent)
    coarse = Lattice((i, j, k), grid.origin, spacing)
    to_head = deformation.to_head.astype(np.float32)
    straight = coarse.points() @ to_head[:3, :3].T + to_head[:3, 3]
    bent = deformation.anatomy.move(straight)
    fine = np.stack(
        [
            spread(bent[:, axis].reshape(coarse.extent), coarse, grid)
            for axis in range(3)
        ]
    )
    # The atrophy's box is a fifth of the head: only there is it looked up.
    box = _reaching(deformation.atrophy.lattice, bent, coarse, grid)
    part = fine[:, *box]
    moved = deformation.atrophy.at(part.reshape(3, -1).T)
    fine[:, *box] += moved.T.reshape(part.shape)
    places: VectorField = np.moveaxis(fine, 0, -1)
    return places


def _reaching(
    target: Lattice, places: Points, coarse: Lattice, grid: Lattice
) -> tuple[slice, slice, slice]:
    """Find the part of ``grid`` whose places lie in ``target``.

    Args:
        target: Where the places may lie.
        places: Of the nodes of ``coarse``.
        coarse: Has the origin of ``grid`` and wider spacing.
        grid: Whose voxels are wanted.
    """
    cells = target.cells(places)
    last = np.array(target.extent) - 1
    within = ((cells > 0) & (cells < last)).all(axis=1)
    inside: Mask = np.asarray(within).reshape(coarse.extent)
    ratio = coarse.spacing / grid.spacing
    slices = []
    for axis in range(3):
        others = tuple(a for a in range(3) if a != axis)
        nodes = np.flatnonzero(inside.any(axis=others))
        first, final = (nodes[0] - 1, nodes[-1] + 1) if len(nodes) else (0, -1)
        slices.append(slice(max(int(first * ratio), 0), int(final * ratio) + 1))
    return (slices[0], slices[1], slices[2])


def _truth(
    model: AtrophyModel, deformation: Deformation, size: float
) -> list[RegionTruth]:
    disease = model.ratios([deformation.atrophy])
    whole = model.ratios([deformation.atrophy, deformation.anatomy])
    return [
        RegionTruth(
            region=region,
            base_mm3=volume,
            true_mm3=volume * whole[region] * size,
            true_ratio=whole[region] * size,
            atrophy_ratio=disease[region],
        )
        for region, volume in model.volumes.items()
    ]


def _streams(number: int, settings: SimulationSettings) -> list[np.random.Generator]:
    """Independent random streams, so that one effect does not change another."""
    seeds = np.random.SeedSequence([settings.seed, number]).spawn(4)
    return [np.random.default_rng(seed) for seed in seeds]
