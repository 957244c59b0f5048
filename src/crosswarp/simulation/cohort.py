"""A cohort of virtual participants on disk: a raw BIDS data set and its truth."""

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import nibabel as nib
import numpy as np
import pandas as pd

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.names import (
    raw_path,
    write_dataset_description,
    write_raw_description,
)
from crosswarp.bids.tables import write_table
from crosswarp.errors import IncompleteError, InputError, OccupiedError
from crosswarp.execution.isolated import Outcome, preload, run_isolated
from crosswarp.execution.pool import run_all
from crosswarp.execution.progress import Progress, SilentProgress
from crosswarp.files import fingerprint, read_json, write_json, written_whole
from crosswarp.simulation.heads import label_head, load_head
from crosswarp.simulation.participant import (
    RegionTruth,
    VirtualParticipant,
    draw_participant,
    make_scan,
)
from crosswarp.simulation.settings import SimulationSettings
from crosswarp.types.arrays import SpatialMap

SETTINGS: Final = "simulation.json"
"""In the truth's folder: which settings made the cohort."""

MB_A_SCAN: Final = 14.0
"""Largest raw scan of 1 mm that was seen, and some more."""

TIMEOUT_SECONDS: Final = 900.0
"""A head of 1 mm takes about five seconds."""

MEMORY_MB: Final = 6000.0

_PRELOADED: Final = ("scipy.ndimage", "crosswarp.simulation.cohort")

_COLUMNS: Final = {
    "diagnosis": "Group of the virtual participant: CN, MCI or AD.",
    "age": "Years; drawn, it changes nothing in the head.",
    "sex": "F or M; men's heads are larger.",
    "site": "Where it was scanned; sites do not differ yet.",
    "origin": VIRTUAL_NOTICE,
    "head": "Real head that it was made from.",
}


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


def truth_folder(out: Path) -> Path:
    """Name the folder of what is true about a cohort."""
    return out / "derivatives" / "truth"


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
        OccupiedError: If the folder holds something else, or a cohort of other
            settings.
        InputError: If the disk is too small.
        IncompleteError: If heads could not be made; says the first reason.
    """
    numbers = range(1, settings.participants + 1)
    _make(out, numbers, settings, progress or SilentProgress())
    people = [draw_participant(number, settings) for number in numbers]
    _write_tables(out, people, settings)
    return pd.DataFrame([_row(person) for person in people])


def simulate_participant(
    out: Path,
    number: int,
    settings: SimulationSettings,
    progress: Progress | None = None,
) -> VirtualParticipant:
    """Make one participant of a cohort, or one that would come after it.

    Args:
        out: Root of a BIDS data set of its own.
        number: From 1; the head is the one that it has in the whole cohort.
        settings: Of the cohort.
        progress: Told when it is done.

    Raises:
        OccupiedError: As `simulate_cohort`.
        InputError: If the disk is too small.
        IncompleteError: If the head could not be made.
    """
    _make(out, [number], settings, progress or SilentProgress())
    person = draw_participant(number, settings)
    _write_tables(out, [person], settings)
    return person


def make_participant(request: ParticipantRequest) -> list[dict[str, Any]]:
    """Make and write one head.

    Returns:
        The truth about its regions.
    """
    person = draw_participant(request.number, request.settings)
    head = load_head(person.head, truth_folder(request.out))
    scan, truth = make_scan(person, head, request.settings)
    path = raw_path(request.out, person.scan)
    _write_scan(path, scan)
    rows = [_truth_row(person, region) for region in truth]
    # Last, since its presence says that the participant is done.
    write_json(
        _record_path(request.out, person),
        {"Fingerprint": request.fingerprint, "Regions": rows},
    )
    return rows


def _make(
    out: Path,
    numbers: Sequence[int],
    settings: SimulationSettings,
    progress: Progress,
) -> None:
    _claim(out, settings)
    todo = {
        f"sub-{number:03d}": request
        for number in numbers
        if not _is_done(request := ParticipantRequest(out, number, settings))
    }
    if not todo:
        return
    _check_disk(out, len(todo), settings)
    progress.stage("simulate", len(todo))
    preload(_PRELOADED)
    _label_heads(out, settings)

    def note(label: str, outcome: Outcome) -> None:
        progress.advance(f"{label} {outcome.reason}".strip())

    outcomes = run_all(
        make_participant,
        todo,
        workers=settings.workers,
        on_done=note,
        timeout_s=TIMEOUT_SECONDS,
        memory_mb=MEMORY_MB,
    )
    progress.done()
    failed = {label: o for label, o in outcomes.items() if o.status != "ok"}
    if failed:
        label, outcome = next(iter(failed.items()))
        msg = (
            f"{len(failed)} of {len(todo)} heads could not be made; {label}:"
            f" {outcome.status}: {outcome.reason}"
        )
        raise IncompleteError(msg)


def _label_heads(out: Path, settings: SimulationSettings) -> None:
    """Make the labels of the real heads, in a child since greedy prints a lot."""
    for name in settings.heads:
        outcome = run_isolated(_label, (name, truth_folder(out)))
        if outcome.status != "ok":
            msg = f"the regions of {name} could not be found: {outcome.reason}"
            raise IncompleteError(msg)


def _label(request: tuple[str, Path]) -> None:
    label_head(*request)


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
    person = draw_participant(request.number, request.settings)
    record = _record_path(request.out, person)
    if not record.is_file() or not raw_path(request.out, person.scan).is_file():
        return False
    return bool(read_json(record).get("Fingerprint") == request.fingerprint)


def _record_path(out: Path, person: VirtualParticipant) -> Path:
    return truth_folder(out) / f"{person.scan.label}_regions.json"


def _write_scan(path: Path, scan: SpatialMap) -> None:
    stored = np.clip(np.round(scan.values), 0, np.iinfo(np.int16).max)
    image = nib.Nifti1Image(stored.astype(np.int16), scan.affine)
    image.set_sform(scan.affine, code="scanner")
    image.set_qform(scan.affine, code="scanner")
    image.header.set_xyzt_units("mm")
    with written_whole(path) as temporary:
        nib.save(image, temporary)
    write_json(
        path.with_name(path.name.replace(".nii.gz", ".json")),
        {
            "Modality": "MR",
            "Manufacturer": "crosswarp",
            "ImageComments": VIRTUAL_NOTICE,
        },
    )


def _row(person: VirtualParticipant) -> dict[str, Any]:
    return {
        "participant_id": person.scan.participant_id,
        "diagnosis": person.diagnosis.value,
        "age": person.age_years,
        "sex": person.sex,
        "site": person.site,
        "origin": "virtual",
        "head": person.head,
    }


def _truth_row(person: VirtualParticipant, region: RegionTruth) -> dict[str, Any]:
    numbers = {
        name: round(value, 5) if isinstance(value, float) else value
        for name, value in asdict(region).items()
    }
    return {
        "participant_id": person.scan.participant_id,
        "diagnosis": person.diagnosis.value,
        "severity": round(person.severity, 5),
        **numbers,
    }


def _write_tables(
    out: Path, people: Sequence[VirtualParticipant], settings: SimulationSettings
) -> None:
    del settings
    write_raw_description(out, "Virtual participants")
    write_table(
        out / "participants.tsv", pd.DataFrame([_row(person) for person in people])
    )
    write_json(
        out / "participants.json",
        {name: {"Description": text} for name, text in _COLUMNS.items()},
    )
    truth = truth_folder(out)
    write_dataset_description(truth, "Truth about the virtual participants", raw=out)
    rows = [
        row
        for person in people
        for row in read_json(_record_path(out, person))["Regions"]
    ]
    write_table(truth / "regions.tsv", pd.DataFrame(rows))
    with written_whole(out / "README.md") as temporary:
        temporary.write_text(f"# Virtual participants\n\n{VIRTUAL_NOTICE}\n", "utf-8")
