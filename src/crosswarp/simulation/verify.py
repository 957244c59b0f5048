"""Whether a virtual cohort is what its records say, byte for byte."""

from pathlib import Path

from crosswarp.bids.people import PARTICIPANTS
from crosswarp.bids.tables import read_table
from crosswarp.errors import InputError
from crosswarp.preprocessing.verify import (
    description,
    product_findings,
    unfinished,
)
from crosswarp.provenance import Finding, changed_products
from crosswarp.simulation.dataset import numbers_done, read_record, truth_folder
from crosswarp.simulation.drawing import scan_of
from crosswarp.study.names import SIMULATION, TRUE_REGIONS_ENDING


def verify_virtual_cohort(folder: Path) -> list[Finding]:
    """Read all bytes of a virtual cohort and hold them against its records.

    Args:
        folder: Root of the data set that `crosswarp simulate` wrote.

    Returns:
        Scans and true maps that are damaged, gone or changed; participants of whom the
        record or the row is not there; what is half-written.
    """
    truth = truth_folder(folder)
    command = f"crosswarp simulate {folder}, with the options of {truth / SIMULATION}"
    found = [
        each
        for place in (folder, truth)
        for each in description(folder, place, command)
    ]
    for path in sorted(truth.glob(f"sub-*{TRUE_REGIONS_ENDING}")):
        record = read_record(path)
        if record is None:
            name = path.relative_to(folder).as_posix()
            found.append(
                Finding(name, "damaged", "it is no record of a participant", command)
            )
            continue
        faults = changed_products(path.parent, record)
        found += product_findings(folder, path.parent, faults, command)
    found += _table(folder, command)
    found += unfinished(folder, command)
    return sorted(found, key=lambda finding: finding.path)


def _table(folder: Path, command: str) -> list[Finding]:
    """Hold the table of participants against who is there."""
    done = {scan_of(number).label for number in numbers_done(folder)}
    try:
        table = read_table(folder / PARTICIPANTS, ["participant_id"])
    except InputError as error:
        return [Finding(PARTICIPANTS, "damaged", str(error), command)]
    listed = {str(name) for name in table["participant_id"]}
    folders = {path.name for path in folder.glob("sub-*") if path.is_dir()}
    found = [
        Finding(PARTICIPANTS, "mixed", f"it has {name}, who has no record", command)
        for name in sorted(listed - done)
    ]
    found += [
        Finding(PARTICIPANTS, "mixed", f"it has no row of {name}", command)
        for name in sorted(done - listed)
    ]
    found += [
        Finding(name, "unfinished", "there is no record of this participant", command)
        for name in sorted(folders - done)
    ]
    return found
