"""Maps that the pictures need, from the folder of derivatives."""

from pathlib import Path
from typing import TYPE_CHECKING

from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import template_path
from crosswarp.bids.volumes import open_volume
from crosswarp.errors import CrosswarpError, MissingDerivativeError, ScanError
from crosswarp.inputs.scan_files import Derivatives
from crosswarp.study.run import require_maps
from crosswarp.types.arrays import ScalarMap, SpatialMap

if TYPE_CHECKING:
    # The page of one scan has no run, and need not load what evaluates one.
    from crosswarp.report.run import Run

PREPROCESSED = "preproc"
LOG_JACOBIAN = "logjacobian"


def read_map(path: Path) -> SpatialMap:
    """Read a map on the template grid.

    Raises:
        ScanError: If the file cannot be read or is not three-dimensional.
    """
    try:
        stored = open_volume(path)
        values: ScalarMap = stored.values()
    except ScanError as error:
        # The page says nothing of the machine's folders.
        fault = str(error).replace(str(path), path.name)
        msg = f"{path.name} is not a readable NIfTI file: {fault}"
        raise ScanError(msg) from error
    if values.ndim != 3:
        msg = f"{path.name} should have three axes, got {values.ndim}"
        raise ScanError(msg)
    return SpatialMap(values, stored.affine)


def map_path(run: "Run", scan: ScanId, desc: str) -> Path:
    """Name the file of a scan's map at the run's resolution.

    Raises:
        MissingDerivativeError: If the derivatives are not where they were.
        MixedError: If the scan's maps are not those that the run was trained on.
    """
    chosen, folder = run.experiment, run.linked("derivatives")
    maps = Derivatives(folder, *chosen.grid, chosen.maps)
    files = maps.files(scan)
    if files.t1w.is_file() and files.jsm.is_file() and run.record.maps:
        require_maps(run.record, {scan.label: files.digest()})
    return maps.path(scan, desc)


def space(run: "Run") -> str:
    """Name of the template that the run's maps lie on."""
    return run.experiment.grid[0]


def resolution(run: "Run") -> int:
    """Spacing of the run's grid, in millimetres."""
    return run.experiment.grid[1]


def template_map(run: "Run", suffix: str) -> SpatialMap | None:
    """Read the template's ``T1w`` or brain ``mask``; None when it is not there."""
    root = run.linked("derivatives")
    path = template_path(
        root, space=space(run), res=resolution(run), desc="brain", suffix=suffix
    )
    return read_map(path) if path.is_file() else None


def template_map_or_none(run: "Run", suffix: str) -> SpatialMap | None:
    """Read a map of the template; None, too, where the derivatives are elsewhere."""
    try:
        return template_map(run, suffix)
    except CrosswarpError:
        return None


def example_scan(run: "Run") -> tuple[ScanId, str]:
    """Choose the scan to show: the first of the positive class, never a nice one.

    Returns:
        The scan and its diagnosis.
    """
    tested = run.tested
    for _, row in tested[tested["diagnosis"] == run.predictions.positive].iterrows():
        scan = ScanId.from_row(row["participant_id"], row["session_id"])
        if all(
            map_path(run, scan, desc).is_file() for desc in (PREPROCESSED, LOG_JACOBIAN)
        ):
            return scan, str(row["diagnosis"])
    msg = f"no maps of a tested {run.predictions.positive} scan in the derivatives"
    raise MissingDerivativeError(msg)
