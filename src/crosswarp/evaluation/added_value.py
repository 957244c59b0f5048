"""What models add over simpler ones: over covariates, and over regional volumes.

Both stand in every table, so that no network is shown without them. The differences,
with their intervals and p, are those of the primary test, each by itself: they are
outside the family, whose p values are corrected together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from crosswarp.evaluation.covariates import Baseline
from crosswarp.statistics.cells import Cell
from crosswarp.statistics.corrected_delong import corrected_delong
from crosswarp.study.experiment import VOLUME_BASELINES, RunExperiment
from crosswarp.study.metrics import (
    CovariateDifference,
    CovariateModel,
    VolumeModels,
)
from crosswarp.study.records import RunRecord


def covariate_model(
    baseline: Baseline, cells: Mapping[str, Sequence[Cell]], people: int
) -> CovariateModel:
    """Describe the model of covariates alone, and each other one beside it.

    Args:
        baseline: What was fitted on covariates.
        cells: Folds of each model, by its name.
        people: Number of participants of the run.
    """
    found = CovariateModel(
        model=baseline.name,
        features=baseline.features,
        absent=baseline.absent,
        reason=baseline.reason,
        imputed=baseline.imputed,
    )
    if baseline.name is None:
        return found
    return found.model_copy(
        update={"differences": _above(baseline.name, cells, people)}
    )


def volume_models(
    cells: Mapping[str, Sequence[Cell]],
    people: int,
    declared: RunExperiment,
) -> VolumeModels:
    """Show each model beside the models of regional volumes.

    Args:
        cells: Folds of each model, by its name.
        people: Number of participants of the run.
        declared: What the experiment file says.
    """
    there = tuple(name for name in VOLUME_BASELINES if name in cells)
    return VolumeModels(
        models=there,
        reason=None if there else _why_none(declared),
        differences={name: _above(name, cells, people) for name in there},
    )


def with_absent(found: VolumeModels, record: RunRecord) -> VolumeModels:
    """Say which models of volumes the maps could not have, as training noted it.

    Args:
        found: Models of volumes that were evaluated.
        record: Record of the run.
    """
    absent = {
        name: reason
        for name, reason in record.absent.items()
        if name in VOLUME_BASELINES and name not in found.models
    }
    if not absent:
        return found
    reason = found.reason and next(iter(absent.values()))
    return found.model_copy(update={"absent": absent, "reason": reason})


def _why_none(declared: RunExperiment) -> str:
    if declared.volume_baselines:
        return "none of their folds has predictions"
    if "volume_baselines" in declared.everything:
        return "the experiment says volume_baselines: false"
    return "the run was not trained with them; `crosswarp compare` adds them"


def _above(
    name: str, cells: Mapping[str, Sequence[Cell]], people: int
) -> dict[str, CovariateDifference]:
    """Compare every other model with one of them by the primary test."""
    tested = {
        other: corrected_delong(members, cells[name], people)
        for other, members in cells.items()
        if other != name
    }
    return {
        other: CovariateDifference(**asdict(value.auc), p=value.p)
        for other, value in tested.items()
        if value
    }
