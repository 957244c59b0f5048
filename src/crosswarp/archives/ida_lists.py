"""Lists of images: collections, searches, the Analysis Ready Cohort, older tables.

They name the same things differently, and their files bear any name: a list is known
by its columns, an image's number and its subject.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from crosswarp.archives.days import parse_day
from crosswarp.archives.library import Library
from crosswarp.archives.tables import Row
from crosswarp.archives.tree import Tree
from crosswarp.bids.values import SEXES

NUMBER: Final = ("image_data_id", "image_id", "imageuid", "imageid", "loni_image")
SUBJECT: Final = ("subject", "subject_id", "subjectid", "ptid")
_DAY: Final = ("acq_date", "image_date", "study_date", "scandate", "mri_date")
_DESCRIPTION: Final = (
    *("description", "image_description", "series_description", "mri_description"),
    "sequence",
)
_VISIT: Final = ("visit", "image_visit", "mri_visit", "viscode2")
_GROUP: Final = ("group", "research_group")
_FIELD: Final = ("magnetic_field_strength", "magstrength", "mri_field_str")
_MAKER: Final = ("scanner_manufacturer", "mri_mfr", "manufacturer")
_MODEL: Final = ("scanner_model", "mri_mfr_model", "mfg_model")
_PROTOCOL_FIELD: Final = re.compile(r"Field Strength=([\d.]+)", re.IGNORECASE)
_XML_NAME: Final = re.compile(r"_I(\d+)$")


@dataclass(frozen=True)
class Listed:
    """What lists say of one image.

    Attributes:
        number: The image's, without a letter.
        subject: As it is written.
        description: Description of the series.
        day: Day of the scan.
        visit: Code or name of the visit.
        group: Of enrolment, never a diagnosis.
        no_t1: Why the list says that it is no T1; empty if it does not.
        facts: Columns of the cohort.
    """

    number: str = ""
    subject: str = ""
    description: str = ""
    day: date | None = None
    visit: str = ""
    group: str = ""
    no_t1: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Listing:
    """All lists together.

    Attributes:
        images: By number; the first list that says something counts.
        source: Names of the files.
    """

    images: dict[str, Listed] = field(default_factory=dict)
    source: str = ""


def read_lists(library: Library) -> Listing:
    """Read all lists of images in a tree."""
    listing = Listing()
    paths = library.with_columns(NUMBER, SUBJECT)
    for path in paths:
        for row in library.read(path).rows:
            one = _listed(row)
            if one is not None:
                there = listing.images.get(one.number)
                listing.images[one.number] = one if there is None else both(there, one)
    listing.source = ", ".join(path.name for path in paths)
    if not paths:
        library.notes.append("no list of images is there: folders and names count")
    return listing


def read_metadata(tree: Tree, library: Library, wanted: set[str]) -> dict[str, Listed]:
    """Read the XML files that the archive gives with images, of some images alone."""
    found: dict[str, Listed] = {}
    broken = 0
    for path in tree.others.get(".xml", []):
        name = _XML_NAME.search(path.stem)
        if name is None or name.group(1) not in wanted:
            continue
        try:
            found[name.group(1)] = _of_xml(path, name.group(1))
        except (OSError, ElementTree.ParseError):
            broken += 1
    if broken:
        library.notes.append(f"{broken} XML file(s) of images cannot be read")
    return found


def both(first: Listed, second: Listed) -> Listed:
    """Put together what two lists say of an image; the first one counts."""
    return replace(
        first,
        subject=first.subject or second.subject,
        description=first.description or second.description,
        day=first.day or second.day,
        visit=first.visit or second.visit,
        group=first.group or second.group,
        no_t1=first.no_t1 or second.no_t1,
        facts={**second.facts, **first.facts},
    )


def _listed(row: Row) -> Listed | None:
    number = (row.text(*NUMBER) or "").upper().removeprefix("I").removesuffix(".0")
    if not number.isdecimal():
        return None
    scanner = " ".join(t for t in (row.text(*_MAKER), row.text(*_MODEL)) if t)
    protocol = _PROTOCOL_FIELD.search(row.text("imaging_protocol") or "")
    facts = {
        "field_strength_t": row.text(*_FIELD) or (protocol[1] if protocol else ""),
        "scanner": scanner,
        "sex": SEXES.get((row.text("sex") or "").casefold(), ""),
        "age_years": row.code("age") or "",
    }
    return Listed(
        number,
        row.text(*SUBJECT) or "",
        row.text(*_DESCRIPTION) or "",
        row.day(*_DAY),
        row.text(*_VISIT) or "",
        row.text(*_GROUP) or "",
        _no_t1(row),
        {name: text for name, text in facts.items() if text},
    )


def _no_t1(row: Row) -> str:
    modality = row.text("modality")
    if modality is not None and modality.upper() not in {"MRI", "MR"}:
        return "not an MRI by its table"
    series = row.text("series_type")
    if series is not None and not series.casefold().startswith("t1"):
        return "not a T1 by its table"
    return ""


def _of_xml(path: Path, number: str) -> Listed:
    root = ElementTree.parse(path).getroot()

    def text(name: str) -> str:
        found = root.find(f".//{{*}}{name}")
        return (found.text or "").strip() if found is not None else ""

    terms = {
        str(one.get("term")): (one.text or "").strip()
        for one in root.iter()
        if one.tag.rpartition("}")[2] == "protocol"
    }
    scanner = f"{terms.get('Manufacturer', '')} {terms.get('Mfg Model', '')}".strip()
    facts = {
        "field_strength_t": terms.get("Field Strength", ""),
        "scanner": scanner,
        "sex": SEXES.get(text("subjectSex").casefold(), ""),
        "age_years": text("subjectAge"),
    }
    return Listed(
        number,
        text("subjectIdentifier"),
        text("description"),
        parse_day(text("dateAcquired")[:10]),
        text("visitIdentifier"),
        text("researchGroup"),
        facts={name: value for name, value in facts.items() if value},
    )
