"""Whether what an experiment starts from fits together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
import torch

from crosswarp.bids.cohort import COLUMNS, read_cohort
from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.sessions import first_scans, in_order
from crosswarp.errors import (
    CrosswarpError,
    InputError,
    MissingDerivativeError,
    ShapeError,
)
from crosswarp.evaluation.context import SIZES, known_scans
from crosswarp.evaluation.encoding import column_of, odd_values
from crosswarp.inputs.classes import scans_of_classes
from crosswarp.inputs.fold_checks import check_folds, unused_of, without_empty_tests
from crosswarp.inputs.folds import read_folds
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.made_with import find_preprocessing
from crosswarp.inputs.samples import find_grid, find_samples
from crosswarp.inputs.scan_files import Derivatives, ScanFiles
from crosswarp.models.build import build_network
from crosswarp.models.settings import ModelSettings
from crosswarp.models.weights.folder import find_weights
from crosswarp.models.weights.sources import find_source
from crosswarp.training.baseline import check_baselines, unavailable
from crosswarp.training.experiment import Experiment
from crosswarp.training.faults import Faults
from crosswarp.training.requirements import (
    check_batches,
    check_compiler,
    check_registration,
)
from crosswarp.training.sites import scan_sites
from crosswarp.types.maps import of_two_scans

_NO_COVARIATES: Final = ("participant_id", "session_id", "diagnosis", "origin")


def derivatives_of(experiment: Experiment) -> Derivatives:
    """Say where an experiment's maps are."""
    chosen = experiment
    return Derivatives(chosen.derivatives, chosen.space, chosen.resolution, chosen.maps)


def cohort_of(experiment: Experiment) -> pd.DataFrame:
    """Read the scans of an experiment's classes.

    Returns:
        Rows of the cohort; ``diagnosis`` is the class, which may merge labels. Where
        networks see a map of change, scans without one are not among them when another
        scan of the participant has one, nor is the first of several.

    Raises:
        InputError: If a label of a class has no participant.
    """
    cohort = scans_of_classes(
        read_cohort(experiment.cohort), experiment.classes, experiment.cohort.name
    )
    if not of_two_scans(experiment.maps):
        return cohort
    return _later_scans(cohort, derivatives_of(experiment))


def _later_scans(cohort: pd.DataFrame, maps: Derivatives) -> pd.DataFrame:
    ids = zip(cohort["participant_id"], cohort["session_id"], strict=True)
    change = maps.descriptions[maps.maps[1]]
    there = np.array(
        [maps.has(ScanId.from_row(str(who), session), change) for who, session in ids],
        dtype=bool,
    )
    known = cohort["participant_id"].isin(list(cohort["participant_id"][there]))
    # Of others the first of several scans could not have one.
    several = cohort["participant_id"].duplicated(keep=False)
    earliest = cohort.index.isin(
        in_order(cohort).drop_duplicates("participant_id").index
    )
    return cohort[there | ~(known | (several & earliest))]


def participants_of(experiment: Experiment) -> set[str]:
    """Return the participants of an experiment's cohort, of whatever diagnosis."""
    return set(read_cohort(experiment.cohort)["participant_id"])


def scans_used(experiment: Experiment, cohort: pd.DataFrame) -> pd.DataFrame:
    """Choose which scans of each participant are used.

    Args:
        experiment: Experiment with all choices.
        cohort: As `cohort_of` returns it.
    """
    several = experiment.scans_per_participant == "all"
    return cohort if several else first_scans(cohort)


def scans_known(experiment: Experiment) -> pd.DataFrame:
    """Read covariates, site and head size of every scan of the cohort table."""
    chosen = experiment
    return known_scans(
        chosen.cohort, chosen.derivatives, chosen.space, chosen.resolution
    )


def without_unused(experiment: Experiment, cohort: pd.DataFrame) -> pd.DataFrame:
    """Leave out the participants whom the folds name as unused.

    Args:
        experiment: Experiment with all choices.
        cohort: As `scans_used` returns it.
    """
    try:
        unused = unused_of(read_folds(experiment.folds))
    except CrosswarpError:
        return cohort  # `check_inputs` says what is wrong with the folds
    return cohort[~cohort["participant_id"].isin(list(unused))]


@dataclass(frozen=True)
class Inputs:
    """What an experiment starts from, read once and found to fit together.

    Attributes:
        samples: Scans with maps, sorted.
        folds: Table of folds, checked.
        grid: Grid of the maps.
        preprocessing: Fingerprint of the settings that made the maps; None when their
            sidecars do not say.
        absent: Baselines that stand in every table and that these maps cannot have,
            by name, each with its reason.
    """

    samples: list[ScanFiles]
    folds: pd.DataFrame
    grid: Grid
    preprocessing: str | None
    absent: Mapping[str, str] = field(default_factory=dict)


def check_inputs(
    chosen: Experiment, cohort: pd.DataFrame, *, allow_missing: bool
) -> Inputs:
    """Read what an experiment starts from, and refuse it with all that is wrong.

    Args:
        chosen: Settings with all choices.
        cohort: As `scans_used` returns it.
        allow_missing: Go on without scans that have no maps.

    Raises:
        CrosswarpError: The only fault.
        InputError: Several, one a line.
    """
    maps, faults = derivatives_of(chosen), Faults()
    present = _present(cohort, maps)
    there = {s.scan.participant_id for s in present}
    used = cohort[cohort["participant_id"].isin(there)] if allow_missing else cohort
    found: dict[str, Any] = {"samples": present}
    with faults.collected():
        if not present or (len(present) < len(cohort) and not allow_missing):
            # Looks once more, to say which have none.
            find_samples(cohort, maps, allow_missing=allow_missing)
    with faults.collected():
        found["folds"] = folds = read_folds(chosen.folds)
        check_folds(folds, used, chosen.classes)
        found["folds"] = without_empty_tests(folds, there)
        _check_validation(folds, set(used["participant_id"]), chosen)
    if present:
        with faults.collected():
            found["grid"] = grid = find_grid(present, maps, crop=chosen.crop)
            for model in chosen.models:
                with faults.collected():
                    _check_network(model, len(chosen.classes), grid)
            found["absent"] = _check_baselines(chosen, present, maps, grid)
    with faults.collected():
        _check_covariates(chosen.covariates, cohort)
    with faults.collected():
        found["preprocessing"] = find_preprocessing(present)
    with faults.collected():
        check_registration(chosen, present)
    _check_training(chosen, faults)
    faults.show()
    return Inputs(**found)


def _check_training(chosen: Experiment, faults: Faults) -> None:
    with faults.collected():
        check_batches(chosen.models, chosen.training)
    with faults.collected():
        check_compiler(chosen.training)


def _check_baselines(
    chosen: Experiment, present: Sequence[ScanFiles], maps: Derivatives, grid: Grid
) -> dict[str, str]:
    """Refuse baselines that cannot be, but for those that nobody asked for.

    Returns:
        Why those cannot be, by their names.
    """
    primary = chosen.primary
    named = () if primary is None else (primary.model, primary.reference)
    declared = {*named, *(chosen.family or ())}
    wanted = [one for one in chosen.default_baselines if one.name in declared]
    others = [one for one in chosen.default_baselines if one not in wanted]
    check_baselines([*chosen.baselines, *wanted], maps.brain_mask, grid, chosen.maps)
    scans = [sample.scan for sample in present]
    for baseline in chosen.baselines:
        if baseline.harmonise is not None:
            scan_sites(baseline, scans, scans_known(chosen))
    return unavailable(others, maps.brain_mask, grid, chosen.maps)


def _check_covariates(covariates: Sequence[str], cohort: pd.DataFrame) -> None:
    known = [*(str(c) for c in cohort.columns if c not in _NO_COVARIATES), *SIZES]
    unknown = [name for name in covariates if column_of(name, known) not in known]
    if unknown:
        listed = ", ".join([*known[: -len(SIZES)], "head_size"])
        msg = (
            f"covariates: the cohort has no column {', '.join(unknown)}; it has"
            f" {listed}"
        )
        raise InputError(msg)
    for name in {column_of(name, known) for name in covariates} - set(COLUMNS):
        odd = [] if name not in cohort else odd_values(_known(cohort[name]))
        if odd:
            msg = (
                f"covariates: {name} holds numbers, and {', '.join(odd):.60}; correct"
                " them in the cohort table, or write n/a"
            )
            raise InputError(msg)


def _known(column: "pd.Series[str]") -> "pd.Series[str]":
    return column[column != NOT_AVAILABLE]


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
