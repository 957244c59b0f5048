"""The experiment file of a run, as the stages after training read it.

Training checks every choice before it writes the file (`training.experiment`); here
only what later stages use is checked, so that runs of earlier versions, and predictions
beside a file made by hand, can be evaluated.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from crosswarp.documents import path_from, read_settings
from crosswarp.errors import InputError, MissingDerivativeError
from crosswarp.study.names import EXPERIMENT
from crosswarp.types.grid import SPACE
from crosswarp.types.maps import OF_SCAN, SeenMaps

COVARIATES: Final = ("age_years", "sex", "head_size")
"""What the model without maps is fitted on, unless the experiment says otherwise."""

HIPPOCAMPAL_VOLUME: Final = "hippocampal_volume"
HIPPOCAMPAL_VENTRICULAR_VOLUME: Final = "hippocampal_ventricular_volume"

VOLUME_BASELINES: Final = (HIPPOCAMPAL_VOLUME, HIPPOCAMPAL_VENTRICULAR_VOLUME)
"""Models without a network that stand in every table unless an experiment says no."""

DEFAULT_RESOLUTION: Final = 1
"""Spacing of the maps, in mm, where a file does not say it."""


class DeclaredPrimary(BaseModel):
    """The primary comparison, as the experiment declares it.

    Attributes:
        model: Model that is expected to be better.
        reference: Model that it is compared with.
    """

    model_config = ConfigDict(frozen=True)

    model: str
    reference: str


class RunExperiment(BaseModel):
    """Choices of a run that later stages use; None where the file does not say.

    Attributes:
        name: Name of the experiment.
        seed: Seed of all random draws.
        cohort: Path of the cohort table, as written.
        derivatives: Path of the folder of maps, as written.
        folds: Path of the table of folds, as written.
        covariates: Columns that the model without maps is fitted on.
        volume_baselines: Whether the models of `VOLUME_BASELINES` are compared; no
            for files of versions without them.
        space: Name of the template.
        resolution: Spacing of the maps, in mm.
        maps: First and second map that networks saw.
        models: Settings of each network by its name, in the order of the file.
        training: How networks were fitted, by the name of the setting.
        primary: The primary comparison.
        family: Further models that are corrected together with it.
        everything: All settings of the file.
    """

    model_config = ConfigDict(frozen=True)

    name: str | None = None
    seed: int | None = None
    cohort: str | None = None
    derivatives: str | None = None
    folds: str | None = None
    covariates: tuple[str, ...] = COVARIATES
    volume_baselines: bool = False
    space: str | None = None
    resolution: int | None = None
    maps: SeenMaps = OF_SCAN
    models: dict[str, dict[str, object]] = Field(default_factory=dict)
    training: dict[str, object] = Field(default_factory=dict)
    primary: DeclaredPrimary | None = None
    family: tuple[str, ...] | None = None
    everything: dict[str, object] = Field(default_factory=dict)

    @field_validator("covariates", mode="before")
    @classmethod
    def _listed(cls, given: object) -> object:
        if not isinstance(given, list | tuple):
            msg = f"must be a list of columns, got {given!r}"
            raise ValueError(msg)
        return given

    @field_validator("models", mode="before")
    @classmethod
    def _by_name(cls, given: object) -> object:
        """Take entries by name alone, too; leave out those without a name."""
        if not isinstance(given, list):
            return given or {}
        entries = [one if isinstance(one, dict) else {"name": one} for one in given]
        return {str(one["name"]): one for one in entries if one.get("name")}

    @field_validator("training", mode="before")
    @classmethod
    def _nothing(cls, given: object) -> object:
        return given or {}

    @property
    def grid(self) -> tuple[str, int]:
        """Name of the template and spacing of the maps, in mm."""
        return self.space or SPACE, self.resolution or DEFAULT_RESOLUTION

    def listed(self, key: str) -> list[dict[str, object]]:
        """List the entries of a key with all their settings; none where it has none.

        Args:
            key: Key of the file, such as ``baselines``.
        """
        entries = self.everything.get(key)
        known = entries if isinstance(entries, list) else []
        return [one for one in known if isinstance(one, dict)]

    def place(self, run: Path, name: str) -> Path | None:
        """Find what the file names; None where it names nothing.

        Args:
            run: Folder of the run, from which relative paths count.
            name: ``cohort``, ``derivatives`` or ``folds``.
        """
        given = {"cohort": self.cohort, "folds": self.folds}.get(name, self.derivatives)
        return None if given is None else path_from(run, given)


def experiment_of(settings: Mapping[str, Any], source: str) -> RunExperiment:
    """Check settings that were read.

    Args:
        settings: Content of the file.
        source: What messages call it.

    Raises:
        InputError: With the first fault.
    """
    try:
        return RunExperiment.model_validate({**settings, "everything": settings})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        what = str(first["msg"]).removeprefix("Value error, ")
        msg = f"{source}: {place}: {what}; mend it, or run `crosswarp compare` again"
        raise InputError(msg) from error


def read_run_experiment(run: Path) -> RunExperiment:
    """Read the experiment file of a run.

    Raises:
        MissingDerivativeError: If there is none.
        InputError: If it is none, or a choice is of another kind.
    """
    path = run / EXPERIMENT
    if not path.is_file():
        msg = f"no {EXPERIMENT} in the run; `crosswarp compare` writes it"
        raise MissingDerivativeError(msg)
    return experiment_of(read_settings(path), str(path))


def find_run_experiment(run: Path) -> RunExperiment:
    """Read it; one that says nothing where there is none.

    Raises:
        InputError: If it is there and not sound.
    """
    if not (run / EXPERIMENT).is_file():
        return RunExperiment()
    return read_run_experiment(run)
