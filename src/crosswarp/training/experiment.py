"""The experiment file: all choices of an analysis, all its faults shown at once."""

from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from crosswarp.baselines.settings import DEFAULTS, BaselineSettings, baseline_choices
from crosswarp.bids.diagnoses import class_of_label, parse_class
from crosswarp.models.choices import model_choices
from crosswarp.models.settings import ModelSettings
from crosswarp.registration.build import registration_named
from crosswarp.study.experiment import COVARIATES
from crosswarp.training.choices import read_choices, write_choices
from crosswarp.training.primary import Primary, check_family, check_primary
from crosswarp.training.settings import TrainingSettings
from crosswarp.types.grid import SPACE
from crosswarp.types.maps import OF_SCAN, SeenMaps

FOUND: Final = ("cohort", "derivatives", "folds")
PATHS: Final = (*FOUND, "pretrained")
"""Keys that hold paths."""

ClassName = Annotated[str, AfterValidator(parse_class)]
"""A label, or labels joined by ``+``."""


class Comparison(BaseModel):
    """What is compared, and how: all choices but where cohort, folds and maps are.

    An experiment file and a study file have these keys in common.

    Attributes:
        name: Name of the experiment.
        seed: Random seed of weights, order and augmentation.
        classes: Diagnoses to tell apart, any label of the cohort; ``MCI+AD`` merges
            two. The last one is the positive class.
        tasks: Several such lists, each for a comparison of its own on the same folds;
            instead of ``classes``.
        covariates: Columns of the cohort table that a model without maps is fitted
            on, to be compared with; ``head_size`` is the ledger's
            intracranial volume.
        scans_per_participant: ``one``, the first of the scans with one of the classes
            (by age, else by the label of the session), or ``all``; then every
            participant counts once, however many scans there are.
        crop: Whether networks see only the box around the template's brain.
        models: Networks to compare: names of the catalogue, or choices of their own.
        baselines: Models without a network, to compare with: names (`BASELINES`), or
            choices of their own.
        volume_baselines: Whether logistic regression on the volume of the hippocampus,
            and on that and the volume of the lateral ventricles, is compared, too.
        training: How all networks are fitted.
        pretrained: Folder of `crosswarp model pretrain` by the name of the network
            whose encoders start from it.
        test_on_pretrained: Test participants whose scans were used in pretraining, too.
            It is recorded, and shown wherever the results are.
        primary: The comparison that the experiment is made for, declared beforehand.
        family: Further models whose comparisons with the same reference are corrected
            together with it, over all tasks; all models when not given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=100)
    seed: int = Field(default=0, ge=0, lt=2**31)
    classes: tuple[ClassName, ...] = Field(default=("CN", "AD"), min_length=2)
    tasks: tuple[Annotated[tuple[ClassName, ...], Field(min_length=2)], ...] = ()
    covariates: tuple[str, ...] = COVARIATES
    scans_per_participant: Literal["one", "all"] = "one"
    crop: bool = True
    models: tuple[Annotated[ModelSettings, BeforeValidator(model_choices)], ...]
    baselines: tuple[
        Annotated[BaselineSettings, BeforeValidator(baseline_choices)], ...
    ] = ()
    volume_baselines: bool = True
    training: TrainingSettings = TrainingSettings()
    pretrained: dict[str, Path] = {}
    test_on_pretrained: bool = False
    primary: Primary | None = None
    family: tuple[str, ...] | None = None

    @field_validator("primary", "family")
    @classmethod
    def _declared(cls, value: Any, info: Any) -> Any:  # noqa: ANN401
        listed = [*info.data.get("models", ()), *info.data.get("baselines", ())]
        names = [compared.name for compared in listed]
        if info.data.get("volume_baselines"):
            names += [default.name for default in DEFAULTS]
        # Where models have faults of their own, names cannot be checked.
        if value is not None and {"models", "baselines"} <= set(info.data):
            if info.field_name == "primary":
                check_primary(value, names)
            elif "primary" in info.data:
                check_family(value, info.data["primary"], names)
        return value

    @property
    def default_baselines(self) -> tuple[BaselineSettings, ...]:
        """Baselines of volumes that stand in every table; none that is listed."""
        if not self.volume_baselines:
            return ()
        return tuple(one for one in DEFAULTS if one.name not in self._listed)

    @property
    def names(self) -> list[str]:
        """Names of all that is compared, networks first."""
        return [*self._listed, *(default.name for default in self.default_baselines)]

    @property
    def task_names(self) -> list[str]:
        """Names of the tasks, such as ``CN-AD``: of their folders in a run."""
        return [_folder(classes) for classes in self.tasks]

    @property
    def _listed(self) -> list[str]:
        networks = [compared.name for compared in self.models]
        return networks + [compared.name for compared in self.baselines]

    @model_validator(mode="after")
    def _once(self) -> "Comparison":
        twice = sorted({n for n in self.names if self.names.count(n) > 1})
        if not self.models:
            msg = "models is empty; name at least one, see crosswarp model list"
            raise ValueError(msg)
        if twice:
            msg = f"models must have different names, {', '.join(twice)} is there twice"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _told_apart(self) -> "Comparison":
        if self.tasks and "classes" in self.model_fields_set:
            msg = "classes and tasks both say what to tell apart; give one of them"
            raise ValueError(msg)
        for classes in (self.classes, *self.tasks):
            if len(set(classes)) != len(classes):
                msg = f"classes names a diagnosis twice: {', '.join(classes)}"
                raise ValueError(msg)
            class_of_label(classes)
        folders = self.task_names
        twice = sorted({name for name in folders if folders.count(name) > 1})
        if twice:
            msg = f"tasks names one twice: {', '.join(twice)}"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _pretrained_fits(self) -> "Comparison":
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


class Experiment(Comparison):
    """All choices of a cross-validated comparison.

    Paths in the file are relative to the file.

    Attributes:
        cohort: Table of scans.
        derivatives: Folder of the maps.
        folds: Table of folds.
        resolution: Spacing of the maps, in mm.
        space: Name of the template.
        maps: The two maps that networks see: ``t1w`` and ``jsm`` of a scan; or, of a
            later scan, ``t1w`` or ``jsm`` and the map of ``change`` since the first
            one, or of its ``rate``, the change a year.
        registration: Back end that has to have made the maps (``map``, ``ants``,
            ``greedy``, ``torch``); any when None.
    """

    cohort: Path
    derivatives: Path
    folds: Path
    resolution: Literal[1, 2] = 2
    space: str = SPACE
    maps: SeenMaps = OF_SCAN
    registration: str | None = None

    @field_validator("registration")
    @classmethod
    def _registered(cls, name: str | None) -> str | None:
        # InputError is a ValueError, so pydantic reports it.
        return None if name is None else registration_named(name).backend

    @field_validator("maps")
    @classmethod
    def _two(cls, maps: SeenMaps) -> SeenMaps:
        if maps[0] == maps[1]:
            msg = f"names {maps[0]} twice; networks see two maps"
            raise ValueError(msg)
        return maps

    @field_validator(*FOUND)
    @classmethod
    def _there(cls, path: Path) -> Path:
        if not path.exists():
            msg = f"there is no {path}"
            raise ValueError(msg)
        return path

    def by_task(self) -> dict[str, "Experiment"]:
        """Split the experiment into one a task.

        Returns:
            By the name of the task, such as ``CN-AD``; with an empty name the
            experiment itself when it has no tasks.
        """
        if not self.tasks:
            return {"": self}
        return {
            _folder(classes): self.model_copy(update={"classes": classes, "tasks": ()})
            for classes in self.tasks
        }


def _folder(classes: tuple[str, ...]) -> str:
    return "-".join(classes)


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
