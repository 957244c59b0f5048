"""Why one scan got its answer: gradients, occlusion, attention, share of each map."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import nibabel as nib
import numpy as np
import torch
from scipy import ndimage

from crosswarp.atlas import check_space, load_atlas
from crosswarp.baselines.structures import structures_of
from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.names import transform_path
from crosswarp.bids.raw import RawScan
from crosswarp.bids.series import SeriesChoice
from crosswarp.bids.volumes import open_volume
from crosswarp.errors import InputError, MissingDerivativeError
from crosswarp.explanation.attention import region_attention
from crosswarp.explanation.gradients import Maps, integrated_gradients
from crosswarp.explanation.occlusion import occlusions
from crosswarp.files import written_whole
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.samples import read_map
from crosswarp.inputs.scan_files import DESCRIPTIONS, Derivatives
from crosswarp.models.bundle import Bundle
from crosswarp.prediction.answer import ScanPrediction
from crosswarp.prediction.bundles import load_bundles
from crosswarp.prediction.findings import shares_of
from crosswarp.prediction.given_maps import grid_with
from crosswarp.prediction.networks import card_of
from crosswarp.prediction.scan_place import find_one
from crosswarp.readers.source import read_source
from crosswarp.registration.inverse import onto_scan
from crosswarp.registration.result import Registration
from crosswarp.study.names import (
    ANSWER_ENDING,
    ANSWERS,
    ATTRIBUTION_MAP_ENDING,
    EXPLANATION_ENDING,
    SCAN_ATTRIBUTION_MAP_ENDING,
)
from crosswarp.study.scan_explanation import (
    AttendedRegion,
    RegionEvidence,
    ScanExplanation,
    write_scan_explanation,
)
from crosswarp.types.arrays import ScalarMap, SpatialMap
from crosswarp.types.grid import SPACE

METHOD: Final = (
    "integrated gradients of the evidence for the positive class, from the mean maps of"
    " the reference group to the scan; mean over the networks"
)

SMOOTHING_MM: Final = 3.0
"""SD of the Gaussian over the maps that are written; sums of regions are before it."""

PAIRS: Final = 12
"""Pairs of regions that are named of the attention."""

NO_REFERENCE: Final = (
    "the bundle keeps no mean maps of a reference group, which an explanation of one"
    " scan starts from: earlier versions did not write them, and they are not kept of"
    " fewer than eight participants. Train the model again, or explain its run"
)

MAPS: Final[tuple[str, ...]] = ("t1w", "jsm")


@dataclass(frozen=True)
class _Scan:
    """A scan's maps and the regions on their grid.

    Attributes:
        maps: Both maps, on the networks' box.
        grid: Grid of the maps.
        names: Structure and side of each region.
        regions: Voxels of each region, on the box.
    """

    maps: Maps
    grid: Grid
    names: tuple[tuple[str, str], ...]
    regions: tuple[torch.Tensor, ...]


def explanation_of(out: Path, answer: ScanPrediction) -> Path:
    """Name the explanation of an answer: beside the answer's own file."""
    stem = answer.file.removesuffix(ANSWER_ENDING)
    return out / ANSWERS / f"{stem}{EXPLANATION_ENDING}"


def explain_scan(
    bundle: Path,
    out: Path,
    answer: ScanPrediction,
    raw: Path | None = None,
    series: SeriesChoice | None = None,
) -> ScanExplanation:
    """Explain the answer for one scan, and write maps and tables beside it.

    Args:
        bundle: A bundle, or a model's folder in a run, that gave the answer.
        out: Folder of the answer, with the scan's maps.
        answer: As `predict_scan` returned it.
        raw: The scan itself, on whose own grid the maps are written as well.
        series: The DICOM series that was taken of it; chosen by rules when None.

    Returns:
        What ``predictions/…_explanation.json`` holds.

    Raises:
        InputError: If a bundle keeps no mean maps, or the maps lie on another template
            than the atlas.
        MissingDerivativeError: If the maps or the transforms of the scan are gone.
    """
    bundles = load_bundles(bundle)
    scan = _read(bundles, out, answer)
    shares = shares_of(bundles, scan.maps)
    if shares is None:
        raise InputError(NO_REFERENCE)
    attributions, missed = _attributed(bundles, scan)
    path = explanation_of(out, answer)
    stem = path.name.removesuffix(EXPLANATION_ENDING)
    used = bundles[0].card.model.maps
    maps: dict[str, ScalarMap] = {n: attributions[n] for n in MAPS if n in used}
    written = {n: f"{stem}_{n}{ATTRIBUTION_MAP_ENDING}" for n in maps}
    smooth = {name: _smoothed(found, scan.grid) for name, found in maps.items()}
    for name, found in smooth.items():
        _save(path.with_name(written[name]), found)
    on_scan = {}
    if raw is not None:
        on_scan = {n: f"{stem}_{n}{SCAN_ATTRIBUTION_MAP_ENDING}" for n in maps}
        one = find_one(raw, out, series)[1]
        _onto_scan(out, answer, one, [(on_scan[n], smooth[n]) for n in maps])
    virtual = any(each.card.origin == "virtual" for each in bundles)
    explanation = ScanExplanation(
        positive=answer.classes[-1],
        networks=len(bundles),
        method=METHOD,
        completeness_error_logits=round(missed, 5),
        shares=shares,
        regions=_evidence(bundles, scan, maps),
        attention=_attention(bundles, scan),
        maps=written,
        scan_maps=on_scan,
        note=VIRTUAL_NOTICE if virtual else None,
    )
    write_scan_explanation(path, explanation)
    return explanation


def _read(bundles: Sequence[Bundle], out: Path, answer: ScanPrediction) -> _Scan:
    card = card_of(bundles)
    check_space(card.space)
    folder = Derivatives(out, card.space, card.resolution)
    paths = [folder.path(answer.scan, desc) for desc in DESCRIPTIONS.values()]
    gone = [path.name for path in paths if not path.is_file()]
    if gone:
        msg = f"there is no {gone[0]} in {out}; predict the scan again"
        raise MissingDerivativeError(msg)
    grid = grid_with(card, open_volume(paths[0]).affine)
    t1w, jsm = (torch.from_numpy(read_map(path, grid))[None, None] for path in paths)
    labels, regions = load_atlas(grid.extent, grid.affine)
    inside = labels[tuple(slice(*bounds) for bounds in grid.box)]
    parts = list(structures_of(regions))
    return _Scan(
        (t1w, jsm),
        grid,
        tuple((name, side) for name, side, _ in parts),
        tuple(torch.from_numpy(np.isin(inside, those)) for *_, those in parts),
    )


def _attributed(
    bundles: Sequence[Bundle], scan: _Scan
) -> tuple[dict[str, ScalarMap], float]:
    """Average the integrated gradients of the networks, and their errors."""
    totals = {name: np.zeros(scan.grid.seen_extent) for name in MAPS}
    errors = []
    for bundle, reference in _with_reference(bundles):
        found, missed = integrated_gradients(
            bundle.network,
            scan.maps,
            reference,
            positive=len(bundle.card.classes) - 1,
        )
        errors.append(missed)
        for name, each in zip(MAPS, found, strict=True):
            totals[name] += each[0, 0].double().numpy() / len(bundles)
    return totals, float(np.mean(errors))


def _with_reference(bundles: Sequence[Bundle]) -> list[tuple[Bundle, Maps]]:
    return [(each, each.reference) for each in bundles if each.reference is not None]


def _evidence(
    bundles: Sequence[Bundle], scan: _Scan, maps: dict[str, ScalarMap]
) -> tuple[RegionEvidence, ...]:
    each = [
        occlusions(bundle.network, scan.maps, reference, scan.regions)
        for bundle, reference in _with_reference(bundles)
    ]
    rows = [
        RegionEvidence(
            region=name,
            hemisphere=side,
            attribution={
                key: round(float(found[inside.numpy()].sum()), 5)
                for key, found in maps.items()
            },
            occlusion=round(float(change), 5),
        )
        for (name, side), inside, change in zip(
            scan.names, scan.regions, np.mean(each, axis=0), strict=True
        )
    ]
    return tuple(sorted(rows, key=lambda row: -abs(row.occlusion)))


def _attention(bundles: Sequence[Bundle], scan: _Scan) -> tuple[AttendedRegion, ...]:
    each = [region_attention(b.network, scan.maps, scan.regions) for b in bundles]
    labels = [f"{name} {side}" for name, side in scan.names]
    rows = []
    for one in zip(*each, strict=True):
        weights = np.mean([found.weights for found in one], axis=0)
        enriched = weights / np.maximum(one[0].even, 1e-12)
        rows += [
            AttendedRegion(
                asking=one[0].asking,
                source=source,
                target=target,
                share=round(float(weights[row, column]), 5),
                enrichment=round(float(enriched[row, column]), 3),
            )
            for row, source in enumerate(labels)
            for column, target in enumerate(labels)
        ]
    return tuple(sorted(rows, key=lambda row: -row.enrichment)[:PAIRS])


def _smoothed(cropped: ScalarMap, grid: Grid) -> SpatialMap:
    """Put a map of the box back onto the whole grid, smoothed for the eye."""
    whole = np.zeros(grid.extent)
    whole[tuple(slice(*bounds) for bounds in grid.box)] = cropped
    widths = SMOOTHING_MM / np.array(grid.spacing)
    smooth = ndimage.gaussian_filter(whole, widths).astype(np.float32)
    return SpatialMap(smooth, grid.affine)


def _onto_scan(
    out: Path,
    answer: ScanPrediction,
    raw: RawScan,
    maps: Sequence[tuple[str, SpatialMap]],
) -> None:
    read = read_source(raw.path, raw.series, raw.inside).scan
    res = round(maps[0][1].spacing[0])
    affine, field = (
        transform_path(out, answer.scan, space=SPACE, extension=end, res=res)
        for end in (".txt", ".nii.gz")
    )
    if not field.is_file():
        msg = f"there is no {field.name} in {out}; predict the scan again"
        raise MissingDerivativeError(msg)
    stored = nib.load(field)
    registration = Registration(
        np.loadtxt(affine), np.asarray(stored.dataobj, dtype=float)[:, :, :, 0]
    )
    for name, found in maps:
        values = onto_scan(
            found, registration, stored.affine, (read.extent, read.affine)
        )
        _save(out / ANSWERS / name, SpatialMap(values, read.affine))


def _save(path: Path, found: SpatialMap) -> None:
    image = nib.Nifti1Image(found.values.astype(np.float32), found.affine)
    image.header.set_xyzt_units("mm")
    with written_whole(path) as temporary:
        nib.save(image, temporary)
