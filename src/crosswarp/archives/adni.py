"""ADNI: three generations of tables, and the images of the IDA.

Up to 2024-09 ADNIMERGE, MPRAGEMETA and DXSUM_PDXCONV_ADNIALL; since then DXSUM,
REGISTRY, PTDEMOG and the files of the Analysis Ready Cohort; people of ADNI 4 are in
no ADNIMERGE. Diagnoses are of DXSUM first, and of ADNIMERGE for visits without one.
"""

from collections import Counter
from typing import Final

from crosswarp.archives.adni_codes import ptid_of
from crosswarp.archives.adni_people import read_people
from crosswarp.archives.adni_visits import read_clinic
from crosswarp.archives.days import split_dated
from crosswarp.archives.ida import read_images, with_facts
from crosswarp.archives.ida_lists import Listing, read_lists, read_metadata
from crosswarp.archives.library import Library
from crosswarp.archives.options import ArchiveOptions
from crosswarp.archives.records import Content, Image
from crosswarp.archives.tables import column_key
from crosswarp.archives.tree import Tree

WINDOW: Final = 180
"""Days: visits are half a year apart, and a screening scan precedes the baseline."""

DIAGNOSES: Final = ("DXSUM", "DXSUM_PDXCONV_ADNIALL", "DXSUM_PDXCONV", "ADNIMERGE")

TABLES: Final = (
    *DIAGNOSES,
    *("REGISTRY", "PTDEMOG", "ROSTER", "CDR", "MMSE", "DELMRSCANS", "Study_Entry"),
    *("My_Table", "APOERES", "VISITS"),
)

_WHERE: Final = (
    "Download it from ida.loni.usc.edu (Study Data, or the Analysis Ready Cohort"
    " builder) and put it into the folder"
)
_LOOKED_AT: Final = 50
"""Images whose folders tell an archive."""


def recognise(tree: Tree) -> str:
    """Say by what a tree is known as ADNI; empty if it is not."""
    keys = [column_key(split_dated(path.stem)[0]) for path in tree.tables]
    own = tuple(column_key(name) for name in DIAGNOSES)
    named = next(
        (
            path.name
            for path, key in zip(tree.tables, keys, strict=True)
            if key.endswith(own) and "aibl" not in key
        ),
        None,
    )
    if named:
        return f"its table {named}"
    for item in tree.images[:_LOOKED_AT]:
        if any(ptid_of(part) for part in item.path.parts):
            return "folders named as its participants, 002_S_0295"
    return ""


def read(tree: Tree, options: ArchiveOptions) -> Content:
    """Read ADNI's tables and sort its images.

    Raises:
        InputError: If no table with diagnoses is there.
    """
    library = Library(tree, TABLES)
    if not any(library.has(name) for name in DIAGNOSES):
        library.need(("DXSUM", "ADNIMERGE"), _WHERE)
    listing = read_lists(library)
    clinic = read_clinic(library, options)
    content = read_images(tree, listing, ptid_of, _withdrawn(library))
    content.images = _described(content.images, tree, library)
    content.people, exclusions = read_people(library, clinic, _groups(listing))
    content.visits, content.scores = clinic.visits, clinic.scores
    content.exclusions += clinic.exclusions + exclusions
    content.notes += [*library.notes, *clinic.notes, *_phases(content.images)]
    content.window = WINDOW
    return content


def _described(images: list[Image], tree: Tree, library: Library) -> list[Image]:
    """Add what the XML files say of images of which lists say no field strength."""
    wanted = {
        image.image_id for image in images if "field_strength_t" not in image.facts
    }
    return with_facts(images, read_metadata(tree, library, wanted))


def _groups(listing: Listing) -> dict[str, str]:
    """Return the group of enrolment by participant; blank where lists disagree."""
    found: dict[str, set[str]] = {}
    for listed in listing.images.values():
        ptid = ptid_of(listed.subject)
        if ptid and listed.group:
            found.setdefault(ptid, set()).add(listed.group)
    return {ptid: next(iter(g)) for ptid, g in found.items() if len(g) == 1}


def _withdrawn(library: Library) -> list[str]:
    table = library.find("DELMRSCANS")
    rows = table.rows if table else []
    numbers = (row.text("imageid", "image_id", "imageuid") or "" for row in rows)
    return [number.upper().removeprefix("I") for number in numbers]


def _phases(images: list[Image]) -> list[str]:
    """Say of how many participants of each phase there are images."""
    people = {image.participant for image in images if image.path is not None}
    phases = Counter(phase_of(ptid) for ptid in people)
    listed = ", ".join(f"{number} {phase}" for phase, number in sorted(phases.items()))
    return [f"participants with T1 images by phase of enrolment: {listed}"]


def phase_of(ptid: str) -> str:
    """Tell the phase of enrolment by the RID, as ADNI's own package does.

    Example:
        >>> [phase_of(f"999_S_{rid}") for rid in ("0295", "2002", "4001", "10001")]
        ['ADNI1', 'ADNIGO', 'ADNI2', 'ADNI4']
    """
    rid = int(ptid.rpartition("_")[2])
    bounds = ((2000, "ADNI1"), (3000, "ADNIGO"), (6000, "ADNI2"), (10000, "ADNI3"))
    return next((phase for bound, phase in bounds if rid < bound), "ADNI4")
