"""Which files belong to which scan of the cohort."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import nibabel as nib
import numpy as np
import pandas as pd
from nibabel.filebasedimages import ImageFileError

from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import derivative_path, template_path
from crosswarp.errors import InputError, MissingDerivativeError, ScanError, ShapeError
from crosswarp.files import file_digest, fingerprint, read_json
from crosswarp.inputs.grid import Grid, brain_box, whole_box
from crosswarp.types.arrays import CroppedMap, ScalarMap

DESCRIPTIONS: Final = {"t1w": "preproc", "jsm": "logjacobian"}
"""``desc-`` of the files of each map."""

NAMED: Final = 5
"""Scans that one message names; the rest is counted."""

_TOLERANCE_MM: Final = 1e-3


@dataclass(frozen=True)
class Derivatives:
    """Where maps are, and which of them.

    Attributes:
        folder: That `crosswarp preprocess` wrote.
        space: Name of the template.
        resolution: Spacing of the maps, in mm.
    """

    folder: Path
    space: str
    resolution: int

    def path(self, scan: ScanId, desc: str) -> Path:
        """Name a map of a scan."""
        return derivative_path(
            self.folder, scan, space=self.space, res=self.resolution, desc=desc
        )

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
        scan: Whose.
        diagnosis: Clinical label.
        origin: ``real`` or ``virtual``.
        t1w: File of the aligned T1w image.
        jsm: File of the log-Jacobian map.
    """

    scan: ScanId
    diagnosis: str
    origin: str
    t1w: Path
    jsm: Path

    def digest(self) -> str:
        """Digest what the maps hold: from their sidecars, else from their bytes."""
        made = [_sidecar(path).get("Fingerprint") for path in (self.t1w, self.jsm)]
        parts = [
            fingerprint_of or file_digest(path)
            for fingerprint_of, path in zip(made, (self.t1w, self.jsm), strict=True)
        ]
        return fingerprint(*parts)


def find_samples(
    cohort: pd.DataFrame,
    derivatives: Derivatives,
    *,
    allow_missing: bool = False,
) -> list[ScanFiles]:
    """Find the maps of every scan of a cohort.

    Args:
        cohort: As `crosswarp.bids.cohort.read_cohort` returns it.
        derivatives: Where the maps are.
        allow_missing: Leave scans without maps out instead of refusing.

    Returns:
        One entry a scan, sorted.

    Raises:
        MissingDerivativeError: Naming the scans without maps.
    """
    found, absent = [], []
    for row in cohort.to_dict("records"):
        scan = ScanId.from_row(str(row["participant_id"]), row["session_id"])
        t1w, jsm = (derivatives.path(scan, desc) for desc in DESCRIPTIONS.values())
        if t1w.is_file() and jsm.is_file():
            labels = str(row["diagnosis"]), str(row.get("origin", "real"))
            found.append(ScanFiles(scan, *labels, t1w, jsm))
        else:
            absent.append(scan.label)
    if (absent and not allow_missing) or not found:
        more = len(absent) - NAMED
        rest = f" and {more} more" if more > 0 else ""
        msg = (
            f"{len(absent)} of {len(cohort)} scans have no maps in {derivatives.space}"
            f" at {derivatives.resolution} mm in {derivatives.folder}:"
            f" {', '.join(absent[:NAMED])}{rest}; {_advice(cohort, derivatives)}"
        )
        raise MissingDerivativeError(msg)
    return sorted(found, key=lambda files: files.scan)


def _advice(cohort: pd.DataFrame, derivatives: Derivatives) -> str:
    """Say what to do when maps are missing: often only the resolution is wrong."""
    first = cohort.iloc[0]
    scan = ScanId.from_row(str(first["participant_id"]), first["session_id"])
    for other in {1, 2} - {derivatives.resolution}:
        elsewhere = replace(derivatives, resolution=other)
        if elsewhere.path(scan, DESCRIPTIONS["jsm"]).is_file():
            return (
                f"there are maps at {other} mm: set resolution to {other}, or run"
                f" crosswarp preprocess with --resolution {derivatives.resolution}"
            )
    return (
        "run crosswarp preprocess, see its ledger.tsv, or go on without them with"
        " --allow-missing"
    )


def find_grid(
    samples: Sequence[ScanFiles],
    derivatives: Derivatives,
    *,
    crop: bool,
) -> Grid:
    """Read the grid from the first map's header, and the box from the template's mask.

    Args:
        samples: At least one.
        derivatives: Where the maps are.
        crop: Whether networks see only the box around the template's brain.

    Raises:
        MissingDerivativeError: If the template's brain mask is not there.
        ShapeError: If the mask is on another grid.
    """
    header = _load(samples[0].t1w)
    extent, affine = _extent(header, samples[0].t1w), np.asarray(header.affine)
    space, resolution = derivatives.space, derivatives.resolution
    whole = Grid(space, resolution, extent, affine, whole_box(extent))
    if not crop:
        return whole
    path = derivatives.brain_mask
    if not path.is_file():
        msg = f"cropping needs {path}; run crosswarp preprocess, or set crop to false"
        raise MissingDerivativeError(msg)
    mask = _load(path)
    check_grid(mask, whole, path)
    brain = np.asarray(mask.dataobj) > 0
    return Grid(space, resolution, extent, affine, brain_box(brain, affine))


def read_map(path: Path, grid: Grid) -> CroppedMap:
    """Read a map and cut the grid's box out.

    Returns:
        float32.

    Raises:
        ScanError: If the file cannot be read or holds NaN or infinity.
        ShapeError: If the map is on another grid.
    """
    stored = _load(path)
    check_grid(stored, grid, path)
    try:
        values: ScalarMap = np.asarray(stored.dataobj, dtype=np.float32)
    except (OSError, EOFError, ValueError) as error:
        msg = f"{path} is damaged ({error}); preprocess this scan again"
        raise ScanError(msg) from error
    if not np.isfinite(values).all():
        msg = f"{path} holds NaN or infinity; preprocess this scan again"
        raise ScanError(msg)
    return grid.crop(values)


def check_grid(stored: Any, grid: Grid, path: Path) -> None:  # noqa: ANN401 - nibabel
    """Refuse a map on another grid.

    Raises:
        ShapeError: Naming both grids.
    """
    extent = _extent(stored, path)
    same = np.allclose(stored.affine, grid.affine, atol=_TOLERANCE_MM)
    if extent != grid.extent or not same:
        msg = (
            f"{path} is on another grid than the first map: {extent} voxels"
            f" from {np.round(stored.affine[:3, 3], 3).tolist()} mm, not {grid.extent}"
            f" from {np.round(grid.affine[:3, 3], 3).tolist()} mm; preprocess all scans"
            " with the same settings"
        )
        raise ShapeError(msg)


def find_preprocessing(samples: Sequence[ScanFiles]) -> str | None:
    """Return the fingerprint of the settings that made all maps.

    Returns:
        None when the maps have no sidecar that says.

    Raises:
        InputError: If scans were made with different settings.
    """
    by_settings: dict[str | None, str] = {}
    for files in samples:
        settings = _sidecar(files.jsm).get("Settings")
        made = None if settings is None else fingerprint(settings)
        by_settings.setdefault(made, files.scan.label)
    if len(by_settings) > 1:
        msg = (
            "maps were made with different settings, for example those of"
            f" {' and '.join(list(by_settings.values())[:2])}; preprocess all scans"
            " with the same settings"
        )
        raise InputError(msg)
    return next(iter(by_settings), None)


def _sidecar(path: Path) -> dict[str, Any]:
    sidecar = path.with_name(path.name.removesuffix(".nii.gz") + ".json")
    return dict(read_json(sidecar)) if sidecar.is_file() else {}


def _load(path: Path) -> Any:  # noqa: ANN401 - nibabel is untyped
    try:
        return nib.load(path)
    except (ImageFileError, OSError, EOFError) as error:
        msg = f"{path} cannot be read ({error}); preprocess this scan again"
        raise ScanError(msg) from error


def _extent(stored: Any, path: Path) -> tuple[int, int, int]:  # noqa: ANN401
    if len(stored.shape) != 3:
        msg = f"{path} must have three axes, it has the shape {stored.shape}"
        raise ShapeError(msg)
    i, j, k = (int(n) for n in stored.shape)
    return (i, j, k)
