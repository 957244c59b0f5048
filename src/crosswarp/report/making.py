"""What made the maps: read from their sidecars, never guessed."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from crosswarp.bids.ids import ScanId
from crosswarp.documents import read_object
from crosswarp.errors import CrosswarpError
from crosswarp.registration.table import BACK_ENDS
from crosswarp.report.maps import LOG_JACOBIAN, map_path
from crosswarp.report.run import Run
from crosswarp.report.wording import count

BRAINS: Final = {
    "deepbet": "found by deepbet",
    "derivatives": "taken from the derivatives of the other program",
    "hd-bet": "found by HD-BET",
    "template": "taken from the template",
    "given": "as given",
}
"""By the names in sidecars: where the brain mask came from."""


@dataclass(frozen=True)
class Making:
    """How the maps of a run's scans were made, by their number.

    Attributes:
        scans: Of the run.
        registrations: In words, with the version; the most used first.
        brains: Where the brain masks came from; the most used first.
    """

    scans: int
    registrations: dict[str, int]
    brains: dict[str, int]

    @property
    def registered_by(self) -> str:
        """Name what registered, or say that it is not recorded."""
        return self._told(self.registrations) or "not recorded beside the maps"

    @property
    def brain_masks(self) -> str:
        """Say where the brain masks came from; empty where it is not recorded."""
        return self._told(self.brains)

    def _told(self, found: dict[str, int]) -> str:
        unknown = self.scans - sum(found.values())
        if len(found) == 1 and not unknown:
            return next(iter(found))
        parts = [f"{words} in {count(n, 'scan')}" for words, n in found.items()]
        if parts and unknown:
            parts.append(f"not recorded in {count(unknown, 'scan')}")
        return ", ".join(parts)


def making_of(run: Run) -> Making:
    """Read how the maps of all tested scans were made.

    A sidecar that is missing, damaged or silent counts as not recorded.
    """
    tested = run.tested
    registrations: Counter[str] = Counter()
    brains: Counter[str] = Counter()
    for participant, session in zip(
        tested["participant_id"], tested["session_id"], strict=True
    ):
        sidecar = _sidecar(run, ScanId.from_row(participant, session))
        if words := _registration(sidecar):
            registrations[words] += 1
        if mask := sidecar.get("BrainMask"):
            brains[BRAINS.get(str(mask), str(mask))] += 1
    return Making(
        len(tested), dict(registrations.most_common()), dict(brains.most_common())
    )


def _sidecar(run: Run, scan: ScanId) -> dict[str, Any]:
    try:
        path = map_path(run, scan, LOG_JACOBIAN)
    except CrosswarpError:
        return {}
    return read_object(path.with_suffix("").with_suffix(".json"))


def _registration(sidecar: dict[str, Any]) -> str:
    """Name what registered and its version; empty where it is not recorded."""
    settings = _object(_object(sidecar.get("Settings")).get("registration"))
    name = settings.get("backend")
    if not name:
        return ""
    known = BACK_ENDS.get(str(name))
    words, package = (known.words, known.package) if known else (name, "crosswarp")
    if made_by := settings.get("made_by"):
        words, package = f"the registration that {made_by} made", ""
    version = _object(sidecar.get("Versions")).get(package)
    spacing = settings.get("resolution")
    details = [f"{package} {version}"] if version else []
    details += [f"at {spacing} mm"] if spacing else []
    return f"{words} ({', '.join(details)})" if details else words


def _object(found: object) -> dict[str, Any]:
    """Take what should be a JSON object; an empty one where it is not."""
    return found if isinstance(found, dict) else {}
