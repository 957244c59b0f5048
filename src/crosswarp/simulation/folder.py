"""The folder of a cohort: ours or empty, and large enough."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from crosswarp.documents import read_object
from crosswarp.errors import InputError, OccupiedError
from crosswarp.files import write_json
from crosswarp.outputs import VIRTUAL_COHORT, claim_folder, contents
from crosswarp.simulation.dataset import truth_folder
from crosswarp.simulation.settings import SimulationSettings
from crosswarp.study.names import SIMULATION

MB_A_SCAN: Final = 14.0
"""Largest raw scan of 1 mm that was seen, and some more."""

MB_TRUTH: Final = 56.0
"""True maps of one participant at 1 mm, and some more; an eighth at 2 mm."""


def claim(out: Path, settings: SimulationSettings) -> None:
    """Refuse a folder that holds something else; mark an empty one as ours.

    A cohort without a participant, such as one that the disk was too small for, gives
    way to another.

    Args:
        out: Root of the data set.
        settings: Of the cohort.

    Raises:
        OccupiedError: If it holds something else, or a cohort of other settings.
    """
    mark = truth_folder(out) / SIMULATION
    chosen = settings.of_each_participant()
    refuse_other_content(out)
    if mark.is_file() and read_object(mark) == chosen:
        return
    people = [*out.glob("sub-*"), *truth_folder(out).glob("sub-*")]
    if mark.is_file() and people:
        msg = (
            f"{out} holds a virtual cohort of other settings, see {mark}; choose"
            " another folder or delete it"
        )
        raise OccupiedError(msg)
    write_json(mark, chosen)


def refuse_other_content(out: Path) -> None:
    """Refuse a folder that holds something else than a virtual cohort or its heads.

    Raises:
        OccupiedError: If it does.
    """
    heads = (head.parent for head in truth_folder(out).glob("tpl-*/*_dseg.nii.gz"))
    ours = {path for head in heads for path in (head, *head.parents)}
    if out.is_file() or any(path not in ours for path in _begun(out)):
        claim_folder(out, VIRTUAL_COHORT)


def _begun(out: Path) -> list[Path]:
    """List what a folder holds, but for folders that were made and not yet filled."""
    truth = truth_folder(out)
    empty = [
        folder
        for folder in (out / "derivatives", truth)
        if all(path == truth for path in contents(folder)) and not contents(truth)
    ]
    return [path for path in contents(out) if path not in empty]


def refuse_others(out: Path, labels: Sequence[str]) -> None:
    """Refuse a folder with participants that the cohort has not.

    Args:
        out: Root of the data set.
        labels: Of all participants of the cohort.

    Raises:
        OccupiedError: If there are others.
    """
    there = {folder.name for folder in out.glob("sub-*")}
    others = sorted(there - set(labels))
    if others:
        msg = (
            f"{out} holds {others[0]}, which a cohort of {len(labels)} participants has"
            " not; ask for more participants or choose another folder"
        )
        raise OccupiedError(msg)


def check_disk(out: Path, count: int, settings: SimulationSettings) -> None:
    """Refuse to begin what the disk cannot hold.

    Args:
        out: Root of the data set.
        count: Heads still to be made.
        settings: Of the cohort.

    Raises:
        InputError: If the disk is too small.
    """
    needed = count * MB_A_SCAN / settings.acquisition.spacing**3
    if settings.truth_maps:
        needed += count * MB_TRUTH / settings.truth_resolution**3
    free = shutil.disk_usage(out).free / 1e6
    if needed > free:
        msg = (
            f"{count} heads need about {needed:.0f} MB, {out} has {free:.0f} MB free;"
            " make fewer or choose another disk"
        )
        raise InputError(msg)
