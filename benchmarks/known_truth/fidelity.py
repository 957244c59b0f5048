"""Scores of the independent test: what a registration finds of what is known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.known_truth.people import (
    PATTERNS,
    Person,
    Places,
    load_deformation,
    load_places,
    log_ratio,
    make_person,
    places_in_head,
)
from benchmarks.known_truth.templates import ScoredTemplate
from crosswarp.registration.jacobian import jacobian_determinant
from crosswarp.registration.resampling import grid_points, resample
from crosswarp.registration.result import Registration
from crosswarp.types.arrays import Mask, Points, SpatialMap

Row = dict[str, str | float]

STEP: Final = 2
"""Voxels of the 1 mm template from one scored point to the next."""

LEAST_VOLUME: Final = 0.4
"""Share of a place that has to be seen on the template, or it is not scored."""


@dataclass(frozen=True)
class Pair:
    """Two heads: the fixed one, and the one that people are made from.

    Attributes:
        template: The fixed head.
        head: Head of the people.
        seed: Of their anatomy and their changes.
    """

    template: str
    head: str
    seed: int

    @property
    def name(self) -> str:
        """Name in tables."""
        same = self.template == self.head
        return f"{self.head}, same head" if same else f"{self.head} to {self.template}"

    @property
    def exact(self) -> bool:
        """Whether the people are made from the template."""
        return self.template == self.head

    def people(self, patterns: Sequence[str]) -> list[Person]:
        """List the scans that are registered.

        Args:
            patterns: Of change, out of `PATTERNS`.
        """
        found = [Person(self.head, self.seed, scan=n) for n in (1, 2)]
        found += [Person(self.head, self.seed, pattern) for pattern in patterns]
        return found if self.exact else [Person(self.head, 0), *found]


@dataclass(frozen=True)
class Found:
    """What a registration says at the scored points of the template's brain.

    Attributes:
        log_ratio: Logarithm of the whole volume ratio, affine included.
        positions: RAS+ mm in the scan.
        folded: Points whose determinant is not above 0.
    """

    log_ratio: np.ndarray
    positions: Points
    folded: int


def read_found(found: Registration, grid: SpatialMap, fixed: ScoredTemplate) -> Found:
    """Look at a registration at the scored points.

    Args:
        found: Its displacement on ``grid``.
        grid: The template's grid at 1 or 2 mm.
        fixed: The template at 1 mm.
    """
    inside = fixed.mask[::STEP, ::STEP, ::STEP]
    thin = STEP if grid.extent == fixed.brain.extent else 1
    determinant = jacobian_determinant(found.displacement, grid.affine)
    values = determinant[::thin, ::thin, ::thin][inside]
    size = np.log(np.linalg.det(found.affine[:3, :3]))
    moved = (grid_points(grid.extent, grid.affine) + found.displacement)[
        ::thin, ::thin, ::thin
    ][inside]
    positions = moved @ found.affine[:3, :3].T + found.affine[:3, 3]
    return Found(
        np.log(np.maximum(values, 0.01)) + np.float32(size),
        positions.astype(np.float32),
        int((values <= 0).sum()),
    )


def points_of(fixed: ScoredTemplate) -> Points:
    """RAS+ mm of the scored points of the template."""
    thin = (slice(None, None, STEP),) * 3
    points = grid_points(fixed.brain.extent, fixed.brain.affine)[thin]
    inside: Mask = fixed.mask[thin]
    found: Points = points[inside].astype(np.float32)
    return found


def score_pair(
    pair: Pair,
    fixed: ScoredTemplate,
    find: Callable[[Person], Found],
    folder: Path,
    patterns: Sequence[str] = PATTERNS,
) -> list[Row]:
    """Score a method on a pair of heads.

    Args:
        pair: The heads.
        fixed: The pair's template.
        find: Gives the registration of the template to each of the pair's people.
        folder: Where the people are.
        patterns: Of change.

    Returns:
        A row for the whole brain, and one for each place of each pattern.
    """
    first, second = (Person(pair.head, pair.seed, scan=n) for n in (1, 2))
    before, again = find(first), find(second)
    of_first = load_deformation(make_person(first, folder))
    at = points_of(fixed)
    if not pair.exact:
        at = places_in_head(before.positions, of_first)
    rows: list[Row] = []
    whole: Row = {
        "pattern": "anatomy",
        "place": "brain",
        **_anatomy(pair, fixed, find, folder),
        "noise": float((again.log_ratio - before.log_ratio).std()),
        "folded": before.folded + again.folded,
    }
    rows.append(whole)
    base = log_ratio(at, of_first)
    for pattern in patterns:
        person = Person(pair.head, pair.seed, pattern)
        after = find(person)
        changed = load_deformation(make_person(person, folder))
        true = log_ratio(at, changed) - base
        rows.append(
            {
                "pattern": pattern,
                "place": "brain",
                **_agreement(after.log_ratio - before.log_ratio, true),
                "folded": after.folded,
            }
        )
        places = load_places(person, folder)
        noise = again.log_ratio - before.log_ratio
        scored = _of_places(places, at, (before, after), true, noise)
        seen = abs(np.linalg.det(fixed.brain.affine[:3, :3])) * STEP**3 / 1000
        rows += [
            {"pattern": pattern, **row}
            for row in scored
            if float(row["points"]) * seen > LEAST_VOLUME * float(row["cm3"])
        ]
    return rows


def _anatomy(
    pair: Pair, fixed: ScoredTemplate, find: Callable[[Person], Found], folder: Path
) -> Row:
    """Hold the whole map of a person without change against the random anatomy."""
    first = Person(pair.head, pair.seed)
    found, of_first = find(first), load_deformation(make_person(first, folder))
    if pair.exact:
        return _agreement(found.log_ratio, log_ratio(points_of(fixed), of_first))
    itself = Person(pair.head, 0)
    plain, of_itself = find(itself), load_deformation(make_person(itself, folder))
    at = places_in_head(plain.positions, of_itself)
    true = log_ratio(at, of_first) - log_ratio(at, of_itself)
    return _agreement(found.log_ratio - plain.log_ratio, true)


def _agreement(found: np.ndarray, true: np.ndarray) -> Row:
    both = np.cov(found, true)
    # A method that finds nothing at all has no correlation with anything.
    scale = np.sqrt(both[0, 0] * both[1, 1])
    return {
        "r": float(both[0, 1] / scale) if scale else 0.0,
        "slope": float(both[0, 1] / both[1, 1]),
    }


def _of_places(
    places: Places,
    at: Points,
    found: tuple[Found, Found],
    true: np.ndarray,
    noise: np.ndarray,
) -> list[Row]:
    """Score each place: log change of its volume, found over true."""
    before, after = (f.log_ratio.astype(np.float64) for f in found)
    labels = _nearest(places.labels, at)
    voxel = abs(np.linalg.det(places.labels.affine[:3, :3])) / 1000
    rows: list[Row] = []
    for name, number in places.numbers.items():
        here = labels == number
        volume = float((places.labels.values == number).sum() * voxel)
        if not here.any():
            continue
        then = np.exp(before[here]).sum()
        changed = np.log(np.exp(after[here]).sum() / then)
        right = np.log(np.exp(before[here] + true[here]).sum() / then)
        rows.append(
            {
                "place": name,
                "cm3": volume,
                "points": int(here.sum()),
                "true": float(right),
                "found": float(changed),
                "share": float(changed / right),
                "noise": float(noise[here].std()),
            }
        )
    return rows


def _nearest(labels: SpatialMap, points: Points) -> np.ndarray:
    extent = (len(points), 1, 1)
    collapsed = np.diag([0.0, 0.0, 0.0, 1.0])
    row = points.reshape(*extent, 3)
    return resample(labels, extent, collapsed, displacement=row, order=0).ravel()
