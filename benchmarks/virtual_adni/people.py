"""Who is in a virtual ADNI, and when they came: the cases that an importer meets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import pandas as pd

from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import raw_path


@dataclass(frozen=True)
class Phase:
    """How a phase of ADNI names things.

    Attributes:
        name: As ``PHASE`` has it.
        first: Lowest roster number here; those of ADNI 4 have five digits.
        screening: Visit code of the first scan.
        baseline: Visit code of the baseline diagnosis.
        later: Visit code a year later.
        description: Name of the T1w series.
        field_strength_t: Field of the scanners, in tesla.
        start: Day of the first scan.
    """

    name: str
    first: int
    screening: str
    baseline: str
    later: str
    description: str
    field_strength_t: float
    start: date


PHASES: Final = (
    Phase("ADNI1", 101, "sc", "bl", "m12", "MPRAGE", 1.5, date(2006, 3, 1)),
    Phase("ADNI2", 4101, "v02", "v03", "v11", "MPRAGE", 3.0, date(2012, 3, 1)),
    Phase(
        *("ADNI3", 6101, "sc", "bl", "y1"),
        *("Accelerated Sagittal MPRAGE", 3.0, date(2018, 3, 1)),
    ),
    Phase(
        *("ADNI4", 10101, "4_sc", "4_bl", "4_m12"),
        *("Accelerated Sagittal MPRAGE (MSV21)", 3.0, date(2024, 3, 1)),
    ),
)


@dataclass(frozen=True)
class Person:
    """A virtual participant in ADNI's terms.

    Attributes:
        number: Place in the list, from 0.
        head: File of the head.
        diagnosis: CN, MCI or AD.
        age_years: Age at the scan.
        sex: F or M.
        site: Number of the site; no site of ADNI has one from 900 on.
    """

    number: int
    head: Path
    diagnosis: str
    age_years: float
    sex: str
    site: int

    @property
    def phase(self) -> Phase:
        """The phase of enrolment; all four in turn, each with every diagnosis."""
        return PHASES[self.number // 2 % len(PHASES)]

    @property
    def rid(self) -> int:
        """The roster number."""
        return self.phase.first + self.number

    @property
    def ptid(self) -> str:
        """The identifier."""
        return f"{self.site}_S_{self.rid:04d}"

    @property
    def scanned(self) -> date:
        """Day of the first scan."""
        return self.phase.start + timedelta(days=7 * self.number)

    @property
    def diagnosed(self) -> date:
        """Day of the baseline visit, three weeks after the screening scan."""
        return self.scanned + timedelta(days=21)


def people_of(raw: Path) -> list[Person]:
    """Take the participants of `crosswarp simulate` as people of ADNI.

    Args:
        raw: Root of the data set of virtual participants.
    """
    table = pd.read_csv(raw / "participants.tsv", sep="\t")
    sites = {site: 901 + place for place, site in enumerate(sorted(set(table["site"])))}
    return [
        Person(
            number,
            raw_path(raw, ScanId(str(row["participant_id"]))),
            str(row["diagnosis"]),
            float(row["age"]),
            str(row["sex"]),
            sites[row["site"]],
        )
        for number, row in enumerate(table.to_dict("records"))
    ]


def stranger(person: Person, number: int) -> Person:
    """Make a participant whom the rules leave out, with the head of another one.

    Args:
        person: Participant whose head is written once more.
        number: Number that nobody else has.
    """
    return Person(number, person.head, "AD", 75.0, "F", person.site)


def expected(people: Sequence[Person]) -> dict[str, str]:
    """Return the diagnosis that each participant of the cohort should get.

    Args:
        people: Participants with one usable first scan each.
    """
    return {f"sub-{one.ptid.replace('_', '')}": one.diagnosis for one in people}
