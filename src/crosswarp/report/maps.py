"""Maps that the pictures need, from the folder of derivatives."""

from pathlib import Path
from zlib import error as ZlibError

import nibabel as nib
import numpy as np
from nibabel.filebasedimages import ImageFileError

from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import derivative_path, template_path
from crosswarp.errors import CrosswarpError, MissingDerivativeError, ScanError
from crosswarp.report.run import Run
from crosswarp.types.arrays import SpatialMap

SPACE = "MNI152NLin2009cSym"

PREPROCESSED = "preproc"
LOG_JACOBIAN = "logjacobian"


def read_map(path: Path) -> SpatialMap:
    """Read a map on the template grid.

    Raises:
        ScanError: If the file cannot be read or is not three-dimensional.
    """
    try:
        image = nib.load(path)
        values = np.asarray(image.dataobj, dtype=np.float32)
    except (ImageFileError, OSError, EOFError, ZlibError, ValueError) as error:
        msg = f"{path.name} is not a readable NIfTI file ({error}); make it again"
        raise ScanError(msg) from error
    if values.ndim != 3:
        msg = f"{path.name} should have three axes, got {values.ndim}"
        raise ScanError(msg)
    return SpatialMap(values, np.asarray(image.affine, dtype=np.float64))


def map_path(run: Run, scan: ScanId, desc: str) -> Path:
    """Name the file of a scan's map at the run's resolution."""
    return derivative_path(
        run.linked("derivatives"),
        scan,
        space=space(run),
        res=resolution(run),
        desc=desc,
    )


def space(run: Run) -> str:
    """Name of the template that the run's maps lie on."""
    return str(run.experiment.get("space", SPACE))


def resolution(run: Run) -> int:
    """Spacing of the run's grid, in millimetres."""
    return int(run.experiment.get("resolution", 1))


def template_map(run: Run, suffix: str) -> SpatialMap | None:
    """Read the template's ``T1w`` or brain ``mask``; None when it is not there."""
    root = run.linked("derivatives")
    path = template_path(
        root, space=space(run), res=resolution(run), desc="brain", suffix=suffix
    )
    return read_map(path) if path.is_file() else None


def template_map_or_none(run: Run, suffix: str) -> SpatialMap | None:
    """Read a map of the template; None, too, where the derivatives are elsewhere."""
    try:
        return template_map(run, suffix)
    except CrosswarpError:
        return None


def example_scan(run: Run) -> tuple[ScanId, str]:
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
