"""What a virtual cohort looks like on disk: a raw BIDS data set and its truth."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import nibabel as nib
import numpy as np
import pandas as pd

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import (
    raw_path,
    write_dataset_description,
    write_raw_description,
)
from crosswarp.bids.people import DICTIONARY, PARTICIPANTS
from crosswarp.bids.tables import write_table
from crosswarp.documents import read_object
from crosswarp.files import write_json, written_whole
from crosswarp.outputs import TRUTH as PURPOSE
from crosswarp.provenance import write_record
from crosswarp.simulation.drawing import VirtualParticipant
from crosswarp.simulation.participant import RegionTruth
from crosswarp.simulation.scanning import TRUNCATED, ScanTruth
from crosswarp.simulation.signal import Signal
from crosswarp.simulation.truth_rows import (
    REGION_COLUMNS,
    SIGNAL_COLUMNS,
    full_row,
    region_row,
    scan_row,
    signal_rows,
)
from crosswarp.study.names import (
    DERIVATIVES,
    REGIONS,
    SCANS,
    SIGNAL,
    SIMULATION,
    TRUE_REGIONS_ENDING,
    TRUTH,
)
from crosswarp.types.arrays import SpatialMap

TRUNCATED_SHARE: Final = 0.6
"""Of a file's bytes that are left when its end is missing."""


_NOT_IN_BIDS: Final = (SIMULATION, REGIONS, SCANS, SIGNAL, f"*{TRUE_REGIONS_ENDING}")

_COLUMNS: Final = {
    "diagnosis": "Group of the virtual participant: CN, MCI or AD.",
    "age": "Years; n/a where it is not known.",
    "sex": "F or M; men's heads are larger; n/a where it is not known.",
    "site": "Where it was scanned; n/a where it is not known.",
    "origin": VIRTUAL_NOTICE,
    "head": "Real head that it was made from.",
}


@dataclass(frozen=True)
class MadeScan:
    """All that is true of one participant's scan, besides its maps.

    Attributes:
        regions: Of each region.
        scan: What happened to the scan.
        files: The true maps, which are there.
        signal: Of the tissue; None where the real head's is kept.
    """

    regions: Sequence[RegionTruth]
    scan: ScanTruth
    files: tuple[Path, ...] = ()
    signal: Signal | None = None


def truth_folder(out: Path) -> Path:
    """Name the folder of what is true about a cohort."""
    return out / DERIVATIVES / TRUTH


def record_path(out: Path, scan: ScanId) -> Path:
    """Name the file that says that a participant is done, and what is true of it."""
    return truth_folder(out) / f"{scan.label}{TRUE_REGIONS_ENDING}"


def numbers_done(out: Path) -> list[int]:
    """List the participants that are there, by number."""
    names = truth_folder(out).glob(f"sub-*{TRUE_REGIONS_ENDING}")
    found = [path for path in names if read_record(path) is not None]
    ids = [
        path.name.removeprefix("sub-").removesuffix(TRUE_REGIONS_ENDING)
        for path in found
    ]
    return sorted(int(name) for name in ids if name.isdecimal())


def read_record(path: Path) -> dict[str, Any] | None:
    """Read what is true of a participant; None where no such record is."""
    found = read_object(path)
    regions, scan = found.get("Regions"), found.get("Scan")
    if not (isinstance(regions, list) and isinstance(scan, dict)):
        return None
    sound = all(isinstance(row, dict) for row in regions)
    return found if sound and isinstance(found.get("Fingerprint"), str) else None


def write_participant(
    out: Path,
    person: VirtualParticipant,
    scan: SpatialMap,
    made: MadeScan,
    fingerprint: str,
) -> list[dict[str, Any]]:
    """Write one head and what is true of it.

    Args:
        out: Root of the data set.
        person: Participant whose head it is.
        scan: As the scanner stores it; rounded to 16 bits, or to 8 where they hold all.
        made: What is true of it.
        fingerprint: Of all that the head depends on.

    Returns:
        The rows of the truth about regions.
    """
    path = raw_path(out, person.scan)
    _write_scan(path, scan)
    if made.scan.fault == TRUNCATED:
        _truncate(path)
    rows = [region_row(person, region) for region in made.regions]
    # Last, since its presence says that the participant is done.
    record = {
        "Fingerprint": fingerprint,
        "Regions": rows,
        "Scan": scan_row(person, made.scan, made.signal),
        "Signal": signal_rows(person, made.signal),
    }
    path_of_record = record_path(out, person.scan)
    names = [
        Path(os.path.relpath(made_file, path_of_record.parent)).as_posix()
        for made_file in (path, _sidecar_of(path), *made.files)
    ]
    write_record(path_of_record, record, products=names)
    return rows


def participant_row(person: VirtualParticipant) -> dict[str, Any]:
    """Give a participant's row of ``participants.tsv``; missing values are None."""
    row = full_row(person)
    return {name: None if name in person.missing else row[name] for name in row}


def write_tables(out: Path, people: Sequence[VirtualParticipant]) -> None:
    """Write what is about all participants, raw and true.

    Args:
        out: Root of the data set.
        people: Those whose heads are there.
    """
    write_raw_description(out, "Virtual participants")
    rows = [participant_row(person) for person in people]
    write_table(out / PARTICIPANTS, pd.DataFrame(rows))
    write_json(
        out / DICTIONARY,
        {name: {"Description": text} for name, text in _COLUMNS.items()},
    )
    truth = truth_folder(out)
    write_dataset_description(
        truth, "Truth about the virtual participants", raw=out, purpose=PURPOSE
    )
    _ignore(truth / ".bidsignore")
    found = [read_record(record_path(out, person.scan)) for person in people]
    records = [record for record in found if record is not None]
    regions = [row for record in records for row in record["Regions"]]
    table = pd.DataFrame(regions, columns=list(REGION_COLUMNS))
    write_table(truth / REGIONS, table)
    write_table(truth / SCANS, pd.DataFrame([record["Scan"] for record in records]))
    signal = [row for record in records for row in record.get("Signal", [])]
    if signal:
        write_table(truth / SIGNAL, pd.DataFrame(signal, columns=list(SIGNAL_COLUMNS)))
    with written_whole(out / "README.md") as temporary:
        temporary.write_text(f"# Virtual participants\n\n{VIRTUAL_NOTICE}\n", "utf-8")


def _ignore(path: Path) -> None:
    """Add the files of the truth to what BIDS must ignore."""
    there = path.read_text(encoding="utf-8").split()
    lines = [*there, *(line for line in _NOT_IN_BIDS if line not in there)]
    with written_whole(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_scan(path: Path, scan: SpatialMap) -> None:
    stored = np.clip(np.round(scan.values), 0, np.iinfo(np.int16).max)
    # The smallest that holds them: the file is a sixth smaller.
    form = np.uint8 if stored.max() <= np.iinfo(np.uint8).max else np.int16
    image = nib.Nifti1Image(stored.astype(form), scan.affine)
    image.set_sform(scan.affine, code="scanner")
    image.set_qform(scan.affine, code="scanner")
    image.header.set_xyzt_units("mm")
    with written_whole(path) as temporary:
        nib.save(image, temporary)
    write_json(
        _sidecar_of(path),
        {
            "Modality": "MR",
            "Manufacturer": "crosswarp",
            "ImageComments": VIRTUAL_NOTICE,
        },
    )


def _sidecar_of(path: Path) -> Path:
    return path.with_name(path.name.replace(".nii.gz", ".json"))


def _truncate(path: Path) -> None:
    """Leave out the end of a file, as an interrupted copy does."""
    content = path.read_bytes()
    with written_whole(path) as temporary:
        temporary.write_bytes(content[: int(len(content) * TRUNCATED_SHARE)])
