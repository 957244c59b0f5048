"""What is asked of one scan, where its maps go, and whether they are there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, TypeGuard

from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import derivative_path
from crosswarp.bids.raw import RawScan
from crosswarp.files import fingerprint, printable
from crosswarp.preprocessing.identity import identity_of
from crosswarp.preprocessing.record import (
    MapRecord,
    faults_of,
    read_record,
)
from crosswarp.preprocessing.settings import STEPS_VERSION, PreprocessSettings
from crosswarp.readers.source import source_digest
from crosswarp.registration.template import Template, load_template
from crosswarp.types.grid import SPACE


@dataclass(frozen=True)
class ScanRequest:
    """One scan to do; small, so that it can be sent to a worker process.

    Attributes:
        scan: Whose it is.
        path: The raw file.
        source: How the sidecars name the raw file (a BIDS path or a file name).
        out: Folder of the derivatives.
        settings: Settings with all choices.
        series: Number or SeriesInstanceUID of the DICOM series to take; by rules when
            None.
        inside: What of a folder or archive it is, as `RawScan.inside`.
        given: Brain mask and transform of another program, as `RawScan.given`.
    """

    scan: ScanId
    path: Path
    source: str
    out: Path
    settings: PreprocessSettings
    series: int | str | None = None
    inside: tuple[str, ...] = ()
    given: tuple[Path, ...] = ()

    @cached_property
    def fingerprint(self) -> str:
        """Digest of all that the maps depend on: file, settings but limits, steps."""
        return self.fingerprint_with(self.settings.model_dump(mode="json"))

    @cached_property
    def source_digest(self) -> str:
        """Digest of what the scan is stored as."""
        return self.digest_now()

    def digest_now(self) -> str:
        """Digest the files as they are at this moment.

        Raises:
            ScanError: If one is not there or cannot be read; says why.
        """
        scan = source_digest(self.path, self.inside)
        if not self.given:
            return scan
        return fingerprint(scan, *(source_digest(path) for path in self.given))

    def fingerprint_with(
        self, settings: object, steps: int = STEPS_VERSION, *, series: bool = True
    ) -> str:
        """Digest what the scan's maps would depend on if other things were asked.

        Args:
            settings: All choices, as JSON has them; limits of quality do not count.
            steps: Version of the steps.
            series: Whether the DICOM series was chosen as it is now; by rules if not.
        """
        known = identity_of(settings) if isinstance(settings, Mapping) else settings
        return self._digest(known, steps, series=series)

    def may_have_made(
        self,
        made: object,
        settings: object,
        steps: int = STEPS_VERSION,
        *,
        series: bool = True,
    ) -> bool:
        """Whether a fingerprint is that of this file with such settings.

        Args:
            made: A fingerprint, of this version or of an earlier one, which digested
                the limits of quality with the rest.
            settings: As for `fingerprint_with`, and so the others.
            steps: Version of the steps.
            series: Whether the DICOM series was chosen as it is now; by rules if not.
        """
        return made in (
            self.fingerprint_with(settings, steps, series=series),
            self._digest(settings, steps, series=series),
        )

    def is_asked(self, record: MapRecord | None) -> TypeGuard[MapRecord]:
        """Whether maps are those that are asked for, whatever limits judged them.

        Args:
            record: Record of the maps; None where there is none.
        """
        if record is None:
            return False
        if record.fingerprint == self.fingerprint:
            return True
        asked = identity_of(self.settings.model_dump(mode="json"))
        alike = identity_of(record.settings) == asked
        return alike and self.may_have_made(record.fingerprint, record.settings)

    def _digest(self, settings: object, steps: int, *, series: bool) -> str:
        chosen = [] if self.series is None or not series else [self.series]
        return fingerprint(self.source_digest, settings, steps, *chosen)

    @property
    def sources(self) -> list[str]:
        """How the sidecars name all files that the maps are made from."""
        folder, _, _ = self.source.rpartition("/")
        names = [printable(path.name) for path in self.given]
        return [self.source, *(f"{folder}/{name}" for name in names)]

    @property
    def grid(self) -> tuple[str, int]:
        """Space and spacing, in mm, of the maps."""
        return (self.settings.space, self.settings.resolution)

    def map(self, desc: str, extension: str = ".nii.gz") -> Path:
        """Name one of the scan's maps; see `map_path`."""
        chosen = self.settings
        return map_path(
            self.out, self.scan, chosen.resolution, desc, extension, chosen.space
        )


def request_for(
    raw: RawScan, out: Path, settings: PreprocessSettings, root: Path | None = None
) -> ScanRequest:
    """Ask for the maps of a scan.

    Args:
        raw: The scan and its file.
        out: Folder of the derivatives.
        settings: Settings with all choices.
        root: Of the raw data set; none for a lone file. Sidecars name the source by
            its place in there, never by where it lies on this machine.
    """
    source = raw.path.name
    if root is not None:
        source = f"bids:raw:{raw.path.relative_to(root).as_posix()}"
    return ScanRequest(
        raw.scan,
        raw.path,
        printable(source),
        out,
        settings,
        raw.series,
        raw.inside,
        raw.given,
    )


def map_path(
    out: Path,
    scan: ScanId,
    resolution: int,
    desc: str,
    extension: str = ".nii.gz",
    space: str = SPACE,
) -> Path:
    """Name one of a scan's maps on the template grid.

    Args:
        out: Folder of the derivatives.
        scan: Identifier of the scan.
        resolution: Spacing of the grid, in mm.
        desc: ``preproc``, ``logjacobian`` or ``brain`` (the mask).
        extension: With its dot.
        space: Name of the template.
    """
    return derivative_path(
        out,
        scan,
        space=space,
        res=resolution,
        desc=desc,
        suffix="mask" if desc == "brain" else "T1w",
        extension=extension,
    )


def template_of(request: ScanRequest) -> Template:
    """Load the template on the grid of the maps."""
    return load_template(request.settings.resolution, request.settings.template)


def record_path(request: ScanRequest) -> Path:
    """Name the file whose presence says that a scan is done (the last one written)."""
    return request.map("logjacobian", ".json")


def grids_of(request: ScanRequest) -> set[tuple[str, int]]:
    """List the grids, space and spacing in mm, on which a scan has maps."""
    folder, label = record_path(request).parent, request.scan.label
    names = [p.name for p in folder.glob(f"{label}_space-*_desc-logjacobian_T1w.json")]
    found = [re.match(rf"{label}_space-(\w+?)_res-(\d+)_", name) for name in names]
    return {(named[1], int(named[2])) for named in found if named is not None}


MAPS: Final = ("brain", "preproc", "logjacobian")
"""``desc-`` of what a scan has; the sidecar of the last one is its record."""


def is_done(request: ScanRequest, *, by_digest: bool = False) -> bool:
    """Whether the scan's maps are there, made from this file with these settings.

    Args:
        request: Scan that is requested.
        by_digest: Whether all bytes are read; sizes are compared always.
    """
    if not request.is_asked(read_record(record_path(request))):
        return False
    return not lost_products(request, by_digest=by_digest)


def lost_products(request: ScanRequest, *, by_digest: bool = False) -> list[str]:
    """Say which files of a scan are not as its record says; arguments as `is_done`."""
    path = record_path(request)
    record = read_record(path)
    maps = [request.map(desc) for desc in MAPS]
    if record is None:
        return [f"{path.name} is no record of maps"] if path.exists() else []
    return faults_of(record, path, maps, by_digest=by_digest)
