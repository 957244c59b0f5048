"""Whether what an experiment starts from fits together."""

import pandas as pd
import torch

from crosswarp.bids.cohort import read_cohort
from crosswarp.errors import InputError, MissingDerivativeError, ShapeError
from crosswarp.inputs.folds import check_folds, read_folds
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.samples import (
    Derivatives,
    ScanFiles,
    find_grid,
    find_preprocessing,
    find_samples,
)
from crosswarp.models.build import build_network
from crosswarp.models.settings import ModelSettings
from crosswarp.models.weights.folder import find_weights
from crosswarp.models.weights.sources import find_source
from crosswarp.training.baseline import check_baselines
from crosswarp.training.experiment import Experiment
from crosswarp.training.faults import Faults


def derivatives_of(experiment: Experiment) -> Derivatives:
    """Say where an experiment's maps are."""
    chosen = experiment
    return Derivatives(chosen.derivatives, chosen.space, chosen.resolution)


def cohort_of(experiment: Experiment) -> pd.DataFrame:
    """Read the scans of an experiment's classes.

    Raises:
        InputError: If a class has nobody.
    """
    cohort = read_cohort(experiment.cohort)
    classes = [str(name) for name in experiment.classes]
    chosen = cohort[cohort["diagnosis"].isin(classes)]
    absent = sorted(set(classes) - set(chosen["diagnosis"]))
    if absent:
        msg = f"{experiment.cohort} has nobody with {', '.join(absent)}"
        raise InputError(msg)
    return chosen


def check_inputs(
    chosen: Experiment, cohort: pd.DataFrame, *, allow_missing: bool
) -> None:
    """Refuse inputs that do not fit together, with all that is wrong with them.

    Args:
        chosen: All choices.
        cohort: As `cohort_of` returns it.
        allow_missing: Go on without scans that have no maps.

    Raises:
        CrosswarpError: The only fault.
        InputError: Several, one a line.
    """
    maps, faults = derivatives_of(chosen), Faults()
    present = _present(cohort, maps)
    there = {s.scan.participant_id for s in present}
    used = cohort[cohort["participant_id"].isin(there)] if allow_missing else cohort
    with faults.collected():
        find_samples(cohort, maps, allow_missing=allow_missing)
    with faults.collected():
        folds = read_folds(chosen.folds)
        check_folds(folds, used, [str(c) for c in chosen.classes])
        _check_validation(folds, set(used["participant_id"]), chosen)
    if present:
        with faults.collected():
            grid = find_grid(present, maps, crop=chosen.crop)
            for model in chosen.models:
                with faults.collected():
                    _check_network(model, len(chosen.classes), grid)
            check_baselines(chosen.baselines, maps.brain_mask, grid)
    with faults.collected():
        find_preprocessing(present)
    faults.show()


def _present(cohort: pd.DataFrame, maps: Derivatives) -> list[ScanFiles]:
    """Find the scans that have maps, if any."""
    try:
        return find_samples(cohort, maps, allow_missing=True)
    except MissingDerivativeError:
        return []


def _check_validation(
    folds: pd.DataFrame, there: set[str], experiment: Experiment
) -> None:
    if experiment.training.selection == "last":
        return
    used = folds[folds["participant_id"].isin(there)]
    for (repeat, fold), part in used.groupby(["repeat", "fold"]):
        if "val" not in set(part["split"]):
            msg = (
                f"repeat {repeat}, fold {fold} has no validation part to choose the"
                " epoch by; make folds with one, or set training.selection to last"
            )
            raise InputError(msg)


def _check_network(model: ModelSettings, classes: int, grid: Grid) -> None:
    try:
        with torch.device("meta"):
            build_network(model, classes, grid.seen_extent)
    except ShapeError as error:
        msg = f"model {model.name}: {error}"
        raise ShapeError(msg) from error
    for name in filter(None, model.weights_of_encoders):
        find_weights(find_source(name))
