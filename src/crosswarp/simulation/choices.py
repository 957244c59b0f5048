"""What a user chooses of a virtual cohort: a preset, and a few changes of it."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.simulation.presets import preset_settings
from crosswarp.simulation.settings import SimulationSettings


class SimulationChoices(BaseModel):
    """A virtual cohort as a command or a study file asks for it.

    Attributes:
        preset: Name of a cohort in `crosswarp.simulation.presets`.
        participants: Number of participants.
        seed: Seed of all random draws.
        classes: Diagnoses, assigned in turn.
        heads: Files of the user's own T1w heads; those of packages when empty.
        sites: Number of scanners; the preset's when None.
        bad_scans: Fraction of unusable scans, to test quality control.
        missing: Fraction of unknown ages, sexes and sites.
        truth_resolution: Spacing of the true maps, in mm.
        truth_maps: Whether the true maps are written, 7 MB a scan at 2 mm.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: str = "easy"
    participants: int = Field(default=32, ge=1)
    seed: int = Field(default=0, ge=0)
    classes: tuple[Diagnosis, ...] = (Diagnosis.CN, Diagnosis.AD)
    heads: tuple[Path, ...] = ()
    sites: int | None = Field(default=None, ge=1, le=99)
    bad_scans: float = Field(default=0.0, ge=0, le=1)
    missing: float = Field(default=0.0, ge=0, le=0.9)
    truth_resolution: Literal[1, 2] = 2
    truth_maps: bool = True

    def settings(
        self, workers: int = 2, heads: tuple[str, ...] = ()
    ) -> SimulationSettings:
        """Spell the cohort out.

        Args:
            workers: Number of processes at a time; it changes nothing in the result.
            heads: Names of the user's own heads, once they are prepared.

        Raises:
            InputError: If there is no such preset, or a value cannot be used.
        """
        chosen: dict[str, Any] = {
            "participants": self.participants,
            "seed": self.seed,
            "classes": self.classes,
            "missing_rate": self.missing,
            "truth_resolution": self.truth_resolution,
            "truth_maps": self.truth_maps,
            "workers": workers,
        }
        scanner = preset_settings(self.preset, **chosen).acquisition
        changes: dict[str, Any] = {"bad_rate": self.bad_scans}
        if self.sites is not None:
            changes["sites"] = tuple(f"site{n}" for n in range(1, self.sites + 1))
        chosen["acquisition"] = scanner.model_copy(update=changes)
        if heads:
            chosen["heads"] = heads
        return preset_settings(self.preset, **chosen)
