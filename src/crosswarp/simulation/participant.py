"""The body of a virtual participant: its deformed head, and what is true about it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.simulation.acquisition import random_pose, scanner_lattice
from crosswarp.simulation.anatomy import anatomy_lattice, random_size, random_velocity
from crosswarp.simulation.atrophy import AtrophyModel
from crosswarp.simulation.drawing import Streams, VirtualParticipant
from crosswarp.simulation.fields import Field, Lattice, exponential, spread
from crosswarp.simulation.heads import Head
from crosswarp.simulation.regions import region_ids
from crosswarp.simulation.scanning import ScanTruth, scan_head
from crosswarp.simulation.settings import SimulationSettings
from crosswarp.simulation.signal import Signal, change_signal, with_signal
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

REFERENCE_CM3: Final = 1891.07
"""Brain of the template: sizes are drawn relative to a head of this brain."""


@dataclass(frozen=True)
class RegionTruth:
    """What is true of one region of a participant.

    Attributes:
        region: As in `region_ids`.
        base_mm3: Volume in the real head.
        true_mm3: Volume in the participant.
        true_ratio: The second over the first.
        atrophy_ratio: The part of that which is exact, by disease, age and the
            structure's own chance; the rest is the random anatomy and the size.
        healthy_ratio: What ``atrophy_ratio`` would be without the disease.
    """

    region: str
    base_mm3: float
    true_mm3: float
    true_ratio: float
    atrophy_ratio: float
    healthy_ratio: float


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


@dataclass(frozen=True)
class Body:
    """A participant before it is scanned.

    Attributes:
        deformation: From the scanner back to the real head.
        to_scanner: Pose and size: inverse of ``deformation.to_head``.
        anatomy: Displacement of the random anatomy, real head to participant, mm.
        atrophy: Displacement of the atrophy, real head to participant, mm.
        regions: What is true of each region.
    """

    deformation: Deformation
    to_scanner: Affine
    anatomy: Field
    atrophy: Field
    regions: list[RegionTruth]

    def place(self, points: Points) -> Points:
        """Where points of the real head lie in the scanner, in mm."""
        bent = self.anatomy.move(self.atrophy.move(points))
        to_scanner = self.to_scanner.astype(np.float32)
        placed: Points = bent @ to_scanner[:3, :3].T + to_scanner[:3, 3]
        return placed


def make_body(
    participant: VirtualParticipant, head: Head, settings: SimulationSettings
) -> Body:
    """Deform a real head into a participant's.

    Args:
        participant: Participant to be simulated.
        head: The real head it is made from.
        settings: Of the cohort.

    Raises:
        InputError: If the regions cannot change as wanted.
        FoldingError: If a deformation is not invertible.
    """
    streams = Streams.of(participant.number, settings)
    model = AtrophyModel(head, region_ids(settings.structures))
    atrophy = model.solve(participant.ratios)
    lattice = anatomy_lattice(head.t1w)
    velocity = random_velocity(lattice, settings.anatomy, streams.anatomy)
    back = exponential(velocity.scaled(-1.0))
    size = random_size(settings.anatomy, participant.sex, streams.anatomy)
    # A head of another size than the template's becomes as large as the others.
    size[:3, :3] *= (REFERENCE_CM3 / head.brain_cm3) ** (1 / 3)
    to_scanner = random_pose(settings.acquisition, streams.pose) @ size
    for field in (atrophy.pull_back, back):
        field.check_positive()
    deformation = Deformation(np.linalg.inv(to_scanner), back, atrophy.pull_back)
    regions = _truth(model, participant, deformation, float(np.linalg.det(size)))
    forwards = [exponential(v) for v in (velocity, atrophy.velocity)]
    return Body(deformation, to_scanner, forwards[0], forwards[1], regions)


def signal_of(
    participant: VirtualParticipant, head: Head, settings: SimulationSettings
) -> Signal | None:
    """Find how the signal of a participant's tissue differs from the real head's.

    Args:
        participant: Whose tissue it is.
        head: The real head it is made from.
        settings: Of the cohort.

    Returns:
        None where the settings leave the signal as it is.
    """
    if settings.signal is None:
        return None
    rng = Streams.of(participant.number, settings).signal
    rng.standard_normal()  # was the severity's
    return change_signal(participant, head, settings.signal, rng)


def scan_body(
    participant: VirtualParticipant,
    body: Body,
    head: Head,
    settings: SimulationSettings,
    signal: Signal | None = None,
) -> tuple[SpatialMap, ScanTruth]:
    """Scan a body.

    Args:
        participant: Whose it is.
        body: As `make_body` made it.
        head: The real head it is made from.
        settings: Of the cohort.
        signal: Of its tissue, as `signal_of` finds it; the real head's when None.

    Returns:
        Whole-head T1w image as the scanner stores it; and what happened to it.
    """
    streams = Streams.of(participant.number, settings)
    grid = scanner_lattice(settings.acquisition.spacing)
    if signal is not None:
        head = with_signal(head, signal)
    clean = SpatialMap(pull(head.t1w, body.deformation, grid), grid.affine)
    return scan_head(clean, participant.site, settings, streams)


def make_scan(
    participant: VirtualParticipant, head: Head, settings: SimulationSettings
) -> tuple[SpatialMap, list[RegionTruth]]:
    """Make the raw scan of a participant.

    Args:
        participant: Participant to be simulated.
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
    body = make_body(participant, head, settings)
    signal = signal_of(participant, head, settings)
    scan, _ = scan_body(participant, body, head, settings, signal)
    return scan, body.regions


def pull(t1w: SpatialMap, deformation: Deformation, grid: Lattice) -> ScalarMap:
    """Sample the real head where the deformation says: one interpolation.

    Args:
        t1w: The real head.
        deformation: Scanner to real head.
        grid: Grid of the scanner.

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
    model: AtrophyModel,
    participant: VirtualParticipant,
    deformation: Deformation,
    size: float,
) -> list[RegionTruth]:
    exact = model.ratios([deformation.atrophy])
    whole = model.ratios([deformation.atrophy, deformation.anatomy])
    return [
        RegionTruth(
            region=region,
            base_mm3=volume,
            true_mm3=volume * whole[region] * size,
            true_ratio=whole[region] * size,
            atrophy_ratio=exact[region],
            healthy_ratio=participant.healthy_ratios[region],
        )
        for region, volume in model.volumes.items()
    ]
