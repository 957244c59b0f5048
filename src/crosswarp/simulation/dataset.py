"""What a virtual cohort looks like on disk: a raw BIDS data set and its truth."""

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
from crosswarp.bids.tables import write_table
from crosswarp.files import read_json, write_json, written_whole
from crosswarp.simulation.drawing import VirtualParticipant
from crosswarp.simulation.participant import RegionTruth
from crosswarp.simulation.scanning import TRUNCATED, ScanTruth
from crosswarp.types.arrays import SpatialMap

SETTINGS: Final = "simulation.json"
"""In the truth's folder: which settings made the cohort."""

REGIONS: Final = "regions.tsv"
"""In the truth's folder: every region of every participant."""

SCANS: Final = "scans.tsv"
"""In the truth's folder: who was scanned, and what happened to each scan."""

TRUNCATED_SHARE: Final = 0.6
"""Of a file's bytes that are left when its end is missing."""

_RECORD: Final = "_regions.json"

_NOT_IN_BIDS: Final = (SETTINGS, REGIONS, SCANS, f"*{_RECORD}")

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
    """

    regions: Sequence[RegionTruth]
    scan: ScanTruth


def truth_folder(out: Path) -> Path:
    """Name the folder of what is true about a cohort."""
    return out / "derivatives" / "truth"


def record_path(out: Path, scan: ScanId) -> Path:
    """Name the file that says that a participant is done, and what is true of it."""
    return truth_folder(out) / f"{scan.label}{_RECORD}"


def numbers_done(out: Path) -> list[int]:
    """List the participants that are there, by number."""
    names = truth_folder(out).glob(f"sub-*{_RECORD}")
    ids = [ScanId.parse(path.name).participant_id for path in names]
    return sorted(int(name.removeprefix("sub-")) for name in ids)


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
        person: Whose head.
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
    write_json(record_path(out, person.scan), record)
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
    write_table(out / "participants.tsv", pd.DataFrame(rows))
    write_json(
        out / "participants.json",
        {name: {"Description": text} for name, text in _COLUMNS.items()},
    )
    truth = truth_folder(out)
    write_dataset_description(truth, "Truth about the virtual participants", raw=out)
    _ignore(truth / ".bidsignore")
    records = [read_json(record_path(out, person.scan)) for person in people]
    regions = [row for record in records for row in record["Regions"]]
    table = pd.DataFrame(regions, columns=list(_TRUTH_COLUMNS))
    write_table(truth / REGIONS, table)
    write_table(truth / SCANS, pd.DataFrame([record["Scan"] for record in records]))
    with written_whole(out / "README.md") as temporary:
        temporary.write_text(f"# Virtual participants\n\n{VIRTUAL_NOTICE}\n", "utf-8")


def _ignore(path: Path) -> None:
    """Add the files of the truth to what BIDS must ignore."""
    lines = [*path.read_text(encoding="utf-8").split(), *_NOT_IN_BIDS]
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
        path.with_name(path.name.replace(".nii.gz", ".json")),
        {
            "Modality": "MR",
            "Manufacturer": "crosswarp",
            "ImageComments": VIRTUAL_NOTICE,
        },
    )


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
