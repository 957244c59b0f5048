"""The record of a study's steps, held against the tables that lie beside it."""

from collections.abc import Iterator
from shlex import quote

from crosswarp.documents import read_object
from crosswarp.errors import InputError
from crosswarp.provenance import PRODUCTS, Finding, faults_of
from crosswarp.study.names import STUDY, STUDY_RECORD
from crosswarp.study.step_records import FORMAT, format_of, read_steps
from crosswarp.verification.records import Place


def has_study(place: Place) -> bool:
    """Whether a folder has the record of a study, or what damage has left of one."""
    path = place.folder / STUDY_RECORD
    return path.is_file() and (bool(format_of(path)) or not read_object(path))


def verify_study(place: Place) -> list[Finding]:
    """Verify what the steps of a study have written beside their record.

    Maps, run and predictions have records of their own; the tables of scans and folds
    are in none but this.

    Args:
        place: Folder with the record.
    """
    return list(_of_steps(place))


def _of_steps(place: Place) -> Iterator[Finding]:
    path = place.folder / STUDY_RECORD
    command = f"crosswarp run {_study_file(place)}"
    anew = f"rm {quote(str(path))} && {command}"
    form = format_of(path)
    if form and form != FORMAT:
        says = f"is of another version of crosswarp ({form}; this one writes {FORMAT})"
        yield Finding(place.shown(STUDY_RECORD), "mixed", says, anew)
        return
    try:
        steps = read_steps(path)
    except InputError:
        yield Finding(place.shown(STUDY_RECORD), "damaged", "cannot be read", anew)
        return
    for name, step in steps.items():
        record = {PRODUCTS: step.products or {}}
        for table, kind, says in faults_of(place.folder, record):
            again = f"{command} `steps='{name}'`"
            mend = again if kind == "gone" else f"{again} `overwrite=True`"
            told = f"{says}; the step {name} wrote it"
            yield Finding(place.shown(table), kind, told, mend)


def _study_file(place: Place) -> str:
    """Name the study file, where it lies in the folder of the study."""
    path = place.folder / STUDY
    return quote(str(path)) if path.is_file() else "STUDY"
