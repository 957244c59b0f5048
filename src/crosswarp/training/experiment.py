"""The experiment file: all choices of an analysis, all its faults shown at once."""

import difflib
import os
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from crosswarp.baselines.settings import BaselineSettings, baseline_choices
from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.errors import InputError
from crosswarp.files import written_whole
from crosswarp.models.build import model_choices
from crosswarp.models.settings import ModelSettings
from crosswarp.training.settings import TrainingSettings

SPACE: Final = "MNI152NLin2009cSym"
"""The template that crosswarp preprocesses to."""

PATHS: Final = ("cohort", "derivatives", "folds")
"""Keys that hold paths."""


class Experiment(BaseModel):
    """All choices of a cross-validated comparison.

    Paths in the file are relative to the file.

    Attributes:
        name: Of the experiment.
        seed: Of weights, order and augmentation.
        cohort: Table of scans.
        derivatives: Folder of the maps.
        folds: Table of folds.
        classes: Diagnoses to tell apart; the last one is the positive class.
        tasks: Several such lists, each for a comparison of its own on the same folds;
            instead of ``classes``.
        resolution: Spacing of the maps, in mm.
        space: Name of the template.
        crop: Whether networks see only the box around the template's brain.
        models: Networks to compare: names of the catalogue, or choices of their own.
        baselines: Models without a network, to compare with: names (`BASELINES`), or
            choices of their own.
        training: How all networks are fitted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=100)
    seed: int = Field(default=0, ge=0, lt=2**31)
    cohort: Path
    derivatives: Path
    folds: Path
    classes: tuple[Diagnosis, ...] = Field(
        default=(Diagnosis.CN, Diagnosis.AD), min_length=2
    )
    tasks: tuple[Annotated[tuple[Diagnosis, ...], Field(min_length=2)], ...] = ()
    resolution: Literal[1, 2] = 2
    space: str = SPACE
    crop: bool = True
    models: tuple[Annotated[ModelSettings, BeforeValidator(model_choices)], ...]
    baselines: tuple[
        Annotated[BaselineSettings, BeforeValidator(baseline_choices)], ...
    ] = ()
    training: TrainingSettings = TrainingSettings()

    @field_validator(*PATHS)
    @classmethod
    def _there(cls, path: Path) -> Path:
        if not path.exists():
            msg = f"there is no {path}"
            raise ValueError(msg)
        return path

    @property
    def names(self) -> list[str]:
        """Names of all that is compared, networks first."""
        return [compared.name for compared in self.models] + [
            compared.name for compared in self.baselines
        ]

    @model_validator(mode="after")
    def _once(self) -> "Experiment":
        twice = sorted({n for n in self.names if self.names.count(n) > 1})
        if not self.models:
            msg = "models is empty; name at least one, see crosswarp models"
            raise ValueError(msg)
        if twice:
            msg = f"models must have different names, {', '.join(twice)} is there twice"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _told_apart(self) -> "Experiment":
        if self.tasks and "classes" in self.model_fields_set:
            msg = "classes and tasks both say what to tell apart; give one of them"
            raise ValueError(msg)
        for classes in (self.classes, *self.tasks):
            if len(set(classes)) != len(classes):
                msg = f"classes names a diagnosis twice: {', '.join(classes)}"
                raise ValueError(msg)
        if len(set(self.tasks)) != len(self.tasks):
            msg = "tasks names one twice"
            raise ValueError(msg)
        return self

    def by_task(self) -> dict[str, "Experiment"]:
        """Split the experiment into one a task.

        Returns:
            By the name of the task, such as ``CN-AD``; with an empty name the
            experiment itself when it has no tasks.
        """
        if not self.tasks:
            return {"": self}
        return {
            "-".join(classes): self.model_copy(update={"classes": classes, "tasks": ()})
            for classes in self.tasks
        }


def read_experiment(path: Path) -> Experiment:
    """Read an experiment file.

    Raises:
        InputError: With every fault of the file, one a line; an unknown key with the
            nearest right one.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        msg = f"no experiment file at {path}"
        raise InputError(msg) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        msg = f"{path} is not a YAML file: {' '.join(str(error).split())}"
        raise InputError(msg) from error
    if not isinstance(content, dict):
        msg = f"{path} must hold keys and values, such as name, cohort, models"
        raise InputError(msg)
    try:
        return Experiment.model_validate(_placed(content, path.parent))
    except ValidationError as error:
        faults = [_explained(fault) for fault in _own(error.errors())]
        msg = f"{path} has {len(faults)} fault(s):\n" + "\n".join(
            f"  {fault}" for fault in faults
        )
        raise InputError(msg) from error


def write_experiment(path: Path, experiment: Experiment) -> None:
    """Write an experiment with every choice spelt out.

    Paths are written as the way from the file, so that the folder can be moved
    together with what it was made from, and nothing is said of this machine.
    """
    chosen = experiment.model_dump(mode="json")
    folder = path.parent.resolve()
    for key in PATHS:
        way = os.path.relpath(Path(chosen[key]).resolve(), folder)
        chosen[key] = Path(way).as_posix()
    text = yaml.safe_dump(chosen, sort_keys=False)
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _placed(content: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Take paths from the folder of the file, not from where the program runs."""
    places = {key: content[key] for key in PATHS if isinstance(content.get(key), str)}
    return {**content, **{key: folder / place for key, place in places.items()}}


def _own(faults: list[Any]) -> list[Any]:
    """Leave out lists that are too short only because their entries are wrong."""
    inner = {fault["loc"][:n] for fault in faults for n in range(len(fault["loc"]))}
    return [f for f in faults if f["type"] != "too_short" or f["loc"] not in inner]


def _explained(fault: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    place = ".".join(str(part) for part in fault["loc"]) or "experiment"
    if fault["type"] == "extra_forbidden":
        key, known = str(fault["loc"][-1]), _known_keys(fault["loc"][:-1])
        near = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
        return f"{place}: unknown key; {hint}"
    if fault["type"] == "missing":
        return f"{place}: missing"
    message = str(fault["msg"]).removeprefix("Value error, ")
    given = fault.get("input")
    named = repr(given) in message or not isinstance(given, str | int | float)
    shown = "" if named else f", got {given!r}"
    return f"{place}: {message}{shown}"


def _known_keys(place: tuple[str | int, ...]) -> list[str]:
    """Names of the keys at a place of the file."""
    model: Any = Experiment
    for part in place:
        if isinstance(part, str):
            model = model.model_fields[part].annotation
            while not hasattr(model, "model_fields") and get_args(model):
                model = get_args(model)[0]
    return list(model.model_fields)
