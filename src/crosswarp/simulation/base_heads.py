"""The real heads of a cohort: found in packages or given, made ready in its folder."""

import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from crosswarp.errors import IncompleteError, InputError
from crosswarp.execution.isolated import preload, run_isolated
from crosswarp.execution.temporary import temporary_folder
from crosswarp.files import written_folder
from crosswarp.links import link_or_copy
from crosswarp.locks import locked
from crosswarp.simulation.dataset import truth_folder
from crosswarp.simulation.folder import refuse_other_content
from crosswarp.simulation.heads import head_folder, is_ready, label_head
from crosswarp.simulation.own_heads import own_head_name, prepare_own_head
from crosswarp.simulation.settings import OWN_HEAD

PRELOADED: Final = ("scipy.ndimage", "crosswarp.simulation.cohort")
"""Loaded once, before the first child process is forked."""


def prepare_own_heads(paths: Sequence[Path], out: Path) -> tuple[str, ...]:
    """Check a user's own heads and make them ready for a cohort.

    Nothing is written where a head is refused.

    Args:
        paths: Whole T1w heads.
        out: Root of the cohort's data set.

    Returns:
        Their names, for `SimulationSettings.heads`.

    Raises:
        InputError: If there is no such file, or the head fails a limit of quality.
        LockedError: If another process works on the data set.
    """
    truth = truth_folder(out)
    todo = {own_head_name(p): p for p in paths}
    refuse_other_content(out)
    preload(PRELOADED)
    with temporary_folder("heads-") as folder:
        for name, path in todo.items():
            if is_ready(truth, name):
                continue
            outcome = run_isolated(_prepare_one, (path, folder))
            if outcome.status != "ok":
                msg = f"{path.name} cannot be a base head: {outcome.reason}"
                raise InputError(msg)
        with locked(out):
            for made in folder.iterdir():
                _copy_folder(made, truth / made.name)
    return tuple(todo)


def label_heads(out: Path, names: Iterable[str]) -> None:
    """Make heads of packages ready, in a child: deepbet prints a lot.

    Args:
        out: Root of the cohort's data set.
        names: Of the heads; a user's own ones are ready.

    Raises:
        IncompleteError: If one could not be made ready.
    """
    for name in (n for n in names if not n.startswith(OWN_HEAD)):
        outcome = run_isolated(_label_one, (name, truth_folder(out)))
        if outcome.status != "ok":
            msg = f"the regions of {name} could not be found: {outcome.reason}"
            raise IncompleteError(msg)


def _label_one(request: tuple[str, Path]) -> None:
    label_head(*request)


def _prepare_one(request: tuple[Path, Path]) -> None:
    prepare_own_head(*request)


def take_over_head(source: Path, out: Path, name: str) -> None:
    """Take a head that another cohort has ready; nothing if it has not.

    Args:
        source: Root of that cohort.
        out: Root of this one.
        name: Of the head.
    """
    made, wanted = truth_folder(source), truth_folder(out)
    if is_ready(made, name) and not is_ready(wanted, name):
        _copy_folder(head_folder(made, name), head_folder(wanted, name), link_or_copy)


def _copy_folder(
    made: Path, wanted: Path, copy: Callable[..., object] = shutil.copy2
) -> None:
    with written_folder(wanted) as temporary:
        shutil.copytree(made, temporary, dirs_exist_ok=True, copy_function=copy)
