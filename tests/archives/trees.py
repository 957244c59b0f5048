"""Small trees as archives have them, written by the tests: no image is read here."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crosswarp.archives.importing import import_cohort
from crosswarp.archives.options import ArchiveOptions
from crosswarp.archives.records import Imported

STAMP = "20070329110738780"


def write_csv(path: Path, rows: Iterable[Mapping[str, object]]) -> Path:
    """Write rows as an archive does: all fields quoted, columns of all rows."""
    listed = list(rows)
    columns = list(dict.fromkeys(name for row in listed for name in row))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="", quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(listed)
    return path


@dataclass
class Ida:
    """A download of the IDA.

    Attributes:
        root: Its folder.
        project: Name of the folder in it.
    """

    root: Path
    project: str = "ADNI"

    def nifti(
        self,
        subject: str,
        description: str,
        day: str,
        number: int,
        folder: str | None = None,
    ) -> Path:
        """Write a file for a NIfTI image; of its name alone, since none is read."""
        return self._write(subject, description, day, number, folder, ".nii")

    def dicom(
        self, subject: str, description: str, day: str, number: int, slices: int = 3
    ) -> Path:
        """Write files for slices; returns their folder."""
        paths = [
            self._write(subject, description, day, number, None, f"{one}.dcm")
            for one in range(1, slices + 1)
        ]
        return paths[0].parent

    def _write(
        self,
        subject: str,
        description: str,
        day: str,
        number: int,
        folder: str | None,
        end: str,
    ) -> Path:
        safe = "".join(c if c.isalnum() or c in "-,_" else "_" for c in description)
        place = self.root / self.project / subject / safe / f"{day}_08_16_44.0"
        counter, _, suffix = end.rpartition(".")
        kind = "Br" if ";" in description else "br_raw"
        name = (
            f"{self.project}_{subject}_MR_{safe}_{kind}_{STAMP}"
            f"{'_' if counter else ''}{counter}_S{number // 2}_I{number}.{suffix}"
        )
        path = place / (folder or f"I{number}") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
        return path


def listed(
    subject: str, description: str, day: str, number: int, **more: object
) -> dict[str, object]:
    """Make a row of the list of a collection; the day is ISO, and written American."""
    year, month, date = day.split("-")
    return {
        "Image Data ID": f"I{number}",
        "Subject": subject,
        "Group": "MCI",
        "Sex": "F",
        "Age": 71,
        "Visit": "sc",
        "Modality": "MRI",
        "Description": description,
        "Type": "Original",
        "Acq Date": f"{int(month)}/{int(date)}/{year}",
        "Format": "NiFTI",
        "Downloaded": "",
    } | more


def imported(root: Path, archive: str | None = None, **options: Any) -> Imported:
    """Import a tree with some options."""
    return import_cohort(root, archive, ArchiveOptions(**options))


def labels(made: Imported) -> dict[str, str]:
    """Return the diagnosis of each scan by participant and session."""
    return {
        f"{row['participant_id'][4:]} {row['session_id'][4:]}": row["diagnosis"]
        for row in made.rows
    }


def reasons(made: Imported, item: str) -> list[str]:
    """Return the reasons of all exclusions of which file or row holds some text."""
    return [one.reason for one in made.exclusions if item in one.item]


MPRAGE = "MPRAGE"


def dx(ptid: str, code: str, day: str, label: object, **more: object) -> dict[str, Any]:
    rid = int(ptid.rpartition("_")[2])
    return {
        "PHASE": "ADNI3",
        "PTID": ptid,
        "RID": rid,
        "VISCODE": code,
        "VISCODE2": "",
        "EXAMDATE": day,
        "DIAGNOSIS": label,
        "DXDDUE": "",
    } | more
