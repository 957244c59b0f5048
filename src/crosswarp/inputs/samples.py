"""Which files belong to which scan of the cohort."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from crosswarp.bids.ids import ScanId
from crosswarp.bids.ledger import LEDGER, refused_by_quality
from crosswarp.bids.matching import match_ids
from crosswarp.bids.names import LONGEST
from crosswarp.bids.volumes import Volume, open_volume
from crosswarp.errors import MissingDerivativeError, ScanError, ShapeError
from crosswarp.inputs.grid import Grid, brain_box, whole_box
from crosswarp.inputs.joined import check_joined
from crosswarp.inputs.scan_files import DESCRIPTIONS, Derivatives, ScanFiles
from crosswarp.types.arrays import CroppedMap, ScalarMap
from crosswarp.types.maps import of_two_scans

NAMED: Final = 5
"""Scans that one message names; the rest is counted."""

_TOLERANCE_MM: Final = 1e-3


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
        InputError: If a map of change is not of the scan whose other map is there.
    """
    found, absent = [], []
    place = (derivatives.space, derivatives.resolution)
    ledger = derivatives.folder / LEDGER
    refused = set() if any_quality else refused_by_quality(ledger, *place)
    for row in cohort.to_dict("records"):
        scan = ScanId.from_row(str(row["participant_id"]), row["session_id"])
        wanted = {*derivatives.descriptions.values(), *DESCRIPTIONS.values()}
        there = all(derivatives.has(scan, desc) for desc in wanted)
        if there and scan not in refused:
            labels = str(row["diagnosis"]), str(row.get("origin", "real"))
            found.append(_belonging(derivatives.files(scan, *labels)))
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


def _belonging(files: ScanFiles) -> ScanFiles:
    """Return a scan whose maps belong together; refuse it otherwise."""
    if of_two_scans(files.maps):
        a_year = files.maps[1] == "rate"
        check_joined(files.scan, files.record, files.sidecars[1], a_year=a_year)
    return files


def _advice(cohort: pd.DataFrame, derivatives: Derivatives) -> str:
    """Say what to do when maps are missing: often only the resolution is wrong."""
    folders = [path.name for path in derivatives.folder.glob("sub-*")]
    people = set(cohort["participant_id"])
    for name, there in match_ids(people, folders, "sub-").respelt.items():
        return f"there are maps of {there}: is it {name} in the cohort table?"
    if of_two_scans(derivatives.maps):
        return (
            "a map of change is of a later session: leave the scans of participants"
            " with one session out of the cohort table or take `allow_missing=True`,"
            " and run crosswarp preprocess with `longitudinal=True`"
        )
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


def read_maps(files: ScanFiles, grid: Grid) -> tuple[CroppedMap, CroppedMap]:
    """Read the two maps that networks see of a scan; see `read_map`."""
    first, second = (read_map(path, grid) for path in (files.t1w, files.jsm))
    rate: CroppedMap = second / np.float32(files.years)
    return first, second if files.years == 1 else rate


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


def _extent(stored: Volume) -> tuple[int, int, int]:
    if len(stored.shape) != 3:
        msg = f"{stored.path} must have three axes, it has the shape {stored.shape}"
        raise ShapeError(msg)
    i, j, k = (int(n) for n in stored.shape)
    return (i, j, k)
