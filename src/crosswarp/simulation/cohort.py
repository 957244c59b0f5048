"""A cohort of virtual participants: drawn, made in worker processes, resumed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from crosswarp.bids.names import raw_path
from crosswarp.errors import IncompleteError
from crosswarp.execution.isolated import Outcome, preload
from crosswarp.execution.logs import LOGS
from crosswarp.execution.pool import LocalEngine
from crosswarp.execution.progress import Progress, SilentProgress
from crosswarp.execution.work import Work
from crosswarp.files import fingerprint, remove_unfinished
from crosswarp.locks import locked
from crosswarp.preprocessing.request import map_path
from crosswarp.provenance import PRODUCTS, changed_products
from crosswarp.simulation.base_heads import PRELOADED, label_heads, take_over_head
from crosswarp.simulation.dataset import (
    MadeScan,
    numbers_done,
    participant_row,
    read_record,
    record_path,
    truth_folder,
    write_participant,
    write_tables,
)
from crosswarp.simulation.drawing import VirtualParticipant, draw_participant, scan_of
from crosswarp.simulation.folder import (
    check_disk,
    claim,
    refuse_other_content,
    refuse_others,
)
from crosswarp.simulation.heads import load_head, load_placement
from crosswarp.simulation.participant import make_body, scan_body, signal_of
from crosswarp.simulation.settings import SimulationSettings
from crosswarp.simulation.truth_files import (
    signal_files,
    true_files,
    write_true_maps,
)
from crosswarp.simulation.truth_maps import TrueMaps, true_maps
from crosswarp.types.arrays import SpatialMap

TIMEOUT_SECONDS: Final = 900.0
"""A head of 1 mm takes about five seconds."""

MEMORY_MB: Final = 6000.0


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
        LockedError: If another process works on the folder.
        InputError: If the disk is too small.
        IncompleteError: If heads could not be made; says the first reason. The others
            are there.
    """
    numbers = range(1, settings.participants + 1)
    refuse_other_content(out)
    with locked(out):
        claim(out, settings)
        refuse_others(out, [scan_of(number).label for number in numbers])
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
    refuse_other_content(out)
    with locked(out):
        claim(out, settings)
        person = draw_participant(number, settings)
        if labels_of is not None:
            take_over_head(labels_of, out, person.head)
        _make(out, [number], settings, progress or SilentProgress())
    return person


def make_participant(request: ParticipantRequest) -> list[dict[str, Any]]:
    """Make and write one head.

    Returns:
        The truth about its regions.
    """
    out, settings = request.out, request.settings
    person = draw_participant(request.number, settings)
    head = load_head(person.head, truth_folder(out))
    placed = load_placement(person.head, truth_folder(out))
    body = make_body(person, head, settings)
    signal = signal_of(person, head, settings)
    scan, happened = scan_body(person, body, head, settings, signal)
    factor = None if signal is None else SpatialMap(signal.factor, head.t1w.affine)
    # Made though they may not be written: they say whether the deformation folds.
    maps = true_maps(body, placed, settings.truth_resolution, factor)
    files = _write_maps(request, maps) if settings.truth_maps else []
    made = MadeScan(body.regions, happened, tuple(files), signal)
    return write_participant(out, person, scan, made, request.fingerprint)


def _write_maps(request: ParticipantRequest, maps: TrueMaps) -> list[Path]:
    """Write the true maps of a participant, and name their files."""
    truth, scan = truth_folder(request.out), scan_of(request.number)
    resolution = request.settings.truth_resolution
    write_true_maps(truth, scan, maps, resolution)
    files = true_files(truth, scan, resolution)
    if maps.log_signal is not None:
        files += signal_files(truth, scan, resolution)
    return files


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
    for folder in _written_to(out, numbers):
        remove_unfinished(folder)
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
    check_disk(out, len(todo), settings)
    progress.stage("simulate", len(todo))
    preload(PRELOADED)
    people = [draw_participant(r.number, settings) for r in todo.values()]
    label_heads(out, dict.fromkeys(person.head for person in people))

    def note(label: str, outcome: Outcome) -> None:
        progress.advance(f"{label} {outcome.reason}".strip())

    work = Work(make_participant, timeout_s=TIMEOUT_SECONDS, memory_mb=MEMORY_MB)
    outcomes = LocalEngine(settings.workers).run(
        work, todo, logs=truth_folder(out) / LOGS, on_done=note
    )
    progress.done()
    return outcomes


def _written_to(out: Path, numbers: Sequence[int]) -> list[Path]:
    """List the folders in which a killed process may have left something."""
    truth = truth_folder(out)
    folders = [truth, truth / LOGS, *truth.glob("tpl-*")]
    for number in numbers:
        scan = scan_of(number)
        folders.append(raw_path(out, scan).parent)
        folders.append(map_path(truth, scan, 2, "logjacobian").parent)
    return folders


def _is_done(request: ParticipantRequest) -> bool:
    scan = scan_of(request.number)
    path, raw = record_path(request.out, scan), raw_path(request.out, scan)
    record = read_record(path)
    if record is None or record["Fingerprint"] != request.fingerprint:
        return False
    if PRODUCTS not in record:  # an earlier version's
        return raw.is_file() and raw.stat().st_size > 0
    return not changed_products(path.parent, record, by_digest=False)
