"""What a virtual cohort looks like on disk: a raw BIDS data set and its truth."""

from collections.abc import Sequence
from dataclasses import asdict
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
from crosswarp.simulation.participant import RegionTruth, VirtualParticipant
from crosswarp.types.arrays import SpatialMap

SETTINGS: Final = "simulation.json"
"""In the truth's folder: which settings made the cohort."""

REGIONS: Final = "regions.tsv"
"""In the truth's folder: every region of every participant."""

_RECORD: Final = "_regions.json"

_NOT_IN_BIDS: Final = (SETTINGS, REGIONS, f"*{_RECORD}")

_TRUTH_COLUMNS: Final = (
    "participant_id",
    "diagnosis",
    "severity",
    "region",
    "base_mm3",
    "true_mm3",
    "true_ratio",
    "atrophy_ratio",
)

_COLUMNS: Final = {
    "diagnosis": "Group of the virtual participant: CN, MCI or AD.",
    "age": "Years; drawn, it changes nothing in the head.",
    "sex": "F or M; men's heads are larger.",
    "site": "Where it was scanned; sites do not differ yet.",
    "origin": VIRTUAL_NOTICE,
    "head": "Real head that it was made from.",
}


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
    truth: Sequence[RegionTruth],
    fingerprint: str,
) -> list[dict[str, Any]]:
    """Write one head and what is true of it.

    Args:
        out: Root of the data set.
        person: Whose head.
        scan: As the scanner stores it; rounded to 16 bits.
        truth: Of each region.
        fingerprint: Of all that the head depends on.

    Returns:
        The rows of the truth.
    """
    _write_scan(raw_path(out, person.scan), scan)
    rows = [_truth_row(person, region) for region in truth]
    # Last, since its presence says that the participant is done.
    write_json(
        record_path(out, person.scan), {"Fingerprint": fingerprint, "Regions": rows}
    )
    return rows


def participant_row(person: VirtualParticipant) -> dict[str, Any]:
    """Give a participant's row of ``participants.tsv``."""
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
    regions = [
        row
        for person in people
        for row in read_json(record_path(out, person.scan))["Regions"]
    ]
    table = pd.DataFrame(regions, columns=list(_TRUTH_COLUMNS))
    write_table(truth / "regions.tsv", table)
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
