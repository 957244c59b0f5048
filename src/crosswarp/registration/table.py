"""The back ends: a new one is a file of its own and one entry here."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from crosswarp.errors import MissingPackageError
from crosswarp.registration.backend import RegistrationBackend
from crosswarp.registration.default import DEFAULT
from crosswarp.registration.schedules import (
    AntsSettings,
    BackendSettings,
    GreedySettings,
    MapSettings,
    TorchSettings,
    TwoStageSettings,
)
from crosswarp.types.arrays import ScalarMap


@dataclass(frozen=True)
class BackEnd:
    """One way to register, as the rest of the program knows it.

    Attributes:
        settings: Class of its settings, each with a default.
        made_by: ``module:Class`` that is called with the settings; imported when it
            is needed, since libraries take seconds to load.
        words: What a methods section calls it.
        package: Distribution whose version is recorded beside the maps.
        softness: Whether the class takes where volumes are known to change, too.
        extra: Extra of crosswarp that installs what it needs.
        module: What is imported of ``package`` when a scan is registered.
    """

    settings: type[BackendSettings]
    made_by: str
    words: str
    package: str
    softness: bool = False
    extra: str = "preprocess"
    module: str = "torch"

    def require(self) -> None:
        """Refuse before a cohort is begun what could register none of its scans.

        Raises:
            MissingPackageError: If what it needs is not installed.
        """
        if find_spec(self.module) is None:
            raise MissingPackageError(self.lacking(f"there is no {self.module}"))

    def lacking(self, reason: object) -> str:
        """Say what is not installed, and the command that installs it."""
        name = self.settings.model_fields["backend"].default
        return (
            f"registration {name} needs a package that cannot be imported ({reason}):"
            f" pip install 'crosswarp[{self.extra}]'"
        )

    def build(
        self, settings: BackendSettings, softness: ScalarMap | None
    ) -> RegistrationBackend:
        """Make the back end.

        Args:
            settings: Settings of this back end.
            softness: As in `crosswarp.registration.build.register`.

        Raises:
            MissingPackageError: If it needs a library that is not installed.
        """
        module, _, name = self.made_by.partition(":")
        try:
            made_by: Callable[..., RegistrationBackend]
            made_by = getattr(import_module(module), name)
        except ImportError as error:
            raise MissingPackageError(self.lacking(error)) from error
        return made_by(settings, softness) if self.softness else made_by(settings)


BACK_ENDS: Final[dict[str, BackEnd]] = {
    "two_stage": BackEnd(
        TwoStageSettings,
        "crosswarp.registration.torch_map.two_stage:TwoStage",
        "crosswarp's two-stage registration, its prior the same everywhere",
        "crosswarp",
    ),
    "map": BackEnd(
        MapSettings,
        "crosswarp.registration.torch_map.backend:TorchMap",
        "crosswarp's maximum a posteriori registration, its prior softer in structures"
        " known to change",
        "crosswarp",
        softness=True,
    ),
    "greedy": BackEnd(
        GreedySettings,
        "crosswarp.registration.greedy:Greedy",
        "greedy",
        "picsl-greedy",
        extra="greedy",
        module="picsl_greedy",
    ),
    "ants": BackEnd(
        AntsSettings,
        "crosswarp.registration.ants_syn:AntsSyn",
        "ANTs SyN",
        "antspyx",
        module="ants",
    ),
    "torch": BackEnd(
        TorchSettings,
        "crosswarp.registration.torch_lncc.backend:TorchLncc",
        "crosswarp's local cross-correlation in PyTorch",
        "crosswarp",
    ),
}
"""By name. All that names back ends reads this table."""


def default_settings() -> BackendSettings:
    """Give the settings of the back end that registers when none is chosen."""
    return BACK_ENDS[DEFAULT].settings.model_validate({"backend": DEFAULT})
