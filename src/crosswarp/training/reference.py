"""What a bundle keeps of its training scans, for one new scan to stand beside them.

Nothing is read of the test part. Of a participant the first scan counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch

from crosswarp.atlas import check_space, load_atlas
from crosswarp.baselines.features import regional_volumes
from crosswarp.baselines.structures import structures_of
from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.errors import CrosswarpError
from crosswarp.evaluation.facts import ScanFacts
from crosswarp.inputs.datamodule import FoldData
from crosswarp.inputs.image_numbers import image_numbers
from crosswarp.models.bundle_card import ReferenceMaps
from crosswarp.statistics.norms import Moments, moments_of
from crosswarp.statistics.unlikeness import (
    FEWEST,
    cloud_of,
    held_out_distances,
    varying,
)
from crosswarp.study.reference_group import (
    COVARIATES,
    ReferenceGroup,
    RegionSums,
    covariates_of,
)
from crosswarp.study.reference_group import FEWEST as FEWEST_NORMAL
from crosswarp.study.usual_scans import PERCENTS, UsualScans
from crosswarp.training.cell import CellRequest
from crosswarp.types.maps import of_two_scans
from crosswarp.types.scores import Features
from crosswarp.types.tensors import Volume

FEWEST_IN_MEAN: Final = 8
"""Participants below whom no mean map is kept: it would show who they are."""

_KNOWN: Final = 0.8
"""Share of the group of whom a covariate must be known to be adjusted for."""

_NORMAL: Final = Diagnosis.CN.value


@dataclass(frozen=True)
class Kept:
    """What a bundle keeps of the training scans to compare one scan with.

    Attributes:
        said: Fields of its card.
        reference: Mean maps of the reference group; None where there are too few.
    """

    said: dict[str, Any]
    reference: tuple[Volume, Volume] | None


def kept_of(request: CellRequest, data: FoldData) -> Kept:
    """Make all that a bundle keeps to compare one scan with.

    Args:
        request: Cell whose training has ended.
        data: Scans of the cell.
    """
    maps = reference_maps(request, data)
    said = {
        "reference_group": reference_group(request, data),
        "reference_maps": None if maps is None else maps[0],
        "class_prior": class_prior(request, data),
        "usual": usual_scans(request, data),
    }
    return Kept(said, None if maps is None else maps[1])


def reference_group(request: CellRequest, data: FoldData) -> ReferenceGroup:
    """Sum up volumes of regions in the cognitively normal training participants.

    Args:
        request: Cell whose training has ended.
        data: Scans of the cell.

    Returns:
        With a reason and no regions where there are too few of them, or the maps lie
        on another template than the atlas.
    """
    rows = _first_scans(request, only=_NORMAL)
    if of_two_scans(request.maps):
        return ReferenceGroup(
            participants=len(rows),
            reason="the network sees a change between two scans, no volume of one",
        )
    if len(rows) < FEWEST_NORMAL:
        return ReferenceGroup(
            participants=len(rows),
            reason=f"{len(rows)} {_NORMAL} participants were trained on, fewer than"
            f" the {FEWEST_NORMAL} that a reference group needs",
        )
    try:
        check_space(request.grid.space)
        labels, regions = load_atlas(request.grid.extent, request.grid.affine)
    except CrosswarpError as error:
        return ReferenceGroup(participants=len(rows), reason=str(error))
    parts = list(structures_of(regions))
    covariates, names = _covariates([request.scans[row].facts for row in rows])
    known = np.isfinite(covariates).all(axis=1)
    chosen = [row for row, there in zip(rows, known, strict=True) if there]
    volumes = regional_volumes(
        np.stack([data.store.jsm[row] for row in chosen]),
        labels[tuple(slice(*bounds) for bounds in request.grid.box)],
        [each for _, _, each in parts],
    )
    sums = [moments_of(covariates[known], column) for column in volumes.T]
    first = sums[0]
    return ReferenceGroup(
        participants=len(chosen),
        covariates=tuple(names),
        means=_numbers(first.means),
        products=tuple(_numbers(row) for row in first.products),
        regions=tuple(
            _region(name, side, found)
            for (name, side, _), found in zip(parts, sums, strict=True)
        ),
    )


def reference_maps(
    request: CellRequest, data: FoldData
) -> tuple[ReferenceMaps, tuple[Volume, Volume]] | None:
    """Average the maps of the cognitively normal participants that were trained on.

    Args:
        request: Cell whose training has ended.
        data: Scans of the cell.

    Returns:
        Of all participants where fewer than ten of them are cognitively normal; None
        where there are fewer than `FEWEST_IN_MEAN` in all.
    """
    group: str | None = _NORMAL
    rows = _first_scans(request, only=group)
    if len(rows) < FEWEST_NORMAL:
        rows, group = _first_scans(request), None
    if len(rows) < FEWEST_IN_MEAN:
        return None
    means = []
    for stored in (data.store.t1w, data.store.jsm):
        total = np.zeros(stored.shape[1:])
        for row in rows:
            total += stored[row]
        mean = (total / len(rows)).astype(np.float32)
        means.append(torch.from_numpy(mean)[None, None])
    card = ReferenceMaps(diagnosis=group, participants=len(rows))
    return card, (means[0], means[1])


def usual_scans(request: CellRequest, data: FoldData) -> UsualScans | None:
    """Describe what the training scans are like, by numbers of quality and image.

    Args:
        request: Cell whose training has ended.
        data: Scans of the cell.

    Returns:
        None where there are too few scans, or no number that varies.
    """
    rows = _first_scans(request)
    found = [
        {**request.scans[row].facts.quality, **image_numbers(data.store.t1w[row])}
        for row in rows
    ]
    names = sorted({name for each in found for name in each})
    table = np.array([[each.get(name, np.nan) for name in names] for each in found])
    kept = varying(table) if len(rows) >= FEWEST else []
    if not kept:
        return None
    cloud = cloud_of(table[:, kept])
    distances = held_out_distances(table[:, kept])
    return UsualScans(
        scans=len(rows),
        names=tuple(names[number] for number in kept),
        means=_numbers(cloud.means),
        sds=_numbers(cloud.sds),
        precision=tuple(_numbers(row) for row in cloud.precision),
        distances=_numbers(np.percentile(distances, PERCENTS)),
    )


def class_prior(request: CellRequest, data: FoldData) -> tuple[float, ...]:
    """Say how frequent training made the network expect each class to be.

    Args:
        request: Cell whose training has ended.
        data: Scans of the cell.
    """
    count = len(request.classes)
    training = request.training
    if training.class_weights or training.balanced_sampling:
        return (1 / count,) * count
    totals = np.zeros(count)
    for row, share in zip(data.rows("train"), data.shares("train"), strict=True):
        totals[data.diagnoses[row]] += share
    return _numbers(totals / totals.sum())


def _first_scans(request: CellRequest, only: str | None = None) -> list[int]:
    """List rows of the store: the first scan of each participant that was used."""
    used = [
        (scan.scan, row)
        for row, scan in enumerate(request.scans)
        if scan.split in ("train", "val") and only in (None, scan.diagnosis)
    ]
    first: dict[str, int] = {}
    for scan, row in sorted(used):
        first.setdefault(scan.participant_id, row)
    return sorted(first.values())


def _covariates(facts: Sequence[ScanFacts]) -> tuple[Features, list[str]]:
    """Take the covariates that are known of most of the group, and vary."""
    table = np.array([covariates_of(f.age_years, f.sex, f.quality) for f in facts])
    kept = [
        number
        for number in range(len(COVARIATES))
        if np.isfinite(table[:, number]).mean() >= _KNOWN
        and np.nanstd(table[:, number]) > 0
    ]
    return table[:, kept], [COVARIATES[number] for number in kept]


def _region(name: str, side: str, found: Moments) -> RegionSums:
    return RegionSums(
        region=name,
        hemisphere=side,
        mean=found.outcome_mean,
        products=_numbers(found.outcome_products),
        squares=found.outcome_squares,
    )


def _numbers(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
