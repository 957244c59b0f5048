"""One fold of a plan: its scans, and the fingerprint of what is made of them."""

import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crosswarp.files import fingerprint
from crosswarp.inputs.grid import Grid
from crosswarp.study.fold import ModelFold
from crosswarp.training.scans import CellScan
from crosswarp.training.settings import STEPS_VERSION


@dataclass(frozen=True)
class Part:
    """One fold of one repeat: its scans, and all that is known of those it uses.

    Attributes:
        repeat: Number of the repeat, from 0.
        fold: Number of the fold, from 0.
        scans: One entry a scan of the store.
        described: What networks learn from: label, class, split and digest of the maps
            of each scan that is used.
    """

    repeat: int
    fold: int
    scans: tuple[CellScan, ...]
    described: list[tuple[Any, ...]]

    def folder(self, run: Path, model: str) -> Path:
        """Name the folder of a model's fold in a run."""
        return ModelFold(model, self.repeat, self.fold).folder(run)


def fingerprint_of(
    choices: Mapping[str, Any], described: list[tuple[Any, ...]], grid: Grid
) -> str:
    """Fingerprint all that a trained fold depends on.

    Args:
        choices: Settings by name.
        described: What is learned from.
        grid: Grid of the maps.
    """
    plain = {
        key: value.model_dump(mode="json") if hasattr(value, "model_dump") else value
        for key, value in choices.items()
    }
    version = importlib.metadata.version("crosswarp"), STEPS_VERSION
    return fingerprint(plain, described, grid.box, grid.space, version)
