"""One cell of a baseline: no network and no torch, the same table."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from crosswarp.atlas import Region, check_space, load_atlas
from crosswarp.baselines.features import (
    regional_means,
    regional_volumes,
    voxel_blocks,
)
from crosswarp.baselines.harmonised import HarmonisedRegions
from crosswarp.baselines.linear import Answer, Study, answer
from crosswarp.baselines.regions import feature_labels
from crosswarp.baselines.settings import BaselineSettings
from crosswarp.baselines.similarity import (
    MapProducts,
    MeasuredRegions,
    View,
    products,
)
from crosswarp.baselines.smoothing import smoothed
from crosswarp.bids.tables import write_table
from crosswarp.errors import (
    CrosswarpError,
    InputError,
    MissingDerivativeError,
    ShapeError,
)
from crosswarp.execution.memory import peak_mb
from crosswarp.files import written_folder, written_whole
from crosswarp.inputs.fold_checks import Split
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.samples import read_map
from crosswarp.inputs.store import MapStore, open_store
from crosswarp.study.harmonisation import (
    Harmonisation,
    harmonisation_of,
    write_harmonisation,
)
from crosswarp.study.names import PREDICTIONS
from crosswarp.study.records import BaselineRecord, write_fold
from crosswarp.training.scans import Cell, prediction_table
from crosswarp.training.sites import ScanSites
from crosswarp.types.arrays import LabelMap, Mask
from crosswarp.types.maps import OF_SCAN, SeenMaps, of_two_scans
from crosswarp.types.scores import ClassIndex, ParticipantIndex, Similarity

REPORTED: Final[tuple[Split, Split]] = ("val", "test")

LEAST: Final = 1e-12
"""Probability below which its logarithm is not written."""


@dataclass(frozen=True, kw_only=True)
class BaselineRequest(Cell):
    """All that one cell of a baseline depends on.

    Attributes:
        model: Baseline to be fitted.
        brain: File of the template's brain mask.
        sites: Sites of the scans; None where nothing is harmonised.
    """

    model: BaselineSettings
    brain: Path
    sites: ScanSites | None = None


def check_baselines(
    baselines: Sequence[BaselineSettings],
    brain: Path,
    grid: Grid,
    maps: SeenMaps = OF_SCAN,
) -> None:
    """Check that what baselines need is there.

    Raises:
        MissingDerivativeError: If voxels are wanted and there is no brain mask.
        MissingPackageError: If volumes are wanted and there is no atlas.
        InputError: If volumes are wanted and the atlas lies in another space, has no
            structure of a name, or the maps are of a change.
        ShapeError: If volumes are wanted and the atlas is on another grid, or a
            structure has no voxel on it.
    """
    voxels = [one for one in baselines if one.features == "voxels"]
    if voxels and not brain.is_file():
        msg = f"voxel-wise baselines need {brain}; run crosswarp preprocess"
        raise MissingDerivativeError(msg)
    regional = [one for one in baselines if one.features != "voxels"]
    for one in regional:
        if one.features == "volumes" and of_two_scans(maps):
            msg = (
                f"{one.name} is measured on the log-Jacobian map of one scan, and maps"
                f" are {' and '.join(maps)}; compare it in a run of its own, on the"
                " same folds"
            )
            raise InputError(msg)
    if regional:
        check_space(grid.space)
        labels, regions = _seen_atlas(grid)
        for one in regional:
            _check_structures(one, labels, feature_labels(one, regions))


def unavailable(
    baselines: Iterable[BaselineSettings],
    brain: Path,
    grid: Grid,
    maps: SeenMaps = OF_SCAN,
) -> dict[str, str]:
    """Say which baselines these maps cannot have, by name, and why.

    Args:
        baselines: Baselines that nobody asked for by name.
        brain: File of the template's brain mask.
        grid: Grid of the maps.
        maps: First and second map that networks see.
    """
    absent = {}
    for one in baselines:
        try:
            check_baselines([one], brain, grid, maps)
        except CrosswarpError as error:
            absent[one.name] = str(error)
    return absent


def _check_structures(
    settings: BaselineSettings, labels: LabelMap, features: dict[str, list[int]]
) -> None:
    """Refuse a structure that is not there; of all regions some may be absent."""
    seen = set(np.unique(labels).tolist())
    missing = [name for name, wanted in features.items() if not seen & set(wanted)]
    if settings.structures and missing:
        msg = f"baseline {settings.name}: no voxel of {', '.join(missing)} on this grid"
        raise ShapeError(msg)


def _seen_atlas(grid: Grid) -> tuple[LabelMap, list[Region]]:
    """Load the atlas in the box that is kept of the maps."""
    labels, regions = load_atlas(grid.extent, grid.affine)
    box = tuple(slice(start, stop) for start, stop in grid.box)
    seen: LabelMap = labels[box]
    return seen, regions


def fit_baseline(request: BaselineRequest) -> dict[str, Any]:
    """Fit one baseline on one fold and write what came of it.

    Nothing of the validation and the test part is used but by the calibration of an
    SVM, on the validation part.

    Returns:
        What ``done.json`` holds: fingerprint, C and smoothing that were chosen, mean
        AUC of the inner folds, what the SVM was calibrated on, seconds, memory.
    """
    started = time.monotonic()
    study = _study(request, open_store(request.store))
    found = answer(study, request.model, len(request.classes), request.cell_seed)
    with written_folder(request.folder) as folder:
        write_table(folder / PREDICTIONS, _predictions(request, found))
        view = study.views[found.fwhm_mm]
        if request.sites is not None and isinstance(view, HarmonisedRegions):
            write_harmonisation(folder, _harmonisation(request, request.sites, view))
        record = BaselineRecord(
            fingerprint=request.fingerprint,
            strength=found.strength,
            fwhm_mm=found.fwhm_mm,
            inner_auc=found.inner_auc,
            calibrated_on=found.calibrated_on,
            seconds=round(time.monotonic() - started, 1),
            peak_mb=round(peak_mb()),
        )
        return write_fold(folder, record)


def _study(request: BaselineRequest, store: MapStore) -> Study:
    splits = np.array([s.split or "" for s in request.scans])
    people = [s.scan.participant_id for s in request.scans]
    diagnoses = np.array(
        [request.classes.index(s.diagnosis) if s.split else 0 for s in request.scans]
    )
    participants = np.unique(people, return_inverse=True)[1]
    return Study(
        views=_views(request, store, diagnoses, participants),
        diagnoses=diagnoses,
        participants=participants,
        train=splits == "train",
        val=splits == "val",
    )


def _views(
    request: BaselineRequest,
    store: MapStore,
    diagnoses: ClassIndex,
    participants: ParticipantIndex,
) -> dict[float, View]:
    if request.model.features != "voxels":
        labels, regions = _seen_atlas(request.grid)
        wanted = feature_labels(request.model, regions)
        if request.sites is None:
            each = list(wanted.values())
            measures = {
                "t1w": lambda: regional_means(store.t1w, labels, each),
                "jsm": lambda: regional_volumes(store.jsm, labels, each),
            }
            measured = np.hstack([measures[name]() for name in request.model.maps])
            return {0.0: MeasuredRegions(measured)}
        every = _harmonised_labels(request, labels, regions)
        measured = regional_volumes(store.jsm, labels, list(every.values()))
        used = [number for number, name in enumerate(every) if name in wanted]
        return {0.0: request.sites.view(measured, used, diagnoses, participants)}
    brain = read_map(request.brain, request.grid) > 0
    return {
        fwhm: MapProducts(
            [
                _products(request, store, name, fwhm, brain)
                for name in request.model.maps
            ]
        )
        for fwhm in request.model.fwhm_mm
    }


def _harmonised_labels(
    request: BaselineRequest, labels: LabelMap, regions: Sequence[Region]
) -> dict[str, list[int]]:
    """List the regions that effects are estimated on: those used, and all others.

    Those without a voxel are left out here, so that columns have their names.
    """
    every = feature_labels(request.model.model_copy(update={"structures": {}}), regions)
    every |= feature_labels(request.model, regions)
    seen = set(np.unique(labels).tolist())
    return {name: wanted for name, wanted in every.items() if seen & set(wanted)}


def _harmonisation(
    request: BaselineRequest, sites: ScanSites, view: HarmonisedRegions
) -> Harmonisation:
    """Describe what was estimated on the training part, and for how many."""
    split = np.array([s.split or "" for s in request.scans])
    effects = view.effects(np.flatnonzero(split == "train"))
    tested = split == "test"
    labels, regions = _seen_atlas(request.grid)
    return harmonisation_of(
        effects,
        regions=tuple(_harmonised_labels(request, labels, regions)),
        covariates=sites.names,
        tested=int(tested.sum()),
        passed_through=int((tested & ~effects.knows(sites.sites)).sum()),
    )


def _products(
    request: BaselineRequest, store: MapStore, name: str, fwhm_mm: float, brain: Mask
) -> Similarity:
    """Multiply all scans' maps, once for all baselines and folds of a run.

    They lie beside the maps, and go with them. Two cells that begin at once may both
    compute them, which costs time alone.
    """
    path = request.store / f"products_{name}_fwhm-{fwhm_mm:g}mm.npy"
    if not path.is_file():
        maps = getattr(store, name)
        with smoothed(maps, fwhm_mm, request.grid.spacing, request.store) as seen:
            found = products(voxel_blocks([seen], brain))
        with written_whole(path) as temporary:
            np.save(temporary, found)
    known: Similarity = np.load(path)
    return known


def _predictions(request: BaselineRequest, found: Answer) -> pd.DataFrame:
    tables = []
    for split in REPORTED:
        rows = [n for n, s in enumerate(request.scans) if s.split == split]
        if not rows:
            continue
        probabilities = found.probabilities[rows]
        first = {
            "model": request.model.name,
            "repeat": request.repeat,
            "fold": request.fold,
            "split": split,
        }
        logits = np.log(np.clip(probabilities, LEAST, 1.0))
        scans = [request.scans[row] for row in rows]
        tables.append(
            prediction_table(first, scans, request.classes, logits, probabilities)
        )
    return pd.concat(tables)
