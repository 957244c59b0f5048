"""What an archive says, in one form: images, visits, participants, exclusions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from crosswarp.archives.options import Visits
from crosswarp.bids.images import VOXELS
from crosswarp.bids.options import CohortOptions

When = date | int
"""A calendar day; or, where an archive has no dates, days since the person's entry."""


class Kind(StrEnum):
    """How the voxels of an image lie on the disk."""

    NIFTI = "nifti"
    """One file, or a pair whose header says that it is NIfTI."""
    DICOM = "dicom"
    """A folder of slices."""
    ZIP = "zip"
    """An archive that holds one scan."""
    ANALYZE = "analyze"
    """A pair of files without an orientation."""


@dataclass(frozen=True)
class Image:
    """One image that may be a T1-weighted scan.

    Attributes:
        participant: Id as the archive writes it.
        session: Label of the session, letters and digits: images that share it are of
            one examination, of which one T1 is taken.
        path: File or folder; None of one that only a table names.
        kind: How it is stored; None without a path.
        description: Of the series, as the archive writes it.
        image_id: The archive's number, without a letter before it.
        when: Day of the scan.
        visit: The archive's code of the visit, if it gives one with the image.
        facts: Columns of the cohort that the archive gives with the image:
            ``field_strength_t``, ``scanner``, ``site``, ``sex``, ``age_years``.
    """

    participant: str
    session: str
    path: Path | None
    kind: Kind | None
    description: str = ""
    image_id: str = ""
    when: When | None = None
    visit: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Visit:
    """One clinical examination of a participant.

    Attributes:
        participant: Id as the archive writes it.
        code: The archive's code of the visit.
        when: Day of the visit; a visit without one can only match by its code.
        label: Diagnosis as a label (`crosswarp.bids.diagnoses`); None where it is
            missing.
        table: File that it is from.
        rule: Which column became the label, and how: ``DIAGNOSIS 3, DXDDUE 1``.
        facts: Columns of the cohort known at the visit: ``mmse``, ``cdr``.
        why_none: Why there is no label, where that is not just an empty cell: a scan
            that is nearest to such a visit is left out for this reason.
        line: Of the row in the table.
    """

    participant: str
    code: str
    when: When | None
    label: str | None
    table: str
    rule: str
    facts: Mapping[str, str] = field(default_factory=dict)
    why_none: str = ""
    line: int = 0


@dataclass(frozen=True)
class Score:
    """A score on a day that may be no day of a visit with a diagnosis.

    Attributes:
        name: Column of the cohort: ``mmse``, ``cdr``.
        when: Day of the test.
        value: As it will be written.
        table: File that it is from.
    """

    name: str
    when: When
    value: str
    table: str


@dataclass(frozen=True)
class Person:
    """What holds for a participant at every scan.

    Attributes:
        participant: Id as the archive writes it.
        sex: F, M or O; empty where not known.
        born: Birth date as a year with a fraction; None where not known.
        entry: Age in years, and the day on which it was that.
        group: Group of enrolment, as the archive writes it: never a diagnosis unless
            asked for.
        baseline: Diagnosis at baseline as a label, where a table has one.
        baseline_from: Table and rule of ``baseline``.
        facts: Other columns of the cohort: ``site``, ``education_years``.
    """

    participant: str
    sex: str = ""
    born: float | None = None
    entry: tuple[float, When] | None = None
    group: str = ""
    baseline: str | None = None
    baseline_from: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Exclusion:
    """A scan, or the row of a table, that is not in the cohort.

    Attributes:
        participant: As it will be in the table; ``n/a`` where nobody can be told.
        session: As it will be in the table; ``n/a`` for the participant as a whole.
        reason: One of few sentences without anything of the participant, counted in
            the summary.
        item: Path below the source, or table and line.
        detail: What else there is to say: numbers, the scan that was taken instead.
    """

    participant: str
    session: str
    reason: str
    item: str
    detail: str = ""


@dataclass
class Content:
    """What was read of an archive, before scans and visits are joined.

    Attributes:
        images: Those that may be a T1-weighted scan.
        visits: All, with and without a diagnosis.
        people: By the archive's id.
        scores: By the archive's id; the nearest one in the window is taken where the
            visit of a scan has none.
        exclusions: What was left out while reading.
        notes: Sentences for the terminal, without anything of a participant.
        window: Days that may lie between a scan and its visit, unless the user says
            otherwise.
        scans: Scans that are taken unless the user says otherwise.
        by_code: The visit of the same code as the scan comes before the nearest.
    """

    images: list[Image] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    scores: Mapping[str, list[Score]] = field(default_factory=dict)
    exclusions: list[Exclusion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    window: int = 180
    scans: Visits = "baseline"
    by_code: bool = False


@dataclass
class Imported:
    """A cohort made of an archive.

    Attributes:
        rows: One a scan: columns of `crosswarp.bids.cohort`, and those of `COLUMNS`.
        exclusions: Everything else, with a reason.
        notes: Sentences for the terminal.
        archive: Name of the archive.
        labels: How the user said that codes and missing values are written.
    """

    rows: list[dict[str, Any]]
    exclusions: list[Exclusion]
    notes: list[str]
    archive: str = ""
    labels: CohortOptions = field(default_factory=CohortOptions)


def kind_of(path: Path) -> Kind:
    """Tell how an image is stored by its name alone."""
    lower = path.name.lower()
    if path.is_dir():
        return Kind.DICOM
    if lower.endswith(".zip"):
        return Kind.ZIP
    return Kind.ANALYZE if lower.endswith(VOXELS) else Kind.NIFTI


def days_between(one: When, other: When) -> int | None:
    """Count the days from one day to another; None of a date and a day of entry.

    Example:
        >>> days_between(date(2006, 11, 2), date(2006, 11, 12)), days_between(129, 0)
        (10, -129)
    """
    if isinstance(one, date) and isinstance(other, date):
        return (other - one).days
    if isinstance(one, int) and isinstance(other, int):
        return other - one
    return None
