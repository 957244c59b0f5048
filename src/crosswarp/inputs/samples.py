"""Which files belong to which scan of the cohort."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from crosswarp.bids.ids import ScanId
from crosswarp.bids.ledger import LEDGER, refused_by_quality
from crosswarp.bids.matching import match_ids
from crosswarp.bids.names import LONGEST, derivative_path, name_fault, template_path
from crosswarp.bids.volumes import Volume, open_volume
from crosswarp.documents import read_record
from crosswarp.errors import InputError, MissingDerivativeError, ScanError, ShapeError
from crosswarp.files import file_digest, fingerprint
from crosswarp.inputs.grid import Grid, brain_box, whole_box
from crosswarp.preprocessing.kept import settings_digest
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

    def has(self, scan: ScanId, desc: str) -> bool:
        """Whether a map of a scan is there.

        A name that no file can have has none; asking the system for it would fail.
        """
        return not name_fault(scan) and self.path(scan, desc).is_file()

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
        t1w: File of the aligned T1w image.
        jsm: File of the log-Jacobian map.
    """

    scan: ScanId
    diagnosis: str
    origin: str
    t1w: Path
    jsm: Path

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what was read, so that it is not sent to every worker."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @cached_property
    def sidecars(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Sidecars of the T1w image and of the log-Jacobian map, read once."""
        return _sidecar(self.t1w), _sidecar(self.jsm)

    def digest(self) -> str:
        """Digest what the maps hold: from their sidecars, else from their bytes."""
        made = [sidecar.get("Fingerprint") for sidecar in self.sidecars]
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
    any_quality: bool = False,
) -> list[ScanFiles]:
    """Find the maps of every scan of a cohort.

    Maps that the quality control refuses, by the ledger, count as missing.

    Args:
        cohort: As `crosswarp.bids.cohort.read_cohort` returns it.
        derivatives: Where the maps are.
        allow_missing: Leave scans without maps out instead of refusing.
        any_quality: Take maps that the quality control refuses, too: a run that has
            used them may be older than its limits.

    Returns:
        One entry a scan, sorted.

    Raises:
        MissingDerivativeError: Naming the scans without maps.
    """
    found, absent = [], []
    place = (derivatives.space, derivatives.resolution)
    ledger = derivatives.folder / LEDGER
    refused = set() if any_quality else refused_by_quality(ledger, *place)
    for row in cohort.to_dict("records"):
        scan = ScanId.from_row(str(row["participant_id"]), row["session_id"])
        t1w, jsm = (derivatives.path(scan, desc) for desc in DESCRIPTIONS.values())
        there = all(derivatives.has(scan, desc) for desc in DESCRIPTIONS.values())
        if there and scan not in refused:
            labels = str(row["diagnosis"]), str(row.get("origin", "real"))
            found.append(ScanFiles(scan, *labels, t1w, jsm))
        else:
            absent.append(f"{scan.label:.{LONGEST}}")
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
    folders = [path.name for path in derivatives.folder.glob("sub-*")]
    people = set(cohort["participant_id"])
    for name, there in match_ids(people, folders, "sub-").respelt.items():
        return f"there are maps of {there}: is it {name} in the cohort table?"
    first = cohort.iloc[0]
    scan = ScanId.from_row(str(first["participant_id"]), first["session_id"])
    for other in {1, 2} - {derivatives.resolution}:
        elsewhere = replace(derivatives, resolution=other)
        if elsewhere.has(scan, DESCRIPTIONS["jsm"]):
            return (
                f"there are maps at {other} mm: set resolution to {other}, or run"
                f" crosswarp preprocess with `resolution={derivatives.resolution}`"
            )
    return (
        f"run crosswarp preprocess, see its {LEDGER}, or go on without them with"
        " `allow_missing=True`"
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
    first = open_volume(samples[0].t1w)
    extent, affine = _extent(first), first.affine
    space, resolution = derivatives.space, derivatives.resolution
    whole = Grid(space, resolution, extent, affine, whole_box(extent))
    if not crop:
        return whole
    path = derivatives.brain_mask
    if not path.is_file():
        msg = f"cropping needs {path}; run crosswarp preprocess, or set crop to false"
        raise MissingDerivativeError(msg)
    mask = open_volume(path, "run crosswarp preprocess again")
    check_grid(mask, whole)
    brain = mask.values() > 0
    return Grid(space, resolution, extent, affine, brain_box(brain, affine))


def read_map(path: Path, grid: Grid) -> CroppedMap:
    """Read a map and cut the grid's box out.

    Returns:
        The map as float32.

    Raises:
        ScanError: If the file cannot be read or holds NaN or infinity.
        ShapeError: If the map is on another grid.
    """
    stored = open_volume(path)
    check_grid(stored, grid)
    values: ScalarMap = stored.values()
    if not np.isfinite(values).all():
        msg = f"{path} holds NaN or infinity; preprocess this scan again"
        raise ScanError(msg)
    return grid.crop(values)


def check_grid(stored: Volume, grid: Grid) -> None:
    """Refuse a map on another grid.

    Raises:
        ShapeError: Naming both grids.
    """
    extent = _extent(stored)
    same = np.allclose(stored.affine, grid.affine, atol=_TOLERANCE_MM)
    if extent != grid.extent or not same:
        msg = (
            f"{stored.path} is on another grid than the first map: {extent} voxels"
            f" from {np.round(stored.affine[:3, 3], 3).tolist()} mm, not {grid.extent}"
            f" from {np.round(grid.affine[:3, 3], 3).tolist()} mm; preprocess all scans"
            " with the same settings"
        )
        raise ShapeError(msg)


def find_preprocessing(samples: Sequence[ScanFiles]) -> str | None:
    """Return the fingerprint of the settings that made all maps.

    Limits of the quality control do not count: they change no map.

    Returns:
        None when the maps have no sidecar that says.

    Raises:
        InputError: If scans were made with different settings.
    """
    by_settings: dict[str | None, str] = {}
    for files in samples:
        settings = files.sidecars[1].get("Settings")
        made = None if settings is None else settings_digest(settings)
        by_settings.setdefault(made, files.scan.label)
    if len(by_settings) > 1:
        msg = (
            "maps were made with different settings, for example those of"
            f" {' and '.join(list(by_settings.values())[:2])}; preprocess all scans"
            " with the same settings"
        )
        raise InputError(msg)
    return next(iter(by_settings), None)


def read_settings_of(files: ScanFiles) -> dict[str, Any]:
    """Read the settings of preprocessing that made a scan's log-Jacobian map.

    Returns:
        Empty when the map has no sidecar that says.
    """
    settings = files.sidecars[1].get("Settings")
    return settings if isinstance(settings, dict) else {}


def _sidecar(path: Path) -> dict[str, Any]:
    sidecar = path.with_name(path.name.removesuffix(".nii.gz") + ".json")
    if not sidecar.is_file():
        return {}
    return read_record(sidecar, "preprocess this scan again")


def _extent(stored: Volume) -> tuple[int, int, int]:
    if len(stored.shape) != 3:
        msg = f"{stored.path} must have three axes, it has the shape {stored.shape}"
        raise ShapeError(msg)
    i, j, k = (int(n) for n in stored.shape)
    return (i, j, k)
