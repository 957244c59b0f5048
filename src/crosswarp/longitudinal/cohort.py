"""All people with several sessions: each pair of visits in its own process."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from crosswarp.bids.dataset import FoundScans
from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.raw import RawScan
from crosswarp.bids.tables import read_table, write_table
from crosswarp.errors import IncompleteError, InputError
from crosswarp.execution.engine import Engine
from crosswarp.execution.logs import LOGS
from crosswarp.execution.outcome import Outcome
from crosswarp.execution.pool import LocalEngine
from crosswarp.execution.progress import Progress, SilentProgress
from crosswarp.execution.work import Work
from crosswarp.files import printable, storage_named
from crosswarp.longitudinal.person import compare_visits
from crosswarp.longitudinal.request import PairRequest
from crosswarp.longitudinal.settings import LongitudinalSettings
from crosswarp.longitudinal.tables import write_tables
from crosswarp.longitudinal.visit_times import SessionTimes, Timing, in_time
from crosswarp.preprocessing.plan import working_on
from crosswarp.preprocessing.request import request_for
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.study.names import LONGITUDINAL_LEDGER

WORK: Final = Work(
    compare_visits,
    timeout_s=3600.0,
    memory_mb=8000.0,
    preloaded=("ants", "torch", "crosswarp.longitudinal.person"),
)

_KEYS: Final = ["participant_id", "session_id"]


@dataclass(frozen=True)
class LongitudinalAsked:
    """What is done with the scans of people with several sessions.

    Attributes:
        times: The user's table of the sessions' times; None where there is none.
        settings: Settings with all choices.
        work: What is done to each pair, and the time and memory that it may take.
        retry_failed: Whether failed pairs are done again.
    """

    times: Path | None = None
    settings: LongitudinalSettings = field(default_factory=LongitudinalSettings)
    work: Work = WORK
    retry_failed: bool = False


def compare_sessions(
    found: FoundScans,
    ledger: pd.DataFrame,
    out: Path,
    settings: PreprocessSettings,
    asked: LongitudinalAsked,
    *,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Estimate the change between the visits of each person; one stops no other.

    Each later visit is compared with the first one. Pairs that are done stay as they
    are, unless a scan or a setting changed.

    Args:
        found: Scans that were preprocessed.
        ledger: As `preprocess_cohort` returns it; only scans whose maps passed are
            compared.
        out: Folder of the derivatives.
        settings: Settings of the ordinary maps.
        asked: What is asked.
        engine: Where it runs; one process at a time, on this machine, when None.
        progress: Told of every finished pair.

    Returns:
        A row for each pair: ``status``, ``reason``, interval, notes.

    Raises:
        InputError: If the user's table of times cannot be used.
        StorageError: If nothing more can be written; the same call resumes.
    """
    progress = progress or SilentProgress()
    tables = [] if asked.times is None else [asked.times]
    place = found.place
    if place is not None and place.suffix == ".tsv" and place.is_file():
        tables.append(place)
    times = _times(found, tables, given=asked.times is not None)
    with working_on(found, out), storage_named(out):
        rows = _Rows(out)
        todo: dict[str, PairRequest] = {}
        for request in _requests(found, ledger, out, settings, (asked, times), rows):
            if not (request.is_done() or rows.keeps(request, asked.retry_failed)):
                todo[request.label] = request

        def record(label: str, outcome: Outcome) -> None:
            rows.add(todo[label], outcome)
            rows.write()
            progress.advance(f"{label}: {outcome.reason or outcome.status}")

        if todo:
            progress.stage("change", len(todo))
            (engine or LocalEngine()).run(
                asked.work, todo, logs=out / LOGS, on_done=record, on_news=progress.news
            )
            progress.done()
        table = rows.write()
        write_tables(out, (settings.space, settings.resolution))
    return table


def check_changes(table: pd.DataFrame, out: Path) -> None:
    """End with the failures, when all that could be done is done.

    Args:
        table: As `compare_sessions` returns it.
        out: Folder of the derivatives.

    Raises:
        IncompleteError: If a pair failed; says how many, where, and the first reason.
    """
    failed = table[table["status"] != "ok"] if len(table) else table
    if len(failed):
        first = failed.iloc[0]
        msg = (
            f"{len(failed)} of {len(table)} pairs of visits failed, see"
            f" {out / LONGITUDINAL_LEDGER}; {first['participant_id']}:"
            f" {first['reason']}"
        )
        raise IncompleteError(msg)


def _times(found: FoundScans, tables: list[Path], *, given: bool) -> SessionTimes:
    """Read the tables of times; a cohort table need not say any."""
    try:
        return SessionTimes(found.root, tables)
    except InputError:
        if given:
            raise
        return SessionTimes(found.root)


def _requests(
    found: FoundScans,
    ledger: pd.DataFrame,
    out: Path,
    settings: PreprocessSettings,
    asked: tuple[LongitudinalAsked, SessionTimes],
    rows: "_Rows",
) -> Iterator[PairRequest]:
    """Pair each later visit with the first one; note why others cannot be."""
    chosen, times = asked
    good = ledger[ledger["status"] == "ok"] if len(ledger) else ledger
    passed = {
        ScanId.from_row(*row)
        for row in zip(
            good.get("participant_id", []), good.get("session_id", []), strict=True
        )
    }
    people: dict[str, list[RawScan]] = defaultdict(list)
    for raw in found.scans:
        if raw.scan in passed and raw.scan.session_id is not None:
            people[raw.scan.participant_id].append(raw)
    for raws in people.values():
        if len(raws) < 2:
            continue
        by_id = {raw.scan: raw for raw in raws}
        try:
            timing = times.of(list(by_id))
        except InputError as error:
            rows.refuse(max(by_id), str(error))
            continue
        first, *later = in_time(list(by_id), timing)
        start = request_for(by_id[first], out, settings, found.root)
        for scan in later:
            other = request_for(by_id[scan], out, settings, found.root)
            yield _timed(PairRequest(start, other, chosen.settings), timing)


def _timed(request: PairRequest, timing: Timing) -> PairRequest:
    years = timing.between(request.first.scan, request.later.scan)
    notes = []
    if years is None:
        notes.append("no time between the visits is known: total change alone")
    elif not years:
        years = None
        notes.append(f"the visits have the same {timing.source}: total change alone")
    elif timing.source == "age" and all(t % 1 == 0 for t in timing.years.values()):
        notes.append("ages are in whole years: a rate may be far off")
    return replace(request, years=years, source=timing.source, notes=tuple(notes))


class _Rows:
    """The ledger of the pairs: rows of earlier runs and of this one."""

    def __init__(self, out: Path) -> None:
        self._path = out / LONGITUDINAL_LEDGER
        self._rows: dict[tuple[str, str], dict[str, Any]] = {}
        try:
            read = read_table(self._path, _KEYS, text=[*_KEYS, "status", "fingerprint"])
        except InputError:
            return  # There is none, or it is damaged: records of maps say what is done.
        for row in read.to_dict("records"):
            self._rows[str(row["participant_id"]), str(row["session_id"])] = {
                str(name): value for name, value in row.items()
            }

    def keeps(self, request: PairRequest, retry_failed: bool) -> bool:
        """Whether the same pair failed before, and would fail the same way."""
        row = self._rows.get(_key(request.later.scan), {})
        same = row.get("fingerprint") == request.fingerprint
        return same and row.get("status") == "failed" and not retry_failed

    def add(self, request: PairRequest, outcome: Outcome) -> None:
        """Note how a pair ended."""
        value = outcome.value if outcome.status == "ok" else None
        notes = value.notes if value else request.notes
        self._rows[_key(request.later.scan)] = {
            **_ids(request.later.scan),
            "first_session": request.first.scan.session_id,
            "status": outcome.status,
            "reason": printable(outcome.reason) or NOT_AVAILABLE,
            "interval_years": request.years,
            "interval_from": request.source or NOT_AVAILABLE,
            "correlation": value.correlation if value else None,
            "notes": printable("; ".join(notes)) or NOT_AVAILABLE,
            "cpu_seconds": value.cpu_seconds if value else None,
            "fingerprint": request.fingerprint,
        }

    def refuse(self, scan: ScanId, reason: str) -> None:
        """Note why the visits of a person are not compared."""
        self._rows[_key(scan)] = {
            **_ids(scan),
            "first_session": NOT_AVAILABLE,
            "status": "failed",
            "reason": printable(reason),
        }

    def write(self) -> pd.DataFrame:
        """Write the ledger, unless it is empty, and return it."""
        table = pd.DataFrame([self._rows[key] for key in sorted(self._rows)])
        if len(table):
            write_table(self._path, table)
        return table


def _ids(scan: ScanId) -> dict[str, str]:
    return dict(zip(_KEYS, _key(scan), strict=True))


def _key(scan: ScanId) -> tuple[str, str]:
    return scan.participant_id, scan.session_id or NOT_AVAILABLE
