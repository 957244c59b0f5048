"""What ``environment.json`` of a run holds: versions and machine of the training."""

import importlib.metadata
import platform
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from crosswarp.documents import read_as
from crosswarp.errors import MissingDerivativeError
from crosswarp.files import write_json
from crosswarp.study.names import ENVIRONMENT

PACKAGES: Final = ("crosswarp", "torch", "lightning", "numpy", "nibabel", "pandas")
"""Packages whose versions are recorded."""


class Environment(BaseModel):
    """Where networks were trained.

    Attributes:
        python: Version of Python.
        system: Name of the operating system.
        machine: Kind of processor.
        versions: By the name of the package.
    """

    model_config = ConfigDict(frozen=True)

    python: str
    system: str
    machine: str
    versions: dict[str, str]


def environment_here() -> Environment:
    """Describe this process."""
    return Environment(
        python=platform.python_version(),
        system=platform.system(),
        machine=platform.machine(),
        versions={name: importlib.metadata.version(name) for name in PACKAGES},
    )


def write_environment(run: Path, environment: Environment) -> None:
    """Write ``environment.json`` into the folder of a run."""
    write_json(run / ENVIRONMENT, environment.model_dump(mode="json"))


def read_environment(run: Path) -> Environment:
    """Read it.

    Raises:
        MissingDerivativeError: If there is no such file.
        InputError: If it holds something else.
    """
    path = run / ENVIRONMENT
    if not path.is_file():
        msg = f"no {ENVIRONMENT} in the run; `crosswarp compare` writes it"
        raise MissingDerivativeError(msg)
    return read_as(path, Environment, "run `crosswarp compare` again")
