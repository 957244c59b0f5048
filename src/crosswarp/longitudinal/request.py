"""What is asked of two visits of one person, and where its files go."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from crosswarp.bids.names import CHANGE, MIDPOINT, derivative_path, figure_path
from crosswarp.documents import read_object
from crosswarp.files import fingerprint
from crosswarp.longitudinal.settings import STEPS_VERSION, LongitudinalSettings
from crosswarp.preprocessing.request import ScanRequest
from crosswarp.provenance import changed_products


@dataclass(frozen=True)
class PairRequest:
    """Two visits of one person to compare.

    Attributes:
        first: First visit, with its ordinary maps.
        later: Later visit, likewise.
        settings: Settings with all choices.
        years: Time between them; None where it is not known.
        source: What says the time.
        notes: Sentences on the time.
    """

    first: ScanRequest
    later: ScanRequest
    settings: LongitudinalSettings
    years: float | None = None
    source: str = ""
    notes: tuple[str, ...] = ()

    @property
    def out(self) -> Path:
        """Folder of the derivatives."""
        return self.later.out

    @property
    def label(self) -> str:
        """Name of the pair: that of the later visit."""
        return self.later.scan.label

    @cached_property
    def fingerprint(self) -> str:
        """Digest of all that the change depends on."""
        return fingerprint(
            self.first.fingerprint,
            self.later.fingerprint,
            self.settings.model_dump(mode="json"),
            STEPS_VERSION,
            self.years,
        )

    def on_template(self, extension: str = ".nii.gz") -> Path:
        """Name the map of change on the template's grid; its sidecar is the record."""
        return self.later.map(CHANGE, extension)

    def at_midpoint(self, desc: str, extension: str = ".nii.gz") -> Path:
        """Name a map in the space halfway between both scans."""
        chosen = self.settings
        return derivative_path(
            self.out,
            self.later.scan,
            space=MIDPOINT,
            res=chosen.spacing if desc == CHANGE else chosen.midpoint_spacing,
            desc=desc,
            suffix="mask" if desc == "brain" else "T1w",
            extension=extension,
        )

    @property
    def picture(self) -> Path:
        """Name the picture of the change."""
        return figure_path(self.out, self.later.scan, CHANGE, self.later.grid)

    def record(self) -> dict[str, Any]:
        """Read the record; empty where there is none of this request."""
        content = read_object(self.on_template(".json"))
        return content if content.get("Fingerprint") == self.fingerprint else {}

    def is_done(self) -> bool:
        """Whether all files are there, made from these scans with these settings."""
        content = self.record()
        folder = self.on_template().parent
        return bool(content) and not changed_products(folder, content, by_digest=False)
