"""One fold of one model: the unit that is trained, tested and explained."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crosswarp.files import fingerprint
from crosswarp.study.names import BUNDLE, MODELS

KEY: Final = ("repeat", "fold")
"""Columns by which tables name a fold, besides ``model``."""

_FOLDER: Final = re.compile(r"repeat-(\d+)_fold-(\d+)")

_ABOVE: Final = 4
"""Folders from a bundle up to its run."""


@dataclass(frozen=True, order=True)
class ModelFold:
    """Identity of one fold of one model, in labels, tables and names of folders.

    Attributes:
        model: Name of the model.
        repeat: Number of the repeat of the cross-validation, from 0.
        fold: Number of the fold that is held out, from 0.

    Example:
        >>> one = ModelFold("jsm_only", 0, 3)
        >>> one.label, one.place
        ('jsm_only repeat 0 fold 3', 'models/jsm_only/repeat-0_fold-3')
    """

    model: str
    repeat: int
    fold: int

    @property
    def label(self) -> str:
        """Name for people, in ledgers and messages."""
        return f"{self.model} repeat {self.repeat} fold {self.fold}"

    @property
    def folder_name(self) -> str:
        """Name of its folder, within that of its model."""
        return f"repeat-{self.repeat}_fold-{self.fold}"

    @property
    def place(self) -> str:
        """Path of its folder from that of the run, with forward slashes."""
        return f"{MODELS}/{self.model}/{self.folder_name}"

    def folder(self, run: Path) -> Path:
        """Name its folder in a run."""
        return run / self.place

    def bundle(self, run: Path) -> Path:
        """Name the folder of its trained network in a run."""
        return self.folder(run) / BUNDLE

    def seed(self, seed: int) -> int:
        """Derive the seed of all that is drawn: one a fold, the same for all models.

        Args:
            seed: Random seed of the experiment.
        """
        return int(fingerprint(seed, self.repeat, self.fold)[:8], 16)


def fold_at(folder: Path) -> ModelFold | None:
    """Read the identity of a fold from the path of its folder; None where it is none.

    Example:
        >>> fold_at(Path("run/models/jsm_only/repeat-0_fold-3"))
        ModelFold(model='jsm_only', repeat=0, fold=3)
    """
    found = _FOLDER.fullmatch(folder.name)
    if found is None:
        return None
    return ModelFold(folder.parent.name, int(found[1]), int(found[2]))


def fold_folders(run: Path, model: str) -> list[Path]:
    """List the folders of the folds of a model that are in a run, in their order."""
    there = [path for path in (run / MODELS / model).glob("*") if path.is_dir()]
    named = {path: fold for path in there if (fold := fold_at(path)) is not None}
    return sorted(named, key=lambda path: named[path])


def run_of_bundle(bundle: Path) -> Path | None:
    """Find the run that a bundle lies in; None where it lies in none.

    Args:
        bundle: Folder of the bundle.
    """
    above = bundle.resolve().parents
    if len(above) < _ABOVE or above[2].name != MODELS:
        return None
    return above[_ABOVE - 1]
