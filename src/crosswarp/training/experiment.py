"""The experiment file: all choices of an analysis, all its faults shown at once."""

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from crosswarp.baselines.settings import BaselineSettings, baseline_choices
from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.models.build import model_choices
from crosswarp.models.settings import ModelSettings
from crosswarp.training.choices import read_choices, write_choices
from crosswarp.training.settings import TrainingSettings

SPACE: Final = "MNI152NLin2009cSym"
"""The template that crosswarp preprocesses to."""

FOUND: Final = ("cohort", "derivatives", "folds")
PATHS: Final = (*FOUND, "pretrained")
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
        pretrained: Folder of `crosswarp pretrain` by the name of the network whose
            encoders start from it.
        test_on_pretrained: Test participants whose scans were used in pretraining, too.
            It is recorded, and shown wherever the results are.
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
    pretrained: dict[str, Path] = {}
    test_on_pretrained: bool = False

    @field_validator(*FOUND)
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

    @model_validator(mode="after")
    def _pretrained_fits(self) -> "Experiment":
        models = {model.name: model for model in self.models}
        for name, folder in self.pretrained.items():
            if name not in models:
                msg = (
                    f"pretrained names {name}, which is none of the models:"
                    f" {', '.join(models)}"
                )
                raise ValueError(msg)
            if not folder.is_dir():
                msg = f"pretrained.{name}: there is no folder {folder}"
                raise ValueError(msg)
            if any(models[name].weights_of_encoders):
                msg = f"{name} has both weights and pretrained; give one of them"
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
    return read_choices(path, Experiment, PATHS, "experiment")


def write_experiment(path: Path, experiment: Experiment) -> None:
    """Write an experiment with every choice spelt out.

    Paths are written as the way from the file, so that the folder can be moved
    together with what it was made from, and nothing is said of this machine.
    """
    write_choices(path, experiment, PATHS)
