"""Tables of the generation that ADNI hands out since 2024-10."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from benchmarks.virtual_adni.people import Person
from benchmarks.virtual_adni.tree import Written

DAY: Final = "03Feb2026"
COHORT: Final = "All_Subjects"

_CODES: Final = {"CN": 1, "MCI": 2, "AD": 3}
_MMSE: Final = {"CN": 29, "MCI": 26, "AD": 22}
_CDR: Final = {"CN": 0, "MCI": 0.5, "AD": 1}


def write_csv(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Write a table as the archive does: a BOM, CRLF, every field in quotes.

    Args:
        path: File to write.
        rows: Rows that have the same columns.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, list(rows[0]), quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)


def visit(
    person: Person, code: str, day: date, diagnosis: str = "", **more: object
) -> dict[str, Any]:
    """Make a row of DXSUM.

    Args:
        person: Whose visit it is.
        code: Visit code, as ``v03``.
        day: Day of the examination.
        diagnosis: CN, MCI or AD; the participant's own when empty.
        **more: Columns with another value, as ``DXDDUE``.
    """
    label = diagnosis or person.diagnosis
    return {
        "PHASE": person.phase.name,
        "PTID": person.ptid,
        "RID": person.rid,
        "VISCODE": code,
        "VISCODE2": "bl" if code == person.phase.baseline else "m12",
        "EXAMDATE": day.isoformat(),
        "DIAGNOSIS": _CODES[label],
        "DXDDUE": 1 if label == "AD" else -4,
        "SITEID": person.site,
    } | more


def write_tables(
    folder: Path,
    people: Sequence[Person],
    visits: Sequence[Mapping[str, Any]],
    written: Sequence[Written],
) -> None:
    """Write all tables but the list of withdrawn scans.

    Args:
        folder: Folder for them.
        people: Everybody who is enrolled.
        visits: Rows of DXSUM, as `visit` makes them.
        written: Series that were written, or are listed all the same.
    """
    every = [
        ("DXSUM", visits),
        ("REGISTRY", [_registered(one) for one in visits]),
        ("PTDEMOG", [row for one in people for row in _demography(one)]),
        ("MMSE", [_score(one, "MMSCORE", _MMSE) for one in people]),
        ("CDR", [_score(one, "CDGLOBAL", _CDR) for one in people]),
        ("Study_Entry", [_entry(one) for one in people]),
        ("Key_MRI", [_key(one) for one in written if one.kind == "Original"]),
    ]
    for name, rows in every:
        write_csv(folder / f"{COHORT}_{name}_{DAY}.csv", rows)
    listed = [_listed(one) for one in written]
    write_csv(folder / "Virtual_Collection_2_03_2026.csv", listed)


def _registered(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("PHASE", "PTID", "RID", "VISCODE", "VISCODE2", "EXAMDATE")
    return {name: row[name] for name in names} | {"VISTYPE": 1, "RGSTATUS": 1}


def _demography(person: Person) -> list[dict[str, Any]]:
    """Every third participant's sex is in the second row alone."""
    known = {"PTGENDER": 1 if person.sex == "M" else 2, "PTEDUCAT": 16}
    born = person.scanned.year - round(person.age_years)
    rows = []
    for code in (person.phase.screening, person.phase.later):
        late = person.number % 3 == 0 and code == person.phase.screening
        facts = dict.fromkeys(known, -4) if late else known
        rows.append(
            {
                "PHASE": person.phase.name,
                "PTID": person.ptid,
                "RID": person.rid,
                "VISCODE": code,
                "VISDATE": person.scanned.isoformat(),
                "PTDOB": f"06/{born}",
                "PTRACCAT": "1|4" if person.phase.name == "ADNI4" else 5,
                **facts,
            }
        )
    return rows


def _score(person: Person, name: str, values: Mapping[str, float]) -> dict[str, Any]:
    return {
        "PHASE": person.phase.name,
        "PTID": person.ptid,
        "RID": person.rid,
        "VISCODE": person.phase.baseline,
        "VISDATE": person.diagnosed.isoformat(),
        name: values[person.diagnosis],
    }


def _entry(person: Person) -> dict[str, Any]:
    return {
        "subject_id": person.ptid,
        "entry_age": round(person.age_years, 1),
        "entry_date": person.scanned.isoformat(),
        "entry_visit": person.phase.screening,
        # The group of enrolment is no diagnosis at the scan: here it is always wrong.
        "entry_research_group": "MCI",
    }


def _key(series: Written) -> dict[str, Any]:
    phase = series.person.phase
    return {
        "image_id": series.number,
        "subject_id": series.person.ptid,
        "image_visit": series.visit,
        "image_date": series.day.isoformat(),
        "series_type": "FLAIR" if "FLAIR" in series.description else "T1w",
        "mri_protocol_phase": phase.name,
        "series_description": series.description,
        "scanner_manufacturer": "crosswarp",
        "scanner_model": f"virtual {series.person.site}",
        "magnetic_field_strength": phase.field_strength_t,
    }


def _listed(series: Written) -> dict[str, Any]:
    day = series.day
    return {
        "Image Data ID": f"I{series.number}",
        "Subject": series.person.ptid,
        "Group": "MCI",
        "Sex": series.person.sex,
        "Age": round(series.person.age_years),
        "Visit": series.visit,
        "Modality": "MRI",
        "Description": series.description,
        "Type": series.kind,
        "Acq Date": f"{day.month}/{day.day}/{day.year}",
        "Format": "DCM" if series.kind == "Original" else "NiFTI",
        "Downloaded": "2/03/2026",
    }
