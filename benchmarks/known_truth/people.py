"""Virtual people of the independent test: scans, and their true volume change."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.known_truth.anatomies import ANATOMY, SCANNER, base_head
from benchmarks.known_truth.changes import Change, make_change
from crosswarp.documents import read_json
from crosswarp.files import write_json, written_whole
from crosswarp.preprocessing.intensity import scale_intensity
from crosswarp.simulation.acquisition import acquire, random_pose, scanner_lattice
from crosswarp.simulation.anatomy import anatomy_lattice, random_size, random_velocity
from crosswarp.simulation.fields import Field, Lattice, exponential
from crosswarp.simulation.heads import Head
from crosswarp.simulation.participant import Deformation, pull
from crosswarp.types.arrays import Points, SpatialMap

PATTERNS: Final = ("nine", "blobs", "atlas")
"""As in `make_change`."""


@dataclass(frozen=True)
class Person:
    """One scan of one virtual person.

    Attributes:
        head: Real head it is made from.
        seed: Of random anatomy, pose and places; 0 leaves the anatomy as it is.
        pattern: One of `PATTERNS`, or empty for no change.
        scan: Number of the scan: each has noise, contrast and bias of its own.
    """

    head: str
    seed: int
    pattern: str = ""
    scan: int = 1

    @property
    def name(self) -> str:
        """Name of its files."""
        return f"{self.head}-{self.seed:02d}-{self.pattern or 'same'}-{self.scan}"


@dataclass(frozen=True)
class Places:
    """Where a person changed, on the grid of the base head.

    Attributes:
        labels: Label of each place; see `Change`.
        numbers: Label by name.
        ratios: Volume after over before by name.
    """

    labels: SpatialMap
    numbers: dict[str, int]
    ratios: dict[str, float]


def make_person(person: Person, folder: Path) -> Path:
    """Make a scan, what deforms it, and its places, once.

    Args:
        person: Which.
        folder: Where labels, scans and truth are kept.

    Returns:
        The file with the scan and its deformation.
    """
    path = folder / "people" / f"{person.name}.npz"
    if path.is_file():
        return path
    head = base_head(person.head, folder)
    change = None
    if person.pattern:
        change = make_change(person.pattern, head, folder, person.seed)
        _keep_places(change, _places_stem(person, folder))
    deformation = _deformation(person, head, change)
    scan = _scan(person, head, deformation)
    stored: dict[str, Any] = {
        "scan": scan.values,
        "scan_affine": scan.affine,
        "to_head": deformation.to_head,
        **_stored("anatomy", deformation.anatomy),
        **_stored("atrophy", deformation.atrophy),
    }
    with written_whole(path) as temporary:
        np.savez(temporary, **stored)
    return path


def load_scan(path: Path) -> SpatialMap:
    """Load the brain of a scan, in [0, 1], 0 outside it."""
    with np.load(path) as stored:
        return SpatialMap(stored["scan"], stored["scan_affine"])


def load_deformation(path: Path) -> Deformation:
    """Load how the points of a scan find their places in the base head."""
    with np.load(path) as stored:
        fields = [
            Field(
                Lattice(
                    tuple(stored[f"{name}_extent"].tolist()),
                    tuple(stored[f"{name}_origin"].tolist()),
                    float(stored[f"{name}_spacing"]),
                ),
                stored[f"{name}_vectors"],
            )
            for name in ("anatomy", "atrophy")
        ]
        return Deformation(stored["to_head"], *fields)


def load_places(person: Person, folder: Path) -> Places:
    """Load where a person changed.

    Args:
        person: One with a pattern, made before.
        folder: As for `make_person`.
    """
    stem = _places_stem(person, folder)
    said = read_json(stem.with_suffix(".json"))
    labels = np.load(stem.with_suffix(".npy")).astype(np.float32)
    head = base_head(person.head, folder)
    return Places(SpatialMap(labels, head.t1w.affine), said["places"], said["ratios"])


def log_ratio(points: Points, deformation: Deformation) -> np.ndarray:
    """Logarithm of the volume of a scan over that of the base head, size included.

    Args:
        points: RAS+ mm in the base head.
        deformation: Of the scan.
    """
    ratio = np.zeros(len(points), dtype=np.float32)
    for pull_back in (deformation.atrophy, deformation.anatomy):
        points = pull_back.origins(points)
        ratio -= np.log(pull_back.determinant(points))
    size = np.log(np.linalg.det(deformation.to_head[:3, :3]))
    return ratio - np.float32(size)


def places_in_head(points: Points, deformation: Deformation) -> Points:
    """Where points of a scan, RAS+ mm, lie in the base head."""
    to_head = deformation.to_head.astype(np.float32)
    straight = points @ to_head[:3, :3].T + to_head[:3, 3]
    return deformation.atrophy.move(deformation.anatomy.move(straight))


def _deformation(person: Person, head: Head, change: Change | None) -> Deformation:
    fields, pose = (
        np.random.default_rng(s)
        for s in np.random.SeedSequence([person.seed, 16]).spawn(2)
    )
    lattice = anatomy_lattice(head.t1w)
    velocity = random_velocity(lattice, ANATOMY, fields)
    size = random_size(ANATOMY, "F", fields)
    if not person.seed:
        velocity, size = velocity.scaled(0.0), np.eye(4)
    to_scan = random_pose(SCANNER, pose) @ size
    return Deformation(
        np.linalg.inv(to_scan),
        exponential(velocity.scaled(-1.0)),
        change.pull_back if change else _still(head),
    )


def _still(head: Head) -> Field:
    x, y, z = head.t1w.affine[:3, 3].tolist()
    return Field(
        Lattice((2, 2, 2), (x, y, z), 2.0), np.zeros((2, 2, 2, 3), dtype=np.float32)
    )


def _scan(person: Person, head: Head, deformation: Deformation) -> SpatialMap:
    grid = scanner_lattice(SCANNER.spacing)
    pattern = ("", *PATTERNS).index(person.pattern)
    noise = np.random.default_rng([person.seed, person.scan, pattern, 16])
    stored = acquire(pull(head.t1w, deformation, grid), SCANNER, noise)
    whole = SpatialMap(head.brain.astype(np.float32), head.t1w.affine)
    brain = pull(whole, deformation, grid) > 0.5
    values = scale_intensity(stored.astype(np.float32), brain)
    return SpatialMap(values, grid.affine)


def _stored(name: str, field: Field) -> dict[str, np.ndarray]:
    lattice = field.lattice
    return {
        f"{name}_vectors": field.vectors,
        f"{name}_extent": np.array(lattice.extent),
        f"{name}_origin": np.array(lattice.origin),
        f"{name}_spacing": np.array(lattice.spacing),
    }


def _places_stem(person: Person, folder: Path) -> Path:
    name = f"{person.head}-{person.seed:02d}-{person.pattern}"
    return folder / "places" / name


def _keep_places(change: Change, stem: Path) -> None:
    stem.parent.mkdir(parents=True, exist_ok=True)
    with (
        written_whole(stem.with_suffix(".npy")) as temporary,
        temporary.open("wb") as f,
    ):
        np.save(f, change.labels)
    write_json(
        stem.with_suffix(".json"), {"places": change.places, "ratios": change.ratios}
    )
