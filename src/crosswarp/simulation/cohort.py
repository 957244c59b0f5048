"""A cohort of virtual participants: drawn, made in worker processes, resumed."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from crosswarp.bids.names import raw_path
from crosswarp.errors import IncompleteError, InputError, OccupiedError
from crosswarp.execution.isolated import Outcome, preload, run_isolated
from crosswarp.execution.logs import LOGS
from crosswarp.execution.pool import LocalEngine
from crosswarp.execution.progress import Progress, SilentProgress
from crosswarp.execution.work import Work
from crosswarp.files import fingerprint, read_json, write_json, written_whole
from crosswarp.simulation.dataset import (
    SETTINGS,
    numbers_done,
    participant_row,
    record_path,
    truth_folder,
    write_participant,
    write_tables,
)
from crosswarp.simulation.heads import label_head, labels_path, load_head
from crosswarp.simulation.participant import (
    VirtualParticipant,
    draw_participant,
    make_scan,
    scan_of,
)
from crosswarp.simulation.settings import SimulationSettings

MB_A_SCAN: Final = 14.0
"""Largest raw scan of 1 mm that was seen, and some more."""

TIMEOUT_SECONDS: Final = 900.0
"""A head of 1 mm takes about five seconds."""

MEMORY_MB: Final = 6000.0

_PRELOADED: Final = ("scipy.ndimage", "crosswarp.simulation.cohort")


@dataclass(frozen=True)
class ParticipantRequest:
    """One participant to make; small, so that it can be sent to a worker process.

    Attributes:
        out: Root of the data set.
        number: Of the participant, from 1.
        settings: Of the cohort.
    """

    out: Path
    number: int
    settings: SimulationSettings

    @property
    def fingerprint(self) -> str:
        """Digest of all that the head depends on."""
        return fingerprint(self.settings.of_each_participant(), self.number)


def simulate_cohort(
    out: Path, settings: SimulationSettings, progress: Progress | None = None
) -> pd.DataFrame:
    """Make a cohort, or go on with one.

    A participant that is there already is left as it is, so that more can be added.

    Args:
        out: Root of the BIDS data set.
        settings: Of the cohort.
        progress: Told of every participant.

    Returns:
        The table of participants, as in ``participants.tsv``.

    Raises:
        OccupiedError: If the folder holds something else, a cohort of other settings,
            or participants that this cohort has not.
        InputError: If the disk is too small.
        IncompleteError: If heads could not be made; says the first reason. The others
            are there.
    """
    numbers = range(1, settings.participants + 1)
    _claim(out, settings)
    _refuse_others(out, [scan_of(number).label for number in numbers])
    _make(out, numbers, settings, progress or SilentProgress())
    people = [draw_participant(number, settings) for number in numbers]
    return pd.DataFrame([participant_row(person) for person in people])


def simulate_participant(
    out: Path,
    number: int,
    settings: SimulationSettings,
    progress: Progress | None = None,
    labels_of: Path | None = None,
) -> VirtualParticipant:
    """Make one participant of a cohort, or one that would come after it.

    Args:
        out: Root of a BIDS data set, of its own or the cohort's.
        number: From 1; the head is the one that it has in the whole cohort.
        settings: Of the cohort.
        progress: Told when it is done.
        labels_of: Root of a cohort whose label maps of the real heads are taken over;
            made again, which takes some seconds, when None.

    Raises:
        OccupiedError: If the folder holds something else, or a cohort of other
            settings.
        InputError: If the disk is too small.
        IncompleteError: If the head could not be made.
    """
    _claim(out, settings)
    person = draw_participant(number, settings)
    if labels_of is not None:
        _take_over_labels(labels_of, out, person.head)
    _make(out, [number], settings, progress or SilentProgress())
    return person


def make_participant(request: ParticipantRequest) -> list[dict[str, Any]]:
    """Make and write one head.

    Returns:
        The truth about its regions.
    """
    person = draw_participant(request.number, request.settings)
    head = load_head(person.head, truth_folder(request.out))
    scan, truth = make_scan(person, head, request.settings)
    return write_participant(request.out, person, scan, truth, request.fingerprint)


def _make(
    out: Path,
    numbers: Sequence[int],
    settings: SimulationSettings,
    progress: Progress,
) -> None:
    todo = {
        scan_of(number).label: request
        for number in numbers
        if not _is_done(request := ParticipantRequest(out, number, settings))
    }
    outcomes = _run(out, todo, settings, progress) if todo else {}
    done = [draw_participant(number, settings) for number in numbers_done(out)]
    if done:
        write_tables(out, done)
    failed = {label: o for label, o in outcomes.items() if o.status != "ok"}
    if failed:
        label, outcome = next(iter(failed.items()))
        msg = (
            f"{len(failed)} of {len(todo)} heads could not be made; {label}:"
            f" {outcome.status}: {outcome.reason}"
        )
        raise IncompleteError(msg)


def _run(
    out: Path,
    todo: dict[str, ParticipantRequest],
    settings: SimulationSettings,
    progress: Progress,
) -> dict[str, Outcome]:
    _check_disk(out, len(todo), settings)
    progress.stage("simulate", len(todo))
    preload(_PRELOADED)
    _label_heads(out, todo)

    def note(label: str, outcome: Outcome) -> None:
        progress.advance(f"{label} {outcome.reason}".strip())

    work = Work(make_participant, timeout_s=TIMEOUT_SECONDS, memory_mb=MEMORY_MB)
    outcomes = LocalEngine(settings.workers).run(
        work, todo, logs=truth_folder(out) / LOGS, on_done=note
    )
    progress.done()
    return outcomes


def _label_heads(out: Path, todo: dict[str, ParticipantRequest]) -> None:
    """Find the regions of the real heads, in a child since greedy prints a lot."""
    people = [draw_participant(r.number, r.settings) for r in todo.values()]
    for name in dict.fromkeys(person.head for person in people):
        outcome = run_isolated(_label_one, (name, truth_folder(out)))
        if outcome.status != "ok":
            msg = f"the regions of {name} could not be found: {outcome.reason}"
            raise IncompleteError(msg)


def _label_one(request: tuple[str, Path]) -> None:
    label_head(*request)


def _take_over_labels(source: Path, out: Path, name: str) -> None:
    made, wanted = (labels_path(truth_folder(root), name) for root in (source, out))
    if made.is_file() and not wanted.is_file():
        with written_whole(wanted) as temporary:
            shutil.copyfile(made, temporary)


def _claim(out: Path, settings: SimulationSettings) -> None:
    """Refuse a folder that holds something else; mark an empty one as ours."""
    mark = truth_folder(out) / SETTINGS
    chosen = settings.of_each_participant()
    if mark.is_file():
        if read_json(mark) != chosen:
            msg = (
                f"{out} holds a virtual cohort of other settings, see {mark}; choose"
                " another folder or delete it"
            )
            raise OccupiedError(msg)
        return
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        msg = f"{out} holds something else; choose another folder"
        raise OccupiedError(msg)
    write_json(mark, chosen)


def _refuse_others(out: Path, labels: Sequence[str]) -> None:
    there = {folder.name for folder in out.glob("sub-*")}
    others = sorted(there - set(labels))
    if others:
        msg = (
            f"{out} holds {others[0]}, which a cohort of {len(labels)} participants has"
            " not; ask for more participants or choose another folder"
        )
        raise OccupiedError(msg)


def _check_disk(out: Path, count: int, settings: SimulationSettings) -> None:
    needed = count * MB_A_SCAN / settings.acquisition.spacing**3
    free = shutil.disk_usage(out).free / 1e6
    if needed > free:
        msg = (
            f"{count} heads need about {needed:.0f} MB, {out} has {free:.0f} MB free;"
            " make fewer or choose another disk"
        )
        raise InputError(msg)


def _is_done(request: ParticipantRequest) -> bool:
    scan = scan_of(request.number)
    record = record_path(request.out, scan)
    if not record.is_file() or not raw_path(request.out, scan).is_file():
        return False
    return bool(read_json(record).get("Fingerprint") == request.fingerprint)
