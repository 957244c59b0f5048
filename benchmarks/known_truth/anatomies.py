"""Real heads, warped by known smooth fields and with known atrophy.

A scan is ``I(y) = base(psi(y))``; what a registration of its base head to it should
find is the inverse of ``psi``. All of it is built by `crosswarp.simulation`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.files import written_whole
from crosswarp.preprocessing.intensity import scale_intensity
from crosswarp.simulation.acquisition import acquire, random_pose, scanner_lattice
from crosswarp.simulation.anatomy import anatomy_lattice, random_size, random_velocity
from crosswarp.simulation.atrophy import AtrophyModel
from crosswarp.simulation.fields import Field, Lattice, exponential
from crosswarp.simulation.heads import Head, label_head, load_head
from crosswarp.simulation.participant import Deformation, pull
from crosswarp.simulation.regions import region_ids
from crosswarp.simulation.settings import AcquisitionSettings, AnatomySettings
from crosswarp.types.arrays import Affine, SpatialMap

ANATOMY: Final = AnatomySettings()
"""How much the heads differ: log-Jacobian SD 0.10 at 10 and 24 mm, as in the demo."""

SCANNER: Final = AcquisitionSettings(bias_sd=0.03)
"""Noise, contrast and pose as in the demo; the bias is what N4 leaves."""

GROWTH: Final = 1.5
"""The ventricles gain this much of what the hippocampi lose: 30 % loss, 45 % growth."""

HALO: Final = 6
"""Voxels around the brain in which the truth is kept."""


@dataclass(frozen=True)
class Anatomy:
    """One virtual participant.

    Attributes:
        head: Real head it is made from.
        seed: Of its random anatomy, pose and noise; 0 leaves the anatomy as it is.
        loss: Percent of both hippocampi.
    """

    head: str
    seed: int
    loss: int

    @property
    def name(self) -> str:
        """Name of its files."""
        return f"{self.head}-{self.seed:02d}-{self.loss:02d}"

    @property
    def healthy(self) -> "Anatomy":
        """The same anatomy without loss."""
        return Anatomy(self.head, self.seed, 0)

    @property
    def unwarped(self) -> "Anatomy":
        """The real head itself, scanned with the noise of seed 0."""
        return Anatomy(self.head, 0, 0)


@dataclass(frozen=True)
class Truth:
    """What a registration of the base head to the scan should find.

    Attributes:
        log_jacobian: Logarithm of the volume ratio at points of the base head, size
            included; NaN far from the brain.
        positions: RAS+ mm in the scan of points of the base head, one map an axis,
            on every second voxel; NaN far from the brain.
        to_scan: Pose and size: base head mm to scan mm before anatomy and atrophy.
    """

    log_jacobian: SpatialMap
    positions: tuple[SpatialMap, SpatialMap, SpatialMap]
    to_scan: Affine


def base_head(name: str, folder: Path) -> Head:
    """Load a real head, labelled with CerebrA."""
    label_head(name, folder)
    return load_head(name, folder)


def make_anatomy(anatomy: Anatomy, folder: Path) -> Path:
    """Make a scan and the truth about it, once.

    Args:
        anatomy: Which.
        folder: Where labels, scans and truth are kept.

    Returns:
        The file with both.

    Raises:
        FoldingError: If a deformation is not invertible; the truth has no fold.
    """
    path = folder / "anatomies" / f"{anatomy.name}.npz"
    if path.is_file():
        return path
    head = base_head(anatomy.head, folder)
    deformation, forward = _deformation(anatomy, head)
    scan = _scan(anatomy, head, deformation)
    truth = true_map(head, deformation, forward)
    with written_whole(path) as temporary:
        np.savez(
            temporary,
            scan=scan.values,
            scan_affine=scan.affine,
            log_jacobian=truth.log_jacobian.values,
            affine=truth.log_jacobian.affine,
            positions=np.stack([m.values for m in truth.positions]),
            positions_affine=truth.positions[0].affine,
            to_scan=truth.to_scan,
        )
    return path


def load_scan(path: Path) -> SpatialMap:
    """Load the brain of a scan, in [0, 1], 0 outside it."""
    with np.load(path) as stored:
        return SpatialMap(stored["scan"], stored["scan_affine"])


def load_truth(path: Path) -> Truth:
    """Load what is true about a scan."""
    with np.load(path) as stored:
        x, y, z = (
            SpatialMap(p, stored["positions_affine"]) for p in stored["positions"]
        )
        return Truth(
            SpatialMap(stored["log_jacobian"], stored["affine"]),
            (x, y, z),
            stored["to_scan"],
        )


def true_map(head: Head, deformation: Deformation, to_scan: Affine) -> Truth:
    """Invert the deformation at every point in and near the brain.

    Args:
        head: The base head.
        deformation: Scan to base head.
        to_scan: Head mm to scan mm: pose and size.
    """
    affine = head.t1w.affine
    near = ndimage.binary_dilation(head.brain, iterations=HALO)
    voxels = np.argwhere(near)
    start = (voxels @ affine[:3, :3].T + affine[:3, 3]).astype(np.float32)
    points, log_ratio = start, np.zeros(len(start), dtype=np.float32)
    for pull_back in (deformation.atrophy, deformation.anatomy):
        points = pull_back.origins(points)
        log_ratio -= np.log(pull_back.determinant(points))
    log_ratio += np.float32(np.log(np.linalg.det(to_scan[:3, :3])))
    found = points @ to_scan[:3, :3].T + to_scan[:3, 3]
    dense = np.full((4, *near.shape), np.nan, dtype=np.float32)
    dense[0][near] = log_ratio
    for axis in range(3):
        dense[axis + 1][near] = found[:, axis]
    coarse = affine.copy()
    coarse[:3, :3] *= 2
    x, y, z = (SpatialMap(d[::2, ::2, ::2], coarse) for d in dense[1:])
    return Truth(SpatialMap(dense[0], affine), (x, y, z), to_scan)


def _deformation(anatomy: Anatomy, head: Head) -> tuple[Deformation, Affine]:
    fields, pose_rng = (
        np.random.default_rng(s)
        for s in np.random.SeedSequence([anatomy.seed, 7]).spawn(2)
    )
    lattice = anatomy_lattice(head.t1w)
    velocity = random_velocity(lattice, ANATOMY, fields)
    size = random_size(ANATOMY, "F", fields)
    if not anatomy.seed:
        velocity, size = velocity.scaled(0.0), np.eye(4)
    to_scan: Affine = random_pose(SCANNER, pose_rng) @ size
    deformation = Deformation(
        np.linalg.inv(to_scan),
        exponential(velocity.scaled(-1.0)),
        _atrophy(head, anatomy.loss / 100),
    )
    return deformation, to_scan


def _atrophy(head: Head, loss: float) -> Field:
    if not loss:
        x, y, z = head.t1w.affine[:3, 3].tolist()
        still = Lattice((2, 2, 2), (x, y, z), 2.0)
        return Field(still, np.zeros((2, 2, 2, 3), dtype=np.float32))
    ratios = {
        **dict.fromkeys(region_ids(("hippocampus",)), 1 - loss),
        **dict.fromkeys(
            region_ids(("lateral_ventricle", "inferior_lateral_ventricle")),
            1 + GROWTH * loss,
        ),
    }
    model = AtrophyModel(head, region_ids(tuple(dict.fromkeys(_structures(ratios)))))
    return model.solve(ratios).pull_back


def _structures(ratios: dict[str, float]) -> list[str]:
    return [region.rsplit("_", 1)[0] for region in ratios]


def _scan(anatomy: Anatomy, head: Head, deformation: Deformation) -> SpatialMap:
    grid = scanner_lattice(SCANNER.spacing)
    # The noise is that of the scan, not of the anatomy: a second visit has another.
    noise = np.random.default_rng([anatomy.seed, anatomy.loss, 9])
    stored = acquire(pull(head.t1w, deformation, grid), SCANNER, noise)
    whole = SpatialMap(head.brain.astype(np.float32), head.t1w.affine)
    brain = pull(whole, deformation, grid) > 0.5
    values = scale_intensity(stored.astype(np.float32), brain)
    return SpatialMap(values, grid.affine)
