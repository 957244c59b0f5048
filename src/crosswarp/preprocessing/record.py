"""The record of a scan's maps, their last sidecar, and whether they are as it says."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from crosswarp.documents import read_object
from crosswarp.provenance import changed_products


@dataclass(frozen=True)
class MapRecord:
    """What the record of a scan's maps says of them.

    Attributes:
        fingerprint: Of file, settings and steps.
        settings: As JSON has them; empty where an earlier version did not say.
        brain_mask: How the brain was found.
        numbers: Numbers of the quality control.
        notes: On what was read otherwise than the file says.
        content: All that the file holds.
    """

    fingerprint: str
    settings: Mapping[str, Any]
    brain_mask: str
    numbers: dict[str, float]
    notes: tuple[str, ...]
    content: Mapping[str, Any]


def read_record(path: Path) -> MapRecord | None:
    """Read a record; None where there is none that this program wrote.

    Args:
        path: A sidecar, in which anything may stand.
    """
    content = read_object(path)
    made, brain_mask = content.get("Fingerprint"), content.get("BrainMask")
    quality, settings = content.get("Quality"), content.get("Settings")
    notes = content.get("SourceNotes")
    if not (isinstance(made, str) and isinstance(brain_mask, str)):
        return None
    if not isinstance(quality, dict):
        return None
    found = {
        str(name): entry.get("Value") if isinstance(entry, dict) else None
        for name, entry in quality.items()
    }
    numbers = {name: value for name, value in found.items() if _is_real(value)}
    if len(numbers) < len(found):
        return None
    return MapRecord(
        made,
        settings if isinstance(settings, dict) else {},
        brain_mask,
        numbers,
        tuple(str(note) for note in notes) if isinstance(notes, list) else (),
        content,
    )


def faults_of(
    record: MapRecord, path: Path, maps: list[Path], *, by_digest: bool = False
) -> list[str]:
    """Compare what is there with a record.

    Args:
        record: As it was read.
        path: Where from; its products are named from the folder that it lies in.
        maps: Files that a scan has whatever the record says: earlier versions named
            no products.
        by_digest: Whether all bytes are read; sizes are compared always.

    Returns:
        A phrase for each file that is not as it was written, by its name.
    """
    faults = changed_products(path.parent, record.content, by_digest=by_digest)
    for each in maps:
        said = any(fault.startswith(each.name) for fault in faults)
        if not said and not each.is_file():
            faults.append(f"{each.name} is gone")
        elif not said and each.stat().st_size == 0:
            faults.append(f"{each.name} is empty")
    return faults


def is_number(cell: object, value: float) -> bool:
    """Whether a cell of a table has a number, as far as tables keep its digits.

    Args:
        cell: As it was read; anything may stand in it.
        value: Number as the record of the maps has it.
    """
    try:
        return math.isclose(float(str(cell)), value, rel_tol=1e-6, abs_tol=1e-9)
    except ValueError:
        return False


def _is_real(value: object) -> TypeGuard[float]:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    # Whole numbers that are too large for a float are no quality either.
    return abs(value) < 1e300 and math.isfinite(value)
