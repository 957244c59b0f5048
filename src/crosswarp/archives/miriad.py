"""MIRIAD: 46 people with Alzheimer's disease and 23 controls, 708 scans of one scanner.

Diagnosis and sex stand in the name of each scan, so that no table is needed:
``miriad_188_AD_M_01_MR_1`` is a man with AD, visit 1, the first of two scans in a row.
Tables of the archive's site add age and MMSE where they are there.
"""

import re
from typing import Final

from crosswarp.archives.by_columns import known_facts, sex_of, table_with
from crosswarp.archives.library import Library
from crosswarp.archives.options import ArchiveOptions
from crosswarp.archives.records import Content, Exclusion, Image, Person, Visit
from crosswarp.archives.tree import Item, Tree
from crosswarp.bids.ids import NOT_AVAILABLE

SCAN: Final = re.compile(
    r"(miriad_\d+)_(AD|HC)_([MF])_(\d{1,2})_MR_(\d)(?=[._]|$)", re.IGNORECASE
)
LABEL: Final = re.compile(r"(miriad_\d+)_(\d{1,2})_(?:MR_\d|MMSE)", re.IGNORECASE)
"""Sessions as the tables of the archive's site call them, without group and sex."""

LABELS: Final = {"AD": "AD", "HC": "CN"}
SHAPE: Final = "miriad_<id>_<AD|HC>_<M|F>_<visit>_MR_<1|2>"
NO_NAME: Final = f"not a scan of MIRIAD by its name ({SHAPE})"
CHANGES: Final = "names of one participant disagree on diagnosis or sex"
DERIVED: Final = "derived from a T1: more stands in its name than that of the scan"


def recognise(tree: Tree) -> str:
    """Say by what a tree is known as MIRIAD; empty if it is not."""
    found = any(_named(item) for item in tree.images)
    return f"scans called {SHAPE}" if found else ""


def read(tree: Tree, options: ArchiveOptions) -> Content:  # noqa: ARG001 - of every archive
    """Sort the images of MIRIAD, and read its tables where there are any."""
    library = Library(tree, ())
    content = Content(by_code=True, notes=library.notes)
    named: list[tuple[Item, re.Match[str]]] = []
    for item in tree.images:
        found = _named(item)
        if found is None or _is_derived(item):
            reason = NO_NAME if found is None else DERIVED
            place = tree.place(item.path)
            content.exclusions.append(
                Exclusion(NOT_AVAILABLE, NOT_AVAILABLE, reason, place)
            )
        else:
            named.append((item, found))
    said: dict[str, set[tuple[str, str]]] = {}
    for _, found in named:
        said.setdefault(found[1].lower(), set()).add(
            (found[2].upper(), found[3].upper())
        )
    ages, scores = _of_tables(library)
    seen = set()
    for item, found in named:
        person, visit = found[1].lower(), f"{int(found[4]):02d}"
        content.images.append(_image(item, found, ages.get((person, visit))))
        if (person, visit) not in seen:
            seen.add((person, visit))
            score = scores.get((person, visit))
            content.visits.append(_visit(found, said[person], score))
    for person, both in said.items():
        sex = next(iter(both))[1] if len({s for _, s in both}) == 1 else ""
        content.people[person] = Person(person, sex)
    _check_sexes(content, library)
    return content


def _named(item: Item) -> re.Match[str] | None:
    """Find the name of a scan in that of its file, else of its folders."""
    found = (SCAN.match(part) for part in reversed(item.path.parts))
    return next((one for one in found if one), None)


def _is_derived(item: Item) -> bool:
    """Whether a file is called as the scan and something more: ``…_MR_1_brain.nii``."""
    found = SCAN.match(item.name)
    rest = item.name[found.end() :].lower() if found else ""
    return rest not in {"", ".nii", ".nii.gz", ".img", ".img.gz", ".zip"}


def _image(item: Item, found: re.Match[str], age: str | None) -> Image:
    again = int(found[5]) > 1
    description = f"IR-FSPGR MR_{found[5]}" + (", a repeat" if again else "")
    facts = known_facts(field_strength_t="1.5", scanner="GE Signa", age_years=age)
    visit = f"{int(found[4]):02d}"
    return Image(
        found[1].lower(),
        visit,
        item.path,
        item.kind,
        description,
        visit=visit,
        facts=facts,
    )


def _visit(
    found: re.Match[str], said: set[tuple[str, str]], score: str | None
) -> Visit:
    group = found[2].upper()
    agrees = len({group for group, _ in said}) == 1
    return Visit(
        found[1].lower(),
        f"{int(found[4]):02d}",
        None,
        LABELS[group] if agrees else None,
        "name of the scan",
        f"{group} in the name",
        known_facts(mmse=score),
        "" if agrees else CHANGES,
    )


Scores = dict[tuple[str, str], str]


def _of_tables(library: Library) -> tuple[Scores, Scores]:
    """Read age and MMSE by participant and visit, as far as tables have them."""
    ages: Scores = {}
    scores: Scores = {}
    for column, found in (("Age", ages), ("MMSE", scores)):
        table = table_with(library, ("MR ID", "Label"), (column,))
        for row in table.rows if table else ():
            label = row.text("mr_id", "label") or ""
            named = SCAN.match(label) or LABEL.match(label)
            value = row.number(column.lower())
            if named is None or value is None:
                continue
            visit = named[4] if named.re is SCAN else named[2]
            found.setdefault((named[1].lower(), f"{int(visit):02d}"), f"{value:g}")
    return ages, scores


def _check_sexes(content: Content, library: Library) -> None:
    """Say where a table has another sex than the names of the scans."""
    table = table_with(library, ("Subject",), ("M/F", "Gender"))
    differ = 0
    for row in table.rows if table else ():
        known = content.people.get((row.text("subject") or "").casefold())
        sex = sex_of([row], "m_f", "gender")
        differ += bool(known and known.sex and sex and sex != known.sex)
    if differ and table:
        content.notes.append(
            f"{table.name}: the sex of {differ} participant(s) is another than in the"
            " names of the scans, which count"
        )
