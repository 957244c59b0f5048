"""To which data set a folder of maps belongs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from crosswarp.documents import read_object
from crosswarp.errors import OccupiedError, ScanError
from crosswarp.makers import read_description
from crosswarp.outputs import same_place
from crosswarp.preprocessing.changes import same_source
from crosswarp.preprocessing.ledger import Ledger
from crosswarp.preprocessing.request import ScanRequest, record_path


def refuse_other_source(
    place: Path | None, out: Path, requests: Sequence[ScanRequest], ledger: Ledger
) -> None:
    """Refuse a folder that holds the maps of another data set.

    It is the same data set if it lies where it did, or if any of its scans is stored
    in the very bytes of which there are maps: data sets are moved. What a lone file is
    part of is not known; `CohortPlan.changes` says whether it replaces anything.

    Args:
        place: Where the scans were found.
        out: Folder of the derivatives.
        requests: What is asked.
        ledger: Ledger of earlier runs.

    Raises:
        OccupiedError: If it is another one.
    """
    if place is None or not place.is_dir():
        return
    recorded = _recorded_source(out)
    if recorded is not None and same_place(out / recorded, place):
        return
    there = [each for each in requests if record_path(each).is_file()]
    if recorded is None and not there:
        return
    if _any_same(out, place, requests, ledger):
        return
    made_from = f", from {recorded} as seen from there" if recorded else ""
    msg = (
        f"{out} holds maps of another data set{made_from}, and none of the scans in"
        f" {place}: nothing was changed. Choose a new or empty folder"
    )
    raise OccupiedError(msg)


def _any_same(
    out: Path, place: Path, requests: Sequence[ScanRequest], ledger: Ledger
) -> bool:
    """Whether anything in a folder was made from a file that is in another one."""
    for each in requests:
        if ledger.row(each).get("fingerprint") == each.fingerprint:
            return True
        if same_source(each, read_object(record_path(each))):
            return True
    if not requests:
        return False
    # Not asked for now, but there: by the way that its record gives.
    for path in sorted(out.glob("sub-*/**/*_desc-logjacobian_T1w.json")):
        record = read_object(path)
        sources = record.get("Sources")
        way = str(sources[0]) if isinstance(sources, list) and sources else ""
        source = place / way.removeprefix("bids:raw:")
        if way and _is_of(replace(requests[0], path=source, inside=()), record):
            return True
    return False


def _is_of(request: ScanRequest, record: Mapping[str, Any]) -> bool:
    """Whether maps were made from a file; one that cannot be read says nothing."""
    try:
        return request.path.is_file() and same_source(request, record)
    except (ScanError, OSError):
        return False


def _recorded_source(out: Path) -> str | None:
    """Read from where a folder's maps were made, as the way from the folder."""
    links = read_description(out).get("DatasetLinks")
    known = links if isinstance(links, dict) else {}
    found = known.get("raw") or known.get("scans")
    return str(found) if found else None
