"""Runs, and runs of tasks, with all that later stages put beside the predictions."""

from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import Any, Final

from crosswarp.bids.ids import ScanId
from crosswarp.documents import read_object
from crosswarp.errors import CrosswarpError
from crosswarp.evaluation.context import read_context
from crosswarp.evaluation.predictions import task_folders
from crosswarp.evaluation.written import sizes_of
from crosswarp.inputs.scan_files import Derivatives
from crosswarp.provenance import PRODUCTS, SOURCES, Finding, changed_sources
from crosswarp.study.experiment import find_run_experiment
from crosswarp.study.names import (
    ATTRIBUTION,
    ATTRIBUTION_RECORD,
    CACHE,
    COMPARISONS,
    DONE,
    EXPERIMENT,
    METRICS,
    MODELS,
    POWER,
    POWER_CURVE,
    PREDICTIONS,
    REPORT,
    REPORT_RECORD,
    RUN_RECORD,
)
from crosswarp.study.run import COMPARE, STAGES, linked, sources_now
from crosswarp.verification.records import (
    Place,
    of_lost_record,
    of_products,
    of_record,
    of_unfinished,
)

LEFT: Final = {
    METRICS: COMPARISONS,
    POWER: POWER_CURVE,
    ATTRIBUTION_RECORD: ATTRIBUTION,
    REPORT_RECORD: REPORT,
}
"""What each later stage leaves in a run, beside its record."""


def verify_tasks(place: Place) -> list[Finding]:
    """Verify a run of several tasks, and each of them."""
    record = read_object(place.folder / RUN_RECORD)
    mend = f"{COMPARE} EXPERIMENT {quote(str(place.folder))}"
    found = list(of_record(place, RUN_RECORD, {}, mend))
    listed = record.get("tasks")
    named = [str(name) for name in listed] if isinstance(listed, list) else []
    for folder in task_folders(place.folder):
        if named and folder.name not in named:
            says = "is of tasks that the experiment does not have any more"
            shown = place.shown(folder.name)
            found.append(Finding(shown, "mixed", says, f"rm -r {folder}"))
            continue
        found += verify_run(Place(place.root, folder), mend)
    return found


def verify_run(place: Place, mend: str = "") -> list[Finding]:
    """Verify a run: its tables, cells, maps, evaluation, figures and page.

    Args:
        place: Of the run.
        mend: Command that trains; that of a run by itself when empty.
    """
    run = place.folder
    mend = mend or f"{COMPARE} {_experiment(run)} {quote(str(run))}"
    record = read_object(run / RUN_RECORD)
    found = list(of_record(place, RUN_RECORD, _now(run, record), mend))
    if not (run / RUN_RECORD).is_file() and _has_recorded_cells(run):
        found.append(Finding(place.shown(RUN_RECORD), "gone", "is gone", mend))
    found += _of_cells(place, record, mend)
    found += _of_maps(place, record, mend)
    for name, command in STAGES.items():
        again = f"{command} {quote(str(run))}"
        stage = read_object(run / name)
        now = _now(run, stage)
        if name == METRICS and stage:
            now |= _sizes(run)
            older = stage.get(PREDICTIONS.removesuffix(".tsv"))
            if SOURCES not in stage and older != now.get(PREDICTIONS):
                says = f"is not of this {PREDICTIONS}"
                found.append(Finding(place.shown(name), "mixed", says, again))
        found += of_record(place, name, now, again)
        found += of_lost_record(place, name, LEFT[name], again)
    found += of_unfinished(place, mend, CACHE, ".unfinished-*")
    return found


def _experiment(run: Path) -> str:
    """Name the run's own experiment file, unless it is not what was written."""
    record, path = read_object(run / RUN_RECORD), run / EXPERIMENT
    changed = EXPERIMENT in changed_sources(record, sources_now(run, [EXPERIMENT]))
    sound = path.is_file() and not changed
    return quote(str(path)) if sound else "EXPERIMENT"


def _has_recorded_cells(run: Path) -> bool:
    """Whether a cell was written by a version that records the run, too."""
    cells = (run / MODELS).glob(f"*/*/{DONE}")
    return any(PRODUCTS in read_object(path) for path in cells)


def _now(run: Path, record: dict[str, Any]) -> dict[str, str | None]:
    made_from = record.get(SOURCES)
    known = list(made_from) if isinstance(made_from, dict) else [PREDICTIONS]
    return sources_now(run, known)


def _sizes(run: Path) -> dict[str, str | None]:
    try:
        return sizes_of(read_context(run))
    except CrosswarpError:
        return {}


def _of_cells(place: Place, record: dict[str, Any], mend: str) -> Iterator[Finding]:
    """Hold each cell against its own record and the run's."""
    cells, failed = record.get("cells"), record.get("failed")
    known = cells if isinstance(cells, dict) else {}
    if failed and isinstance(failed, list):
        says = f"{len(failed)} cells failed, such as {failed[0]}"
        yield Finding(place.shown(RUN_RECORD), "unfinished", says, mend)
    for name, fingerprint in known.items():
        done = read_object(place.folder / name / DONE)
        if not done:
            yield Finding(place.shown(f"{name}/{DONE}"), "gone", "is gone", mend)
        elif done.get("fingerprint") != fingerprint:
            says = "is of other settings or inputs than the run's predictions"
            yield Finding(place.shown(f"{name}/{DONE}"), "mixed", says, mend)
        # A cell is done as long as all sizes are right.
        again = f"rm {quote(str(place.folder / name / DONE))} && {mend}"
        yield from of_products(place, place.folder / name, done, again)


def _of_maps(place: Place, record: dict[str, Any], mend: str) -> Iterator[Finding]:
    """Tell whether the maps are those that were trained on, where they are there."""
    maps, folder = record.get("maps"), linked(place.folder, "derivatives")
    if not isinstance(maps, dict) or folder is None or not folder.is_dir():
        return
    try:
        chosen = find_run_experiment(place.folder)
        here = Derivatives(folder, *chosen.grid, chosen.maps)
    except CrosswarpError:
        return  # the stages that read the file say what is wrong with it
    for label, digest in maps.items():
        participant, _, session = str(label).partition("_")
        scan = ScanId(participant, session or None)
        files = here.files(scan)
        if not (files.t1w.is_file() and files.jsm.is_file()):
            says = f"the maps of {label}, which were trained on, are gone"
            yield Finding(place.shown(RUN_RECORD), "gone", says, "crosswarp preprocess")
        elif files.digest() != digest:
            says = f"the maps of {label} were made anew since training"
            yield Finding(place.shown(RUN_RECORD), "mixed", says, mend)
