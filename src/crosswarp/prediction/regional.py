"""Volumes of a scan's regions beside the reference group of a network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from crosswarp.atlas import Region, load_atlas
from crosswarp.baselines.features import regional_volumes
from crosswarp.baselines.structures import structures_of
from crosswarp.errors import CrosswarpError
from crosswarp.inputs.grid import Grid
from crosswarp.models.bundle import Bundle
from crosswarp.prediction.person import Person
from crosswarp.statistics.norms import Deviation, deviation_of
from crosswarp.study.findings import RegionalTable, RegionVolume
from crosswarp.study.reference_group import (
    AGE,
    HEAD_SIZE,
    SEX,
    ReferenceGroup,
    RegionSums,
    covariates_of,
)
from crosswarp.types.arrays import CroppedMap, LabelMap

NOT_KEPT: Final = (
    "The bundle was written by an earlier version, without a reference group: volumes"
    " of regions cannot be compared with it."
)

WORDS: Final = {AGE: "age", SEX: "sex", HEAD_SIZE: "head size"}
"""Covariates as a reader knows them."""


def regional_table(
    bundles: Sequence[Bundle],
    jsm: CroppedMap,
    grid: Grid,
    person: Person,
    numbers: Mapping[str, float],
) -> RegionalTable:
    """Compare the volumes of a scan with the largest reference group of the bundles.

    Args:
        bundles: Bundles of one model; the groups of several folds overlap, and one of
            them is taken.
        jsm: Log-Jacobian map of the scan, on the bundles' box.
        grid: Grid of the map.
        person: What is known of the person.
        numbers: Numbers of the quality control of the scan.
    """
    groups = [b.card.reference_group for b in bundles if b.card.reference_group]
    if not groups:
        return RegionalTable(reason=NOT_KEPT)
    group = max(groups, key=lambda each: each.participants)
    if group.reason:
        reason = f"No reference group: {group.reason}."
        return _without(group, reason)
    try:
        atlas = load_atlas(grid.extent, grid.affine)
        return _beside(group, _measured(jsm, grid, *atlas), person, numbers)
    except CrosswarpError as error:
        return _without(group, str(error))


@dataclass(frozen=True)
class _Measured:
    """A structure of either side: its labels, where it lies, and its volume."""

    labels: tuple[int, ...]
    centre_mm: tuple[float, float, float]
    volume: float


def _without(group: ReferenceGroup, reason: str) -> RegionalTable:
    return RegionalTable(
        group=group.diagnosis, participants=group.participants, reason=reason
    )


def _measured(
    jsm: CroppedMap, grid: Grid, labels: LabelMap, regions: Sequence[Region]
) -> dict[tuple[str, str], _Measured]:
    parts = list(structures_of(regions))
    volumes = regional_volumes(
        jsm[None],
        labels[tuple(slice(*bounds) for bounds in grid.box)],
        [each for _, _, each in parts],
    )[0]
    found = {}
    for (name, side, those), volume in zip(parts, volumes, strict=True):
        voxel = np.argwhere(np.isin(labels, those)).mean(axis=0)
        i, j, k = grid.affine[:3, :3] @ voxel + grid.affine[:3, 3]
        centre = (round(float(i), 1), round(float(j), 1), round(float(k), 1))
        found[name, side] = _Measured(tuple(those), centre, float(volume))
    return found


def _beside(
    group: ReferenceGroup,
    measured: Mapping[tuple[str, str], _Measured],
    person: Person,
    numbers: Mapping[str, float],
) -> RegionalTable:
    known = dict(
        zip(WORDS, covariates_of(person.age_years, person.sex, numbers), strict=True)
    )
    chosen = [i for i, name in enumerate(group.covariates) if np.isfinite(known[name])]
    names = [group.covariates[i] for i in chosen]
    values = np.array([known[name] for name in names], dtype=float)
    regions = []
    for sums in group.regions:
        one = measured[sums.region, sums.hemisphere]
        found = deviation_of(one.volume, values, group.moments(sums).only(chosen))
        if found is not None:
            regions.append(_region(sums, one, found))
    return RegionalTable(
        group=group.diagnosis,
        participants=group.participants,
        adjusted_for=tuple(WORDS[name] for name in names),
        not_adjusted_for=tuple(w for name, w in WORDS.items() if name not in names),
        regions=tuple(regions),
    )


def _region(sums: RegionSums, one: _Measured, found: Deviation) -> RegionVolume:
    return RegionVolume(
        region=sums.region,
        hemisphere=sums.hemisphere,
        labels=one.labels,
        centre_mm=one.centre_mm,
        ratio=round(float(np.exp(one.volume)), 5),
        expected=round(float(np.exp(found.expected)), 5),
        z=round(found.z, 3),
        percentile=round(found.percentile, 2),
    )
