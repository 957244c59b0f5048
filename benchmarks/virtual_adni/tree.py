"""Folders and files of a download: ``ADNI/<PTID>/<DESCRIPTION>/<TIME>/I<IMAGE>/``."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import nibabel as nib

from benchmarks.virtual_adni.dicom import Header, sagittal, write_series
from benchmarks.virtual_adni.people import Person

_STAMP: Final = "20260115110738780"
"""Of the upload, as in every name of a file."""

_FEW: Final = 48
"""Slices of a series that no importer takes: a series all the same."""


@dataclass(frozen=True)
class Written:
    """A series as the list of a collection has it.

    Attributes:
        person: Whose it is.
        description: Name of the series.
        day: Day of the scan.
        number: Number of the image.
        visit: Visit code of the list.
        kind: ``Original`` or ``Pre-processed``.
    """

    person: Person
    description: str
    day: date
    number: int
    visit: str
    kind: str = "Original"


@dataclass
class Download:
    """A download that is being written.

    Attributes:
        root: Folder that holds ``ADNI``.
        written: Series so far.
    """

    root: Path
    written: list[Written] = field(default_factory=list)

    def scan(
        self,
        person: Person,
        description: str = "",
        *,
        days: int = 0,
        visit: str = "",
        whole: bool = False,
    ) -> Written:
        """Write a series of a participant's head as DICOM.

        Args:
            person: Whose it is.
            description: Name of the series; the phase's T1w when empty.
            days: Days after the first scan.
            visit: Visit code of the list; that of the screening when empty.
            whole: Whether all slices are written, or the middle ones.
        """
        series = self.listed(person, description, days=days, visit=visit)
        head = sagittal(nib.load(person.head))
        if not whole:
            middle = max(head.shape[2] // 2 - _FEW // 2, 0)
            head = head.slicer[:, :, middle : middle + _FEW]
        field_strength = person.phase.field_strength_t
        header = Header(person.ptid, series.day, series.description, field_strength)
        folder, stem, ends = self.place(series)
        write_series(folder, stem, ends, head, header)
        return series

    def processed(self, person: Person) -> Written:
        """Write what the archive made of the first scan, as NIfTI.

        Args:
            person: Whose it is.
        """
        name = "MPR; GradWarp; B1 Correction; N3; Scaled"
        series = self.listed(person, name, kind="Pre-processed")
        folder, stem, ends = self.place(series)
        folder.mkdir(parents=True)
        nib.save(sagittal(nib.load(person.head)), folder / f"{stem}{ends}.nii")
        return series

    def absent(self, person: Person) -> Written:
        """List a scan that was never downloaded.

        Args:
            person: Whose it is.
        """
        return self.listed(person)

    def listed(
        self,
        person: Person,
        description: str = "",
        *,
        days: int = 0,
        visit: str = "",
        kind: str = "Original",
    ) -> Written:
        """List a series, of which nothing is written.

        Args:
            person: Whose it is.
            description: Name of the series; the phase's T1w when empty.
            days: Days after the first scan.
            visit: Visit code of the list; that of the screening when empty.
            kind: ``Original`` or ``Pre-processed``.
        """
        series = Written(
            person,
            description or person.phase.description,
            person.scanned + timedelta(days=days),
            40001 + 2 * len(self.written),
            visit or person.phase.screening,
            kind,
        )
        self.written.append(series)
        return series

    def place(self, series: Written) -> tuple[Path, str, str]:
        """Name the folder of a series, and how its files' names begin and end.

        Args:
            series: Series of the download.
        """
        safe = "".join(
            letter if letter.isalnum() or letter in "-,_" else "_"
            for letter in series.description
        )
        person = self.root / "ADNI" / series.person.ptid
        day = person / safe / f"{series.day.isoformat()}_08_16_44.0"
        kind = "br_raw" if series.kind == "Original" else "Br"
        stem = f"ADNI_{series.person.ptid}_MR_{safe}_{kind}_{_STAMP}"
        ends = f"_S{series.number // 2}_I{series.number}"
        return day / f"I{series.number}", stem, ends
