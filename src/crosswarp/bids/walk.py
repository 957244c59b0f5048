"""All files below a folder: links followed, derivatives and outputs passed over."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crosswarp.documents import read_object
from crosswarp.outputs import is_output
from crosswarp.study.names import DESCRIPTION

_NO_DATA = ("__MACOSX",)


@dataclass
class Below:
    """What lies below a folder.

    Attributes:
        files: Sorted; links to nothing are among them.
        left_out: Sentences on folders that were not looked into.
        errors: What the system said of those that it did not give.
    """

    files: list[Path] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    errors: list[OSError] = field(default_factory=list)


def is_derivative_folder(folder: Path) -> bool:
    """Whether a folder is a derivative data set, by its ``dataset_description.json``.

    A description that cannot be read says nothing.
    """
    described = read_object(folder / DESCRIPTION)
    # Before BIDS 1.4 only programs that made derivatives named themselves.
    older = "PipelineDescription" in described
    return older or described.get("DatasetType") == "derivative"


def is_hidden(name: str) -> bool:
    """Whether a file or folder is the system's and not the user's, by its name."""
    return name.startswith(".") or name in _NO_DATA


def files_below(folder: Path, excluding: Sequence[Path] = ()) -> Below:
    """List the files below a folder.

    Linked folders are followed, each real folder once, so that links in a circle end.
    Hidden names are passed over.

    Args:
        folder: Looked into whatever it is.
        excluding: Folders not to look into, such as the one of the outputs.
    """
    found = Below()
    _Walk(folder, {_identity(path) for path in excluding}, found).into(folder)
    return found


def _identity(folder: Path) -> tuple[int, int] | None:
    """Return what a folder is, by whatever name; None when it is not there."""
    try:
        there = folder.stat()
    except OSError:
        return None
    return there.st_dev, there.st_ino


@dataclass
class _Walk:
    root: Path
    excluded: set[tuple[int, int] | None]
    found: Below
    seen: set[tuple[int, int] | None] = field(default_factory=set)

    def into(self, folder: Path) -> None:
        self.seen.add(_identity(folder))
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self.found.errors.append(error)
            self._leave_out(folder, f"cannot be read ({error.strerror})")
            return
        for entry in entries:
            path = folder / entry.name
            if is_hidden(entry.name):
                continue
            if not entry.is_dir():
                self.found.files.append(path)
            elif self._may_enter(path):
                self.into(path)

    def _may_enter(self, folder: Path) -> bool:
        identity = _identity(folder)
        if identity in self.excluded:
            return False
        if identity in self.seen:
            self._leave_out(folder, "a link to a folder that is read already")
            return False
        if is_output(folder):
            self._leave_out(folder, "an output of crosswarp; not read as raw scans")
            return False
        if is_derivative_folder(folder):
            self._leave_out(folder, "a derivative data set; not read as raw scans")
            return False
        return True

    def _leave_out(self, folder: Path, reason: str) -> None:
        name = folder.relative_to(self.root).as_posix()
        self.found.left_out.append(f"{name}: {reason}")
