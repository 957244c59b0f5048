"""Two visits of one person: what changed, written beside the ordinary maps."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from crosswarp.atlas import load_atlas
from crosswarp.errors import ScanError
from crosswarp.execution.child import tell
from crosswarp.files import storage_named
from crosswarp.longitudinal.change import Change, change_between, meet
from crosswarp.longitudinal.nulls import null_changes
from crosswarp.longitudinal.rates import Spread, percent, spread_of
from crosswarp.longitudinal.reading import ReadVisit, read_visit
from crosswarp.longitudinal.regions import (
    carrier,
    change_map,
    log_ratios,
    region_volumes,
)
from crosswarp.longitudinal.request import PairRequest
from crosswarp.longitudinal.template import both_halfway
from crosswarp.longitudinal.writing import Made, remove_older, write_pair
from crosswarp.preprocessing.request import template_of
from crosswarp.types.grid import SPACE

LEAST_CORRELATION: Final = 0.85
"""Of two scans in their midspace; below, they are not of one head
(docs/measured/longitudinal.md)."""

ALIKE_MM: Final = 0.05
"""Difference of two spacings that is no difference."""


@dataclass(frozen=True)
class PairResult:
    """What a pair's process sends back.

    Attributes:
        correlation: Of both scans in their midspace.
        notes: Sentences on what makes the change less certain.
        cpu_seconds: Processor time of the whole.
    """

    correlation: float
    notes: tuple[str, ...]
    cpu_seconds: float


def compare_visits(request: PairRequest) -> PairResult:
    """Make and write the change between two visits of a person.

    Args:
        request: Both visits, the settings, and the time between them.

    Raises:
        ScanError: If the scans are not of one head, or cannot be read.
    """
    started = time.process_time()
    with storage_named(request.out):
        remove_older(request)
    tell("bias correction")
    visits = read_visit(request.first), read_visit(request.later)
    tell("midspace")
    first, later = (read.visit for read in visits)
    space = meet(first, later, request.settings)
    if space.correlation < LEAST_CORRELATION:
        msg = (
            f"{request.first.scan.session_id} and {request.later.scan.session_id} do"
            f" not look like one head: they correlate by {space.correlation:.3f}, one"
            f" person's by {LEAST_CORRELATION} or more; check whose scans they are"
        )
        raise ScanError(msg)
    tell("change")
    change = change_between(first, later, request.settings, space)
    halves = both_halfway(first, later, change, request.settings.midpoint_spacing)
    tell("intervals")
    table, map_on_template = _measured(request, visits, change, halves)
    notes = (*request.notes, *differences(visits))
    made = Made(change, halves, map_on_template, table, notes)
    with storage_named(request.out):
        write_pair(request, made)
    return PairResult(space.correlation, notes, round(time.process_time() - started, 1))


def differences(visits: Sequence[ReadVisit]) -> list[str]:
    """Say how two scans were made otherwise."""
    first, later = visits
    said = []
    apart = np.abs(np.sort(first.spacing) - np.sort(later.spacing))
    if apart.max() > ALIKE_MM:
        one, other = (" x ".join(f"{mm:.2f}" for mm in read.spacing) for read in visits)
        said.append(f"the scans have other voxels ({one} and {other} mm)")
    if first.scanner != later.scanner and first.scanner and later.scanner:
        said.append(f"other scanners ({first.scanner} and {later.scanner})")
    return said


def _measured(
    request: PairRequest,
    visits: Sequence[ReadVisit],
    change: Change,
    halves: Any,  # noqa: ANN401 - both scans and the brain
) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Measure the regions, and carry the map of change to the template."""
    template = template_of(request.first)
    grid = template.brain
    carriers = [
        carrier(read.registration, grid, to_scan, change)
        for read, to_scan in zip(visits, change.midspace.to_scans, strict=True)
    ]
    on_template = change_map(change, carriers, template.mask)
    if request.first.settings.space != SPACE:
        return [], on_template
    labels, regions = load_atlas(grid.extent, grid.affine)
    numbers = [region.label for region in regions]
    volumes = region_volumes(change, carriers, labels, numbers)
    nulls = np.stack(
        [
            log_ratios(region_volumes(null, carriers, labels, numbers))
            for null in null_changes(halves[:2], halves[2], change, request.settings)
        ]
    )
    # Both sides of a structure follow each other in the atlas's table.
    partners = [n + 1 if n % 2 == 0 else n - 1 for n in range(len(regions))]
    spread = spread_of(nulls, partners)
    names = [(region.name, region.hemisphere) for region in regions]
    return region_rows(names, volumes, spread, request.years), on_template


def region_rows(
    names: Sequence[tuple[str, str]],
    volumes: np.ndarray,
    spread: Spread,
    years: float | None,
) -> list[dict[str, Any]]:
    """Put what is known of each region into rows.

    Args:
        names: Structure and hemisphere of each region.
        volumes: First and later volume of each, in mm^3.
        spread: What the estimate finds without change.
        years: Between the scans; None where it is not known.
    """
    logs, half = log_ratios(volumes), spread.half_width
    rows = []
    for n, (name, side) in enumerate(names):
        ends = [logs[n], logs[n] - half[n], logs[n] + half[n]]
        row: dict[str, Any] = {
            "region": name,
            "hemisphere": side,
            "volume_mm3": float(volumes[n].mean()),
            "log_change": float(logs[n]),
            **_three("change_percent", ends),
        }
        if years is not None:
            row |= _three("percent_a_year", [end / years for end in ends])
        rows.append(row)
    return rows


def _three(name: str, logs: Sequence[float]) -> Mapping[str, float]:
    values = [float(percent(log)) for log in logs]
    return dict(zip((name, f"{name}_low", f"{name}_high"), values, strict=True))
