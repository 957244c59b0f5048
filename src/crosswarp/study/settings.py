"""The study file: everything from scans to a report, all faults shown at once."""

import difflib
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ValidationError

from crosswarp.documents import read_settings
from crosswarp.errors import InputError
from crosswarp.execution.build import engine_faults
from crosswarp.execution.options import EngineName, EngineOptions
from crosswarp.study.external_section import ExternalCohort
from crosswarp.study.fold_section import Folds
from crosswarp.study.sections import (
    CohortRules,
    Data,
    EvaluationChoices,
    ExplanationChoices,
    Missing,
    Preprocessing,
)
from crosswarp.training.choices import faults_of, read_choices, told
from crosswarp.training.experiment import Comparison

PATHS: Final = (
    "out",
    "pretrained",
    "data.bids",
    "data.archive.folder",
    "data.simulation.heads",
    "data.cohort",
    "data.derivatives",
    "preprocessing.template.t1w",
    "preprocessing.template.mask",
    "cohort.exclude",
    "cohort.tables",
    "folds.file",
    "folds.apply",
    "folds.publish",
    "external.bids",
    "external.archive.folder",
    "external.derivatives",
    "external.cohort",
    "external.rules.exclude",
    "external.rules.tables",
    "engine.scheduler_file",
)
"""Keys that hold paths, which count from the file."""


def _named(given: object) -> object:
    """Take the name of an engine for its defaults."""
    return {"name": given} if isinstance(given, str) else given


def _or_none(given: object) -> object:
    """Take ``false`` for no attribution maps, and ``true`` for the default ones."""
    if isinstance(given, bool):
        return {} if given else None
    return given


class Study(Comparison):
    """Everything that a study does, from where scans come from to its report.

    It has the keys of an experiment file, but that cohort, folds and maps are made
    instead of given.

    Attributes:
        out: Folder for everything that is made; the one of the file when not given.
        data: Where scans and diagnoses come from.
        preprocessing: How scans become maps.
        cohort: Rules by which the table of scans is made.
        folds: How the folds are made, or a table of them.
        missing_maps: ``leave out`` goes on without scans that have no maps;
            ``refuse`` ends before the training.
        evaluation: Settings of the statistics.
        explanation: Attribution maps; none are made when None.
        report: Whether a report is written.
        external: Another cohort to predict and evaluate; none when None.
        engine: Where preprocessing and training run.
    """

    out: Path = Path()
    data: Data
    preprocessing: Preprocessing = Preprocessing()
    cohort: CohortRules = CohortRules()
    folds: Folds = Folds()
    missing_maps: Missing = "leave out"
    evaluation: EvaluationChoices = EvaluationChoices()
    explanation: Annotated[ExplanationChoices | None, BeforeValidator(_or_none)] = (
        ExplanationChoices()
    )
    report: bool = True
    external: ExternalCohort | None = None
    engine: Annotated[EngineOptions, BeforeValidator(_named)] = EngineOptions()

    def faults(self) -> list[str]:
        """Say what does not fit together, one phrase a fault."""
        return [
            *self._source_faults(),
            *self._cohort_faults(),
            *self.folds.faults(),
            *self._model_faults(),
            *self._external_faults(),
            *(f"engine: {fault}" for fault in engine_faults(self.engine)),
        ]

    def _source_faults(self) -> list[str]:
        data, given = self.data, self.data.sources
        faults = []
        if len(given) > 1:
            faults.append(f"data: {' and '.join(given)} are given; give one of them")
        elif not given and data.cohort is None:
            faults.append(
                "data: give one of bids, archive, simulation, or a table as cohort"
            )
        if data.cohort is not None and (data.archive or data.simulation):
            faults.append(
                f"data: cohort and {given[0]} both say which scans there are; give one"
                " of them"
            )
        if data.derivatives is not None and (data.archive or data.simulation):
            faults.append(
                f"data: derivatives are finished maps and do not go with {given[0]};"
                " give bids or cohort, which have the diagnoses"
            )
        return faults

    def _cohort_faults(self) -> list[str]:
        rules, faults = self.cohort, []
        if self.data.cohort is not None and rules.model_fields_set:
            names = ", ".join(sorted(rules.model_fields_set))
            faults.append(
                f"cohort: data.cohort is taken as it is; leave {names} out, or make the"
                " table with: crosswarp cohort"
            )
        elif self.data.archive is None and rules.of_archives:
            names = ", ".join(rules.of_archives)
            faults.append(f"cohort: {names} can be chosen for data.archive only")
        return faults

    def _model_faults(self) -> list[str]:
        asked: list[tuple[str, str, list[str]]] = []
        networks = [model.name for model in self.models]
        if self.external is not None and self.external.model is not None:
            asked.append(("external.model", self.external.model, networks))
        if self.evaluation.reference is not None:
            asked.append(
                ("evaluation.reference", self.evaluation.reference, self.names)
            )
        if self.explanation is not None:
            named = self.explanation.models
            asked += [("explanation.models", name, networks) for name in named]
        return [
            f"{key}: no model {name!r}{_hint(name, known)}"
            for key, name, known in asked
            if name not in known
        ]

    def _external_faults(self) -> list[str]:
        """Say what is wrong with the other cohort, beside its model."""
        other = self.external
        if other is None:
            return []
        faults, task = other.faults(), other.task
        if task is not None and not self.task_names:
            faults.append("external.task: the study has no tasks; leave it out")
        elif task is not None and task not in self.task_names:
            hint = _hint(task, self.task_names)
            faults.append(f"external.task: no task {task!r}{hint}")
        if other.overlap == "refuse":
            faults += [
                f"external.{name}: it is that of data; another cohort has other"
                " participants"
                for name in ("bids", "archive", "derivatives", "cohort")
                if (given := getattr(other, name)) is not None
                and given == getattr(self.data, name)
            ]
        return faults


class _Engine(BaseModel):
    """A file with the keys of the section ``engine``, and nothing else."""

    engine: EngineOptions


def read_engine(named: str) -> EngineOptions:
    """Take an engine by its name, or by a file with the keys of its section.

    Args:
        named: ``local`` or ``dask``; or the path of a YAML file.

    Raises:
        InputError: If there is no such engine or file, or the file has faults.
    """
    if named in tuple(EngineName):
        return EngineOptions(EngineName(named))
    path = Path(named)
    if not path.is_file():
        msg = (
            f"expected `engine` {', '.join(EngineName)} or a YAML file with the keys of"
            f" a study file's engine, got {named!r}"
        )
        raise InputError(msg)
    content = {"engine": read_settings(path)}
    try:
        return _Engine.model_validate(content).engine
    except ValidationError as error:
        raise InputError(told(path, faults_of(error, _Engine, "engine"))) from error


def _hint(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"


def read_study(path: Path) -> Study:
    """Read a study file.

    Args:
        path: YAML. Paths in it count from its folder.

    Raises:
        InputError: If there is no file; or with every fault of it, one a line; an
            unknown key with the nearest right one.
    """
    if not path.is_file():
        msg = f"no study file at {path}; crosswarp init {path} writes one"
        raise InputError(msg)
    study = read_choices(path, Study, PATHS, "study")
    if faults := study.faults():
        raise InputError(told(path, faults))
    if "out" not in study.model_fields_set:
        study = study.model_copy(update={"out": path.parent})
    return study
