"""What a virtual cohort looks like on disk: a raw BIDS data set and its truth."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
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
from crosswarp.study.names import (
    DERIVATIVES,
    REGIONS,
    SCANS,
    SIMULATION,
    TRUE_REGIONS_ENDING,
    TRUTH,
)
from crosswarp.types.arrays import SpatialMap

TRUNCATED_SHARE: Final = 0.6
"""Of a file's bytes that are left when its end is missing."""


_NOT_IN_BIDS: Final = (SIMULATION, REGIONS, SCANS, f"*{TRUE_REGIONS_ENDING}")

_TRUTH_COLUMNS: Final = (
    "participant_id",
    "diagnosis",
    "severity",
    "region",
    "base_mm3",
    "true_mm3",
    "true_ratio",
    "atrophy_ratio",
    "healthy_ratio",
)

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
    """

    regions: Sequence[RegionTruth]
    scan: ScanTruth
    files: tuple[Path, ...] = ()


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
        scan: As the scanner stores it; rounded to 16 bits.
        made: What is true of it.
        fingerprint: Of all that the head depends on.

    Returns:
        The rows of the truth about regions.
    """
    path = raw_path(out, person.scan)
    _write_scan(path, scan)
    if made.scan.fault == TRUNCATED:
        _truncate(path)
    rows = [_truth_row(person, region) for region in made.regions]
    # Last, since its presence says that the participant is done.
    record = {
        "Fingerprint": fingerprint,
        "Regions": rows,
        "Scan": _scan_row(person, made.scan),
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
    row = _full_row(person)
    return {name: None if name in person.missing else row[name] for name in row}


def _full_row(person: VirtualParticipant) -> dict[str, Any]:
    return {
        "participant_id": person.scan.participant_id,
        "diagnosis": person.diagnosis.value,
        "age": person.age_years,
        "sex": person.sex,
        "site": person.site,
        "origin": "virtual",
        "head": person.head,
    }


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
    table = pd.DataFrame(regions, columns=list(_TRUTH_COLUMNS))
    write_table(truth / REGIONS, table)
    write_table(truth / SCANS, pd.DataFrame([record["Scan"] for record in records]))
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
    image = nib.Nifti1Image(stored.astype(np.int16), scan.affine)
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


def _scan_row(person: VirtualParticipant, scan: ScanTruth) -> dict[str, Any]:
    """Give a row of the truth about scans: nothing is missing in it."""
    return {
        **_full_row(person),
        "severity": round(person.severity, 5),
        "motion_degrees": round(scan.motion_degrees, 3),
        "crop_mm": round(scan.crop_mm, 2),
        "fault": scan.fault,
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
