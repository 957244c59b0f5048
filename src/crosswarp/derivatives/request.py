"""What is asked of one scan, where its maps go, and whether they are there."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import derivative_path
from crosswarp.bids.raw import RawScan
from crosswarp.derivatives.settings import SPACE, STEPS_VERSION, PreprocessSettings
from crosswarp.derivatives.source import source_digest
from crosswarp.derivatives.template import Template, load_template
from crosswarp.files import fingerprint, read_json


@dataclass(frozen=True)
class ScanRequest:
    """One scan to do; small, so that it can be sent to a worker process.

    Attributes:
        scan: Whose it is.
        path: The raw file.
        source: How the sidecars name the raw file (a BIDS path or a file name).
        out: Folder of the derivatives.
        settings: All choices.
        series: Number of the DICOM series to take; by rules when None.
    """

    scan: ScanId
    path: Path
    source: str
    out: Path
    settings: PreprocessSettings
    series: int | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Digest of all that the maps depend on: the file, settings, the steps."""
        chosen = [] if self.series is None else [self.series]
        return fingerprint(
            source_digest(self.path),
            self.settings.model_dump(mode="json"),
            STEPS_VERSION,
            *chosen,
        )

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
        settings: All choices.
        root: Of the raw data set; none for a lone file. Sidecars name the source by
            its place in there, never by where it lies on this machine.
    """
    source = raw.path.name
    if root is not None:
        source = f"bids:raw:{raw.path.relative_to(root).as_posix()}"
    return ScanRequest(raw.scan, raw.path, source, out, settings, raw.series)


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
        scan: Whose.
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


def is_done(request: ScanRequest) -> bool:
    """Whether the scan's maps are there, made from this file with these settings."""
    record = record_path(request)
    maps = [record.with_suffix("").with_suffix(".nii.gz")]
    if not record.is_file() or not all(path.is_file() for path in maps):
        return False
    return bool(read_json(record).get("Fingerprint") == request.fingerprint)
