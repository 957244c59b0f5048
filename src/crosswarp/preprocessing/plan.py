"""What is to be done for a cohort: found out before anything is written."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crosswarp.bids.dataset import FoundScans
from crosswarp.errors import OccupiedError
from crosswarp.execution.child import one_line
from crosswarp.files import storage_named
from crosswarp.locks import locked
from crosswarp.machine import machine_status
from crosswarp.outputs import MAPS, PREDICTION, Purpose, claim_folder
from crosswarp.preprocessing.belonging import refuse_other_source
from crosswarp.preprocessing.changes import (
    Change,
    change_of,
    others_made_otherwise,
)
from crosswarp.preprocessing.judging import judge_others, limits_before, sentences
from crosswarp.preprocessing.ledger import Ledger, refused
from crosswarp.preprocessing.limits import QualityLimits
from crosswarp.preprocessing.request import ScanRequest, grids_of, request_for
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.registration.table import BACK_ENDS


@dataclass(frozen=True)
class CohortPlan:
    """What is to be done, before anything is written.

    Attributes:
        found: Scans that were asked for.
        out: Folder of the derivatives, checked to be ours.
        settings: Settings with all choices.
        purpose: What ``out`` is for.
        ledger: Rows of earlier runs, and of scans that cannot be started.
        todo: What is to be done, by scan.
        borrowed: Whether ``out`` holds the maps of a cohort, of which a prediction
            takes one scan's: the verdicts on the others are left as they are.
        limits: Limits that the maps there were judged by; None without maps.
    """

    found: FoundScans
    out: Path
    settings: PreprocessSettings
    purpose: Purpose
    ledger: Ledger
    todo: dict[str, ScanRequest]
    borrowed: bool = False
    limits: QualityLimits | None = None

    def changes(self) -> list[Change]:
        """List the scans whose maps would be made again, and why."""
        place = self.found.place
        lone = place is not None and not place.is_dir()
        compared = (change_of(each, lone=lone) for each in self.todo.values())
        return [change for change in compared if change is not None]

    def warnings(self) -> list[str]:
        """Say what is wrong with the ledger, what changed in it, and which maps differ.

        Maps differ that were made with other options.
        """
        asked = {raw.scan.label for raw in self.found.scans}
        some = list(self.todo.values())[:1]
        others = [text for one in some for text in others_made_otherwise(one, asked)]
        again = self.ledger.judged_again
        judged = sentences(self.limits, self.settings.limits, again)
        return [*self.ledger.said, *judged, *others]


def plan_cohort(
    found: FoundScans,
    out: Path,
    settings: PreprocessSettings,
    *,
    retry_failed: bool = False,
    purpose: Purpose = MAPS,
    by_digest: bool = False,
) -> CohortPlan:
    """Find out what is to be done, and whether it may be written where it should be.

    Args:
        found: As for `preprocess_cohort`.
        out: Folder of the derivatives.
        settings: Settings with all choices.
        retry_failed: Do failed scans again.
        purpose: What ``out`` is for.
        by_digest: Whether all bytes of maps are read, or only their sizes, to know
            that they are still what was written.

    Raises:
        OccupiedError: If ``out`` holds something else, or the maps of another data set.
        StorageError: If ``out`` cannot be read.
        MissingPackageError: If what registers is not installed, and is needed.
    """
    with storage_named(out):
        owner = claim_maps(found, out, purpose)
        ledger = Ledger(out)
        requests = _startable(found, out, settings, ledger)
        refuse_other_source(found.place or found.root, out, requests, ledger)
        todo = {
            request.scan.label: request
            for request in requests
            if not ledger.keeps(request, retry_failed, by_digest=by_digest)
        }
        chosen = BACK_ENDS.get(settings.registration.backend)
        if todo and chosen is not None:
            chosen.require()
        borrowed = owner is not purpose
        limits = limits_before(out, settings)
        if borrowed:
            _refuse_strangers(out, todo, ledger)
        elif limits not in (None, settings.limits):
            judge_others(ledger, out, settings, [r.scan.label for r in found.scans])
    return CohortPlan(found, out, settings, owner, ledger, todo, borrowed, limits)


def claim_maps(found: FoundScans, out: Path, purpose: Purpose = MAPS) -> Purpose:
    """Refuse a folder that is not ours to write maps into; nothing is written here.

    Args:
        found: As for `plan_cohort`.
        out: Folder of the derivatives.
        purpose: What ``out`` is for.

    Returns:
        What it is for: a prediction may be made from the maps that a cohort has of the
        very scan.

    Raises:
        OccupiedError: If ``out`` holds something else.
    """
    place = found.place or found.root
    owner = MAPS if purpose is PREDICTION and MAPS.is_here(out) else purpose
    claim_folder(out, owner, [] if place is None else [place])
    return owner


@contextmanager
def working_on(found: FoundScans, out: Path, purpose: Purpose = MAPS) -> Iterator[None]:
    """Be the only process that plans and makes maps in a folder.

    Args:
        found: As for `plan_cohort`.
        out: Folder of the derivatives; made when it is not there.
        purpose: What ``out`` is for.

    Raises:
        OccupiedError: If ``out`` holds something else; nothing is written then.
        LockedError: If another process works on it.
        StorageError: If nothing can be written there.
    """
    with storage_named(out):
        claim_maps(found, out, purpose)
    with locked(out):
        yield


def _refuse_strangers(out: Path, todo: dict[str, ScanRequest], ledger: Ledger) -> None:
    """Refuse to add scans to the maps of a cohort, or to change its maps."""
    for label, request in todo.items():
        if ledger.row(request).get("fingerprint") != request.fingerprint:
            msg = (
                f"{out} holds the maps of a cohort, and none of this scan ({label})"
                f" with the settings that the model needs{_otherwise(request)}; choose"
                " a new or empty folder"
            )
            raise OccupiedError(msg)


def _otherwise(request: ScanRequest) -> str:
    """Say how the maps that are there differ from those that are needed."""
    change = change_of(request)
    if change is not None:
        options = [f"they were made with {a}, not {b}" for a, b in change.options]
        told = "; ".join([*options, *change.reasons])
        return f": {told}" if told else ""
    grids = sorted(grids_of(request))
    space, resolution = request.grid
    there = ", ".join(f"in {name} at {spacing} mm" for name, spacing in grids)
    needed = f"in {space} at {resolution} mm"
    return f": they are {there}, not {needed}" if there else ""


def _startable(
    found: FoundScans, out: Path, settings: PreprocessSettings, ledger: Ledger
) -> list[ScanRequest]:
    """Ask for the scans that can be started; note in the ledger why others cannot."""
    grid = (settings.space, settings.resolution)
    for scan, reason in found.problems:
        status = "machine" if scan in found.out_of_reach else "failed"
        ledger.add(refused(scan, reason, grid, status))
    requests = []
    for raw in found.scans:
        try:
            request = request_for(raw, out, settings, found.root)
            # Its bytes are digested here, so this is where they cannot be read.
            _ = request.fingerprint
        except Exception as error:  # noqa: BLE001 - one bad scan stops no other
            status = machine_status(error) or "failed"
            ledger.add(refused(raw.scan, one_line(error), grid, status))
        else:
            requests.append(request)
    return requests
