"""Rows of the tables about virtual participants: what is drawn, and what is true."""

from dataclasses import asdict
from typing import Any, Final

from crosswarp.simulation.drawing import VirtualParticipant
from crosswarp.simulation.participant import RegionTruth
from crosswarp.simulation.scanning import ScanTruth
from crosswarp.simulation.signal import Signal

REGION_COLUMNS: Final = (
    "participant_id",
    "diagnosis",
    "severity",
    "region",
    "base_mm3",
    "true_mm3",
    "true_ratio",
    "atrophy_ratio",
    "healthy_ratio",
)

SIGNAL_COLUMNS: Final = (
    "participant_id",
    "diagnosis",
    "signal_severity",
    "structure",
    "effect",
    "lost",
)


def full_row(person: VirtualParticipant) -> dict[str, Any]:
    """Give who a participant is; nothing is missing in it."""
    return {
        "participant_id": person.scan.participant_id,
        "diagnosis": person.diagnosis.value,
        "age": person.age_years,
        "sex": person.sex,
        "site": person.site,
        "origin": "virtual",
        "head": person.head,
    }


def scan_row(
    person: VirtualParticipant, scan: ScanTruth, signal: Signal | None
) -> dict[str, Any]:
    """Give a row of the truth about scans: nothing is missing in it."""
    return {
        **full_row(person),
        "severity": round(person.severity, 5),
        "motion_degrees": round(scan.motion_degrees, 3),
        "crop_mm": round(scan.crop_mm, 2),
        "fault": scan.fault,
        **_signal_columns(person, signal),
    }


def _signal_columns(
    person: VirtualParticipant, signal: Signal | None
) -> dict[str, Any]:
    if signal is None:
        return {}
    return {
        "signal_severity": round(person.signal_severity, 5),
        "patches": signal.patches,
        "patches_mm3": round(signal.patches_mm3, 1),
    }


def signal_rows(
    person: VirtualParticipant, signal: Signal | None
) -> list[dict[str, Any]]:
    """Give the truth about the signal of each structure; none without such settings."""
    if signal is None:
        return []
    effects = {"contrast": signal.contrast_lost, "signal": signal.darker}
    return [
        {
            "participant_id": person.scan.participant_id,
            "diagnosis": person.diagnosis.value,
            "signal_severity": round(person.signal_severity, 5),
            "structure": structure,
            "effect": effect,
            "lost": round(lost, 5),
        }
        for effect, structures in effects.items()
        for structure, lost in structures.items()
    ]


def region_row(person: VirtualParticipant, region: RegionTruth) -> dict[str, Any]:
    """Give what is true of one region of a participant."""
    numbers = {
        name: round(value, 5) if isinstance(value, float) else value
        for name, value in asdict(region).items()
    }
    return {
        "participant_id": person.scan.participant_id,
        "diagnosis": person.diagnosis.value,
        "severity": round(person.severity, 5),
        **numbers,
    }
