"""Whether a folder of maps is what its records say, byte for byte."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from crosswarp.bids.ids import ScanId
from crosswarp.bids.ledger import LEDGER
from crosswarp.bids.names import CHANGE, MIDPOINT, template_path
from crosswarp.documents import read_object
from crosswarp.errors import StorageError
from crosswarp.files import UNFINISHED, file_digest, fingerprint
from crosswarp.makers import read_description
from crosswarp.preprocessing.command import command_of, raw_folder
from crosswarp.preprocessing.kept import read_kept, settings_digest
from crosswarp.preprocessing.ledger import Ledger
from crosswarp.preprocessing.ledger_row import UNKNOWN, Grid
from crosswarp.preprocessing.record import (
    MapRecord,
    faults_of,
    is_number,
    read_record,
)
from crosswarp.provenance import SOURCES, Finding, Kind, changed_products
from crosswarp.study.names import ANSWER_ENDING, ANSWERS, DESCRIPTION, PREPROCESSING

_END: Final = "_desc-logjacobian_T1w"
_MAPS: Final = ("_desc-brain_mask", "_desc-preproc_T1w", _END)
_NAME: Final = re.compile(
    rf"(sub-.+)_space-([A-Za-z0-9]+)_res-(\d+)({'|'.join(_MAPS)})\.nii\.gz"
)
_PLAIN: Final = (".nii", ".nii.gz", ".zip")
"""Ends of raw files whose digest is that of their bytes."""

_RAW: Final = "bids:raw:"


def verify_derivatives(folder: Path) -> list[Finding]:
    """Read all bytes of a folder of maps and hold them against their records.

    Args:
        folder: That `crosswarp preprocess` or `crosswarp predict` wrote.

    Returns:
        What is damaged, gone, changed, unfinished, or does not belong together: a map
        of other settings than its record, a raw scan that is another one now, a row of
        the ledger without maps, maps without a row, an answer about other maps.
    """
    records = {
        path: read_record(path)
        for path in sorted(folder.glob(f"sub-*/**/*{_END}.json"))
    }
    sound = {path: record for path, record in records.items() if record is not None}
    commands: dict[Grid | None, str] = {
        grid: command_of(folder, record.settings, grid)
        for path, record in sound.items()
        if (grid := _grid_of(path))
    }
    command = next(iter(commands.values()), command_of(folder, {}))
    found = [*description(folder, folder, command), *_unrecorded(folder, command)]
    for grid, again in commands.items():
        found += _of_grid(folder, grid, again) if grid else []
    for path, record in records.items():
        again = commands.get(_grid_of(path), command)
        found += _of_record(folder, path, record, again)
    found += _changes(folder, command)
    found += _settings(folder, sound, command)
    found += _ledger(folder, sound, command)
    found += _answers(folder, sound)
    found += unfinished(folder, command)
    return sorted(found, key=lambda finding: finding.path)


def product_findings(
    folder: Path, place: Path, faults: Iterable[str], command: str
) -> Iterator[Finding]:
    """Turn the phrases of `changed_products` into findings.

    Args:
        folder: That is verified.
        place: Folder from which the products are named.
        faults: Phrases that name the faults.
        command: That makes the products again.
    """
    for fault in faults:
        name, _, says = fault.partition(" ")
        path = (place / name).resolve()
        shown = _shown(folder.resolve(), path)
        kind: Kind = "changed"
        if says.startswith("is gone"):
            kind = "gone"
        elif not says.startswith("was changed"):
            kind = "damaged"
        # Of the size that was written, it counts as done until it is gone.
        gone = shlex.join(["rm", str(folder / shown)])
        mend = f"{gone} && {command}" if kind == "changed" else command
        yield Finding(shown, kind, says, mend)


def description(folder: Path, place: Path, command: str) -> Iterator[Finding]:
    """Tell when a data set has nothing legible that says what it is.

    Args:
        folder: That is verified.
        place: Folder of the data set.
        command: That writes the description again.
    """
    if read_description(place):
        return
    path = place / DESCRIPTION
    kind: Kind = "damaged" if path.exists() else "gone"
    says = "says nothing that can be read" if path.exists() else "is gone"
    yield Finding(_shown(folder, path), kind, says, command)


def unfinished(folder: Path, command: str) -> Iterator[Finding]:
    """Find what killed processes were writing.

    Args:
        folder: That is verified.
        command: That sweeps it.
    """
    for path in sorted(folder.rglob(f"{UNFINISHED}*")):
        says = "a process was ended while it wrote this, or still writes it"
        yield Finding(_shown(folder, path), "unfinished", says, command)


def _of_record(
    folder: Path, path: Path, record: MapRecord | None, command: str
) -> Iterator[Finding]:
    """Hold the files of one scan against their record."""
    name = _shown(folder, path)
    if record is None:
        yield Finding(name, "damaged", "it is no record of maps", command)
        return
    start = path.name.removesuffix(f"{_END}.json")
    maps = [path.with_name(f"{start}{end}.nii.gz") for end in _MAPS]
    faults = faults_of(record, path, maps, by_digest=True)
    yield from product_findings(folder, path.parent, faults, command)
    for each in maps[:-1]:
        beside = each.with_suffix("").with_suffix(".json")
        made = read_object(beside).get("Fingerprint")
        if beside.is_file() and made != record.fingerprint:
            says = f"it is of other settings or another scan than {path.name}"
            gone = shlex.join(["rm", str(path)])
            yield Finding(_shown(folder, beside), "mixed", says, f"{gone} && {command}")
    if _has_other_source(folder, record):
        says = "the raw scan has changed since its maps were made"
        yield Finding(name, "mixed", says, command)


def _has_other_source(folder: Path, record: MapRecord) -> bool:
    """Whether a raw file that can be found is not the one that was read."""
    sources = record.content.get(SOURCES)
    digest = sources.get("scan") if isinstance(sources, dict) else None
    listed = record.content.get("Sources")
    ways = list(map(str, listed)) if isinstance(listed, list) else []
    raw = raw_folder(folder)
    if raw is None or not digest or not ways or not ways[0].startswith(_RAW):
        return False
    paths = [raw / way.removeprefix(_RAW) for way in ways]
    plain = paths[0].name.lower().endswith(_PLAIN)
    if not (plain and all(path.is_file() for path in paths)):
        return False
    digests = [file_digest(path) for path in paths]
    # With its mask and transform, where another program made them.
    return bool(digest != (fingerprint(*digests) if digests[1:] else digests[0]))


def _unrecorded(folder: Path, command: str) -> Iterator[Finding]:
    """Find maps whose record was never written, or is gone."""
    for path in sorted(folder.glob("sub-*/**/*.nii.gz")):
        named = _NAME.fullmatch(path.name)
        if named is None or named[2] == MIDPOINT:
            continue
        record = f"{named[1]}_space-{named[2]}_res-{named[3]}{_END}.json"
        if not path.with_name(record).is_file():
            says = "its record is not there: it was not finished"
            yield Finding(_shown(folder, path), "unfinished", says, command)


def _changes(folder: Path, command: str) -> Iterator[Finding]:
    """Hold the files of two scans of one person against their record."""
    again = f"{command} `longitudinal=True`"
    for path in sorted(folder.glob(f"sub-*/**/*_desc-{CHANGE}_T1w.json")):
        if f"_space-{MIDPOINT}_" in path.name:
            continue
        record = read_object(path)
        if record:
            faults = changed_products(path.parent, record)
            yield from product_findings(folder, path.parent, faults, again)
            own = path.with_name(path.name.replace(f"_desc-{CHANGE}_T1w", _END))
            made = read_object(own).get("Fingerprint")
            if made is not None and record.get("LaterFingerprint") != made:
                says = "it was made from other maps of the scan than those there are"
                yield Finding(_shown(folder, path), "mixed", says, again)
        else:
            says = "it is no record of a change"
            yield Finding(_shown(folder, path), "damaged", says, again)


def _of_grid(folder: Path, grid: Grid, command: str) -> Iterator[Finding]:
    """Hold the template's maps of one grid against their record."""
    mask = template_path(
        folder, space=grid[0], res=grid[1], desc="brain", suffix="mask"
    )
    # Earlier versions wrote the maps without a record.
    record = read_object(mask.with_name(mask.name.replace(".nii.gz", ".json")))
    faults = changed_products(folder, record)
    if not mask.is_file() and not record:
        faults = [f"{mask.name} is gone"]
    yield from product_findings(folder, folder, faults, command)


def _settings(
    folder: Path, records: Mapping[Path, MapRecord], command: str
) -> Iterator[Finding]:
    """Hold the settings that the folder keeps against those of its maps."""
    recorded = {_grid_of(path): one.settings for path, one in records.items()}
    for grid, settings in recorded.items():
        kept = read_kept(folder, grid) if grid else None
        if not grid or not settings:
            continue  # An earlier version did not say.
        if kept is None:
            says = f"has no settings of the maps of {grid[0]} at {grid[1]} mm"
            yield Finding(PREPROCESSING, "gone", says, command)
        elif kept.fingerprint != settings_digest(settings):
            says = f"has other settings than the maps of {grid[0]} at {grid[1]} mm"
            yield Finding(PREPROCESSING, "mixed", says, command)


def _grid_of(record: Path) -> Grid | None:
    """Read the grid of maps from the name of their record."""
    named = _NAME.fullmatch(record.name.replace(".json", ".nii.gz"))
    return None if named is None else (named[2], int(named[3]))


def _ledger(
    folder: Path, records: dict[Path, MapRecord], command: str
) -> Iterator[Finding]:
    """Hold the ledger against the records."""
    try:
        ledger = Ledger(folder)
    except StorageError as error:
        yield Finding(LEDGER, "damaged", str(error), command)
        return
    for text in ledger.said:
        yield Finding(LEDGER, "damaged", text, command)
    rows, made = ledger.rows(), {}
    for path, record in records.items():
        if grid := _grid_of(path):
            made[ScanId.parse(path.name), grid] = record
    for scan, _ in sorted(made.keys() - rows.keys()):
        yield Finding(LEDGER, "mixed", f"it has no row of {scan.label}", command)
    for (scan, grid), row in rows.items():
        says = _why_wrong(row, made.get((scan, grid)), scan.label)
        if row["status"] == "ok" and grid != UNKNOWN and says:
            yield Finding(LEDGER, "mixed", says, command)


def _why_wrong(row: Mapping[str, Any], record: MapRecord | None, label: str) -> str:
    """Say why a row is not of the maps that are there; empty when it is."""
    if record is None:
        return f"{label} is ok in it, and its maps are not there"
    if row.get("fingerprint") != record.fingerprint:
        return f"its row of {label} is not of the maps that are there"
    for name, value in record.numbers.items():
        if not is_number(row.get(name), value):
            return f"its row of {label} has another {name} than the record of the maps"
    return ""


def _answers(folder: Path, records: dict[Path, MapRecord]) -> Iterator[Finding]:
    """Find answers of `crosswarp predict` that are about other maps."""
    there = {record.fingerprint for record in records.values()}
    command = command_of(folder, {})
    for path in sorted(folder.glob(f"{ANSWERS}/*{ANSWER_ENDING}")):
        answer = read_object(path)
        if answer.get("refused") or answer.get("maps_given"):
            # No maps were used, or those of another folder.
            continue
        if "maps_fingerprint" not in answer:
            says = "it is no answer of crosswarp predict"
            yield Finding(_shown(folder, path), "damaged", says, command)
        elif answer["maps_fingerprint"] not in there:
            says = "it is about maps that are not there any more"
            yield Finding(_shown(folder, path), "mixed", says, command)


def _shown(folder: Path, path: Path) -> str:
    return (
        path.relative_to(folder).as_posix()
        if path.is_relative_to(folder)
        else str(path)
    )
