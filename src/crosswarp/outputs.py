"""To whom an output belongs: nothing is written over that something else made."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Final

from crosswarp.claims import LOCK
from crosswarp.documents import read_object
from crosswarp.errors import OccupiedError
from crosswarp.files import UNFINISHED
from crosswarp.makers import (
    PREDICT,
    PREPROCESS,
    PROGRAM,
    SIMULATE,
    command_of,
    generators,
    read_description,
)
from crosswarp.study import names

LITTER: Final = frozenset(
    {
        ".DS_Store",
        ".directory",
        ".snapshot",
        "Thumbs.db",
        "desktop.ini",
        "lost+found",
    }
)
"""What systems leave in folders: it makes none of them occupied."""

NAMED: Final = 3
"""Entries of a folder that one message names; the rest is counted."""


@dataclass(frozen=True)
class Purpose:
    """What a folder of outputs is made for.

    Attributes:
        name: What the folder holds, with its article.
        command: Command that makes it; recorded in BIDS descriptions.
        is_here: Whether a folder was made for this, by this or an earlier version.
    """

    name: str
    command: str
    is_here: Callable[[Path], bool]


def claim_folder(out: Path, purpose: Purpose, inputs: Iterable[Path] = ()) -> None:
    """Refuse a folder that is not ours to write into; nothing is written here.

    It may be absent, empty, or made by this program for the same purpose.

    Args:
        out: Folder of the outputs.
        purpose: What it is to hold.
        inputs: Files and folders that are read: ``out`` may lie in such a folder, but
            is none of them, holds none of them and lies in no participant's folder.

    Raises:
        OccupiedError: Saying what was found and what to type instead.
    """
    if out.is_file():
        msg = (
            f"{out} holds something else than {purpose.name}: it is a file, not a"
            " folder; choose another name"
        )
        raise OccupiedError(msg)
    if any(map(_is_something, contents(out))) and not purpose.is_here(out):
        msg = (
            f"{out} holds something else than {purpose.name}: {_described(out)};"
            f" nothing was changed. {_advice(out)}"
        )
        raise OccupiedError(msg)
    for path in inputs:
        _refuse_overlap(out, path)


def claim_names(
    folder: Path, names: Iterable[str], ours: bool, command: str, mark: str
) -> None:
    """Refuse to replace entries of a folder that this program did not write.

    Args:
        folder: That a command works on, perhaps a user's own.
        names: Of the files and folders that the command replaces.
        ours: Whether ``mark`` is there and was written by the command.
        command: Command that writes.
        mark: File that every earlier call of the command has left.

    Raises:
        OccupiedError: Naming what is in the way.
    """
    there = [name for name in names if (folder / name).exists()]
    if ours or not there:
        return
    msg = (
        f"{folder} has {_some(there)}, which {command} would replace, but no {mark}"
        " that it wrote: nothing was changed. Move what is there elsewhere, or work in"
        " a folder of its own"
    )
    raise OccupiedError(msg)


def contents(folder: Path) -> list[Path]:
    """List what a folder holds, but for what the system or a killed process left."""
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.name not in LITTER and not path.name.startswith((UNFINISHED, LOCK))
    )


def _is_something(path: Path) -> bool:
    """Whether an entry is more than folders: those a killed process may have left."""
    if path.is_symlink() or not path.is_dir():
        return True
    return any(map(_is_something, contents(path)))


def made_for(folder: Path) -> Purpose | None:
    """Tell what this program made a folder for; None if it did not make it."""
    return next((known for known in PURPOSES if known.is_here(folder)), None)


def is_output(folder: Path) -> bool:
    """Whether a folder is an output of this program, and so never a raw scan.

    A virtual cohort is none: its scans are there to be read.
    """
    try:
        found = made_for(folder)
    except OSError:
        # Whoever looks into it next says that it cannot be read.
        return False
    return found is not None and found is not VIRTUAL_COHORT


def same_place(one: Path, other: Path) -> bool:
    """Whether two names are of one file or folder, through links and letters' case."""
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()


def lies_in(path: Path, folder: Path) -> bool:
    """Whether a path lies somewhere below a folder."""
    return any(same_place(parent, folder) for parent in path.resolve().parents)


def _refuse_overlap(out: Path, path: Path) -> None:
    if same_place(out, path):
        msg = (
            f"{out} is what is read, and cannot be what is written: nothing was"
            f" changed. {_advice(out)}"
        )
        raise OccupiedError(msg)
    if lies_in(path, out):
        msg = (
            f"{out} holds what is read, {path}: nothing was changed. Choose a folder of"
            " its own for the output"
        )
        raise OccupiedError(msg)
    if path.is_dir() and lies_in(out, path) and _in_a_participant(out, path):
        msg = (
            f"{out} lies in the folder of a participant; choose"
            f" {path / names.DERIVATIVES / PROGRAM} instead"
        )
        raise OccupiedError(msg)


def _in_a_participant(out: Path, root: Path) -> bool:
    above = [out.resolve(), *out.resolve().parents]
    inside = list(takewhile(lambda folder: not same_place(folder, root), above))
    return inside[-1].name.startswith("sub-")


def _described(folder: Path) -> str:
    """Say in a few words what a folder holds."""
    known = made_for(folder)
    if known is not None:
        return f"{known.name}, made by {known.command}"
    there = read_description(folder)
    if there.get("Name"):
        programs = [str(entry.get("Name")) for entry in generators(there)]
        by = f", made by {' and '.join(programs)}" if programs else ""
        return f"the data set {there['Name']!r}{by}"
    return _some([path.name for path in contents(folder)])


def _advice(folder: Path) -> str:
    """Name a folder that could be taken instead, if there is an obvious one."""
    raw = read_description(folder).get("DatasetType", "raw") != "derivative"
    if raw and any(folder.glob("sub-*")):
        free = folder / names.DERIVATIVES / PROGRAM
    else:
        free = folder.parent / PROGRAM
    named = f", such as {free}" if not contents(free) and not free.is_file() else ""
    return f"Choose a new or empty folder{named}"


def _some(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _is_run(folder: Path) -> bool:
    # Written before anything else.
    record = read_object(folder / names.RUN_RECORD)
    if str(record.get("format")).startswith("crosswarp-run"):
        return not record.get("tasks")
    environment = read_object(folder / names.ENVIRONMENT)
    versions = environment.get("versions")
    return isinstance(versions, dict) and PROGRAM in versions


def _has_runs(folder: Path) -> bool:
    if read_object(folder / names.RUN_RECORD).get("tasks"):
        return True
    return any(_is_run(path) for path in contents(folder) if "-" in path.name)


MAPS: Final = Purpose(
    "maps of scans", PREPROCESS, lambda out: command_of(out) == PREPROCESS
)
PREDICTION: Final = Purpose(
    "a prediction", PREDICT, lambda out: command_of(out) == PREDICT
)
VIRTUAL_COHORT: Final = Purpose(
    "a virtual cohort",
    SIMULATE,
    lambda out: (out / names.DERIVATIVES / names.TRUTH / names.SIMULATION).is_file(),
)
TRUTH: Final = Purpose(
    "the truth about a virtual cohort",
    SIMULATE,
    lambda out: command_of(out) == SIMULATE,
)
DRAWN: Final = Purpose(
    "virtual maps and their cohort",
    SIMULATE,
    lambda out: "classes" in read_object(out / names.VIRTUAL_MAPS),
)
RUN: Final = Purpose("a run", "crosswarp compare", _is_run)
RUN_OF_TASKS: Final = Purpose("a run of several tasks", "crosswarp compare", _has_runs)
PRETRAINING: Final = Purpose(
    "a pretraining",
    "crosswarp model pretrain",
    lambda out: "fingerprint" in read_object(out / names.PRETRAINING),
)
EXPORT: Final = Purpose(
    "an export",
    "crosswarp model export",
    lambda out: {"format", "card"} <= set(read_object(out / names.EXPORT_RECORD)),
)
DEMO: Final = Purpose(
    "a demo", "crosswarp demo", lambda out: (out / names.DEMO_MARK).is_file()
)

_OF_RUNS: Final = (RUN, PRETRAINING, EXPORT, RUN_OF_TASKS)
PURPOSES: Final = (DEMO, PREDICTION, MAPS, TRUTH, VIRTUAL_COHORT, DRAWN, *_OF_RUNS)
