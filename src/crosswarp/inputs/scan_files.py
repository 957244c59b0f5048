"""Where the maps of a scan are, and what their sidecars say."""

from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import CHANGE, derivative_path, name_fault, template_path
from crosswarp.documents import read_record
from crosswarp.files import file_digest, fingerprint
from crosswarp.types.maps import OF_SCAN, SeenMaps

DESCRIPTIONS: Final = {"t1w": "preproc", "jsm": "logjacobian"}
"""``desc-`` of the files of each map of a scan."""

_DESCRIPTIONS: Final = {**DESCRIPTIONS, "change": CHANGE, "rate": CHANGE}


@dataclass(frozen=True)
class Derivatives:
    """Where maps are, and which of them.

    Attributes:
        folder: That `crosswarp preprocess` wrote.
        space: Name of the template.
        resolution: Spacing of the maps, in mm.
        maps: The two maps that networks see.
    """

    folder: Path
    space: str
    resolution: int
    maps: SeenMaps = OF_SCAN

    @property
    def descriptions(self) -> dict[str, str]:
        """``desc-`` of the files of the two maps, by name."""
        return {name: _DESCRIPTIONS[name] for name in self.maps}

    def path(self, scan: ScanId, desc: str) -> Path:
        """Name a map of a scan."""
        return derivative_path(
            self.folder, scan, space=self.space, res=self.resolution, desc=desc
        )

    def has(self, scan: ScanId, desc: str) -> bool:
        """Whether a map of a scan is there.

        A name that no file can have has none; asking the system for it would fail.
        """
        return not name_fault(scan) and self.path(scan, desc).is_file()

    def files(self, scan: ScanId, diagnosis: str = "", origin: str = "") -> "ScanFiles":
        """Name the files of a scan, whether they are there or not."""
        first, second = (self.path(scan, d) for d in self.descriptions.values())
        t1w, jsm = (self.path(scan, desc) for desc in DESCRIPTIONS.values())
        return ScanFiles(scan, diagnosis, origin, first, second, self.maps, (t1w, jsm))

    @property
    def brain_mask(self) -> Path:
        """Name the template's brain mask."""
        return template_path(
            self.folder,
            space=self.space,
            res=self.resolution,
            desc="brain",
            suffix="mask",
        )


@dataclass(frozen=True)
class ScanFiles:
    """A scan of the cohort and where its maps are.

    Attributes:
        scan: Identifier of the scan.
        diagnosis: Clinical label of the scan.
        origin: ``real`` or ``virtual``.
        t1w: File of the first map: the aligned T1w image, unless ``maps`` says other.
        jsm: File of the second map: the log-Jacobian map, unless ``maps`` says other.
        maps: Names of the two maps.
        of_scan: Files of the scan's own T1w image and log-Jacobian map, where ``maps``
            are others; those two files where None.
    """

    scan: ScanId
    diagnosis: str
    origin: str
    t1w: Path
    jsm: Path
    maps: SeenMaps = OF_SCAN
    of_scan: tuple[Path, Path] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what was read, so that it is not sent to every worker."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @cached_property
    def sidecars(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Sidecars of the T1w image and of the log-Jacobian map, read once."""
        return _sidecar(self.t1w), _sidecar(self.jsm)

    @cached_property
    def record(self) -> dict[str, Any]:
        """Sidecar of the scan's own log-Jacobian map, read once."""
        own = self.of_scan
        same = own is None or own[1] == self.jsm
        return self.sidecars[1] if own is None or same else _sidecar(own[1])

    @property
    def as_scanned(self) -> "ScanFiles":
        """The same scan with its own T1w image and log-Jacobian map."""
        if self.of_scan is None:
            return self
        t1w, jsm = self.of_scan
        return ScanFiles(self.scan, self.diagnosis, self.origin, t1w, jsm)

    @property
    def years(self) -> float:
        """Years that the second map is divided by; 1 unless it is a rate."""
        if self.maps[1] != "rate":
            return 1.0
        return float(self.sidecars[1]["IntervalYears"])

    def digest(self) -> str:
        """Digest what the maps hold: from their sidecars, else from their bytes."""
        made = [sidecar.get("Fingerprint") for sidecar in self.sidecars]
        parts = [
            fingerprint_of or file_digest(path)
            for fingerprint_of, path in zip(made, (self.t1w, self.jsm), strict=True)
        ]
        # Both maps of a scan have one fingerprint, so that it does not say which.
        return fingerprint(*parts, *(() if self.maps == OF_SCAN else self.maps))


def _sidecar(path: Path) -> dict[str, Any]:
    sidecar = path.with_name(path.name.removesuffix(".nii.gz") + ".json")
    if not sidecar.is_file():
        return {}
    return read_record(sidecar, "preprocess this scan again")
