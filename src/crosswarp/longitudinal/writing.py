"""The files of a pair: maps, template of the person, picture, and the record."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import nibabel as nib
import numpy as np

from crosswarp.bids.names import CHANGE
from crosswarp.figures.scan import draw_over_template
from crosswarp.files import remove_unfinished, write_json, written_whole
from crosswarp.longitudinal.change import Change
from crosswarp.longitudinal.request import PairRequest
from crosswarp.longitudinal.template import midpoint
from crosswarp.preprocessing.request import template_of
from crosswarp.preprocessing.scan import write_map
from crosswarp.provenance import write_record
from crosswarp.types.arrays import FinerMap, Mask, SpatialMap

SIGN: Final = (
    "natural logarithm of the local volume at the later scan over that at the first;"
    " below 0 where volume was lost, above 0 where it grew; head size is the scanner's"
)


NAME: Final = "log volume change"


@dataclass(frozen=True)
class Made:
    """What a pair becomes.

    Attributes:
        change: What changed, in the midspace.
        halves: Both scans halfway, and the brain on their grid.
        on_template: Map of change on the template's grid.
        regions: A row for each region; empty where the atlas does not lie.
        notes: Sentences on what makes the change less certain.
    """

    change: Change
    halves: tuple[SpatialMap, SpatialMap, Mask]
    on_template: FinerMap
    regions: Sequence[Mapping[str, Any]]
    notes: Sequence[str]


def remove_older(request: PairRequest) -> None:
    """Remove what an earlier run made of other scans or settings, the record first."""
    request.on_template(".json").unlink(missing_ok=True)
    for path in (*_products(request), *_sidecars(request)):
        path.unlink(missing_ok=True)
    for folder in (request.on_template().parent, request.picture.parent):
        remove_unfinished(folder)


def write_pair(request: PairRequest, made: Made) -> None:
    """Write all files of a pair, and the record last."""
    first, later, brain = made.halves
    _write(request.at_midpoint("template"), midpoint(first, later))
    _write(
        request.at_midpoint("brain"),
        SpatialMap(brain.astype(np.float32), first.affine),
        np.uint8,
    )
    there = made.change.midspace
    inside = np.where(there.brain, made.change.log_change, 0).astype(np.float32)
    _write(request.at_midpoint(CHANGE), SpatialMap(inside, there.grid.affine))
    template = template_of(request.later)
    on_template = SpatialMap(made.on_template, template.brain.affine)
    write_map(request.on_template(), on_template)
    _draw(request, on_template)
    for path, text in zip(_sidecars(request), _TEXTS, strict=True):
        write_json(path, {"Description": text, "SkullStripped": False})
    _record(request, made)


_TEXTS: Final = (
    "mean of two scans of one person, each brought halfway and interpolated once",
    "brain of either scan, halfway",
    SIGN,
)


def _products(request: PairRequest) -> list[Path]:
    midpoint_maps = [request.at_midpoint(d) for d in ("template", "brain", CHANGE)]
    return [request.on_template(), *midpoint_maps, request.picture]


def _sidecars(request: PairRequest) -> list[Path]:
    return [request.at_midpoint(d, ".json") for d in ("template", "brain", CHANGE)]


def _write(path: Path, source: SpatialMap, dtype: type = np.float32) -> None:
    image = nib.Nifti1Image(source.values.astype(dtype), source.affine)
    image.set_sform(source.affine, code="aligned")
    image.set_qform(source.affine, code="aligned")
    image.header.set_xyzt_units("mm")
    with written_whole(path) as temporary:
        nib.save(image, temporary)


def _draw(request: PairRequest, signed: SpatialMap) -> None:
    template = template_of(request.later)
    mask = SpatialMap(template.mask.astype(np.float32), template.brain.affine)
    figure = draw_over_template(
        signed, template.brain, mask, ("lost since the first scan", "grown"), NAME
    )
    session = request.first.scan.session_id
    figure.suptitle(f"{request.label}: change since {session}")
    with written_whole(request.picture) as temporary:
        figure.savefig(temporary, dpi=110)


def _record(request: PairRequest, made: Made) -> None:
    path = request.on_template(".json")
    names = [
        Path(os.path.relpath(each, path.parent)).as_posix()
        for each in (*_products(request), *_sidecars(request))
    ]
    first = request.first.scan
    content = {
        "Description": f"{SIGN}; 0 outside the template's brain",
        "Sources": [*request.first.sources, *request.later.sources],
        "SpatialReference": template_of(request.later).source,
        "FirstSession": first.session_id,
        "LaterSession": request.later.scan.session_id,
        "FirstFingerprint": request.first.fingerprint,
        "LaterFingerprint": request.later.fingerprint,
        "IntervalYears": request.years,
        "IntervalFrom": request.source,
        "Correlation": made.change.midspace.correlation,
        "Notes": list(made.notes),
        "Settings": request.settings.model_dump(mode="json"),
        "Fingerprint": request.fingerprint,
        "Regions": [dict(row) for row in made.regions],
    }
    sources = {
        "first": request.first.source_digest,
        "later": request.later.source_digest,
    }
    write_record(path, content, products=names, sources=sources)
