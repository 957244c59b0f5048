"""One scan from its file to its derivatives on disk."""

import importlib.metadata
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import nibabel as nib
import numpy as np

from crosswarp.bids.dataset import RawScan
from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import derivative_path, figure_path, transform_path
from crosswarp.derivatives.maps import ScanMaps, make_maps
from crosswarp.derivatives.quality import Verdict, judge, sentences, worst
from crosswarp.derivatives.settings import STEPS_VERSION, PreprocessSettings
from crosswarp.derivatives.source import read_source, source_digest
from crosswarp.derivatives.template import SOURCE, SPACE, Template, load_template
from crosswarp.errors import QualityError, StorageError
from crosswarp.figures.scan import Registered, draw_scan
from crosswarp.files import (
    fingerprint,
    read_json,
    storage_named,
    write_json,
    written_whole,
)
from crosswarp.types.arrays import SpatialMap

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
    out: Path, scan: ScanId, resolution: int, desc: str, extension: str = ".nii.gz"
) -> Path:
    """Name one of a scan's maps on the template grid.

    Args:
        out: Folder of the derivatives.
        scan: Whose.
        resolution: Spacing of the grid, in mm.
        desc: ``preproc``, ``logjacobian`` or ``brain`` (the mask).
        extension: With its dot.
    """
    return derivative_path(
        out,
        scan,
        space=SPACE,
        res=resolution,
        desc=desc,
        suffix="mask" if desc == "brain" else "T1w",
        extension=extension,
    )


def record_path(request: ScanRequest) -> Path:
    """Name the file whose presence says that a scan is done (the last one written)."""
    return map_path(
        request.out, request.scan, request.settings.resolution, "logjacobian", ".json"
    )


def is_done(request: ScanRequest) -> bool:
    """Whether the scan's maps are there, made from this file with these settings."""
    record = record_path(request)
    maps = [record.with_suffix("").with_suffix(".nii.gz")]
    if not record.is_file() or not all(path.is_file() for path in maps):
        return False
    return bool(read_json(record).get("Fingerprint") == request.fingerprint)


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
    found_by = request.settings.brain_mask
    try:
        with storage_named(request.out):
            _remove_older(request)
        scan = read_source(request.path, request.series)
        maps = make_maps(scan, request.settings)
        with storage_named(request.out):
            refused = _write(request, maps)
    except QualityError as error:
        return ScanResult(error.numbers, found_by, str(error))
    except StorageError as error:
        return ScanResult({}, found_by, str(error), by_machine=True)
    return ScanResult(maps.quality.as_row(), found_by, refused)


def _write(request: ScanRequest, maps: ScanMaps) -> str:
    """Write the picture and, unless a number forbids it, the rest; return why not."""
    _write_picture(request, maps, load_template(request.settings.resolution))
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
    resolution = request.settings.resolution
    record_path(request).unlink(missing_ok=True)
    for desc in DESCRIPTIONS:
        for extension in (".nii.gz", ".json"):
            map_path(request.out, request.scan, resolution, desc, extension).unlink(
                missing_ok=True
            )
    figure_path(request.out, request.scan, "qc").unlink(missing_ok=True)


def _write_maps(request: ScanRequest, maps: ScanMaps) -> None:
    resolution = request.settings.resolution
    brain = SpatialMap(maps.brain.astype(np.float32), maps.t1w.affine)
    contents = {
        "brain": (brain, np.uint8),
        "preproc": (maps.t1w, np.float32),
        "logjacobian": (maps.log_jacobian, np.float32),
    }
    # The sidecar of the last map is what `is_done` looks at.
    for desc, description in DESCRIPTIONS.items():
        write_map(
            map_path(request.out, request.scan, resolution, desc), *contents[desc]
        )
        write_json(
            map_path(request.out, request.scan, resolution, desc, ".json"),
            _sidecar(request, maps, description),
        )


def _sidecar(request: ScanRequest, maps: ScanMaps, description: str) -> dict[str, Any]:
    judgements = judge(maps.quality.as_row(), request.settings.limits)
    return {
        "Description": description,
        "Sources": [request.source],
        "SpatialReference": SOURCE,
        "Resolution": f"{request.settings.resolution} mm isotropic",
        "SkullStripped": True,
        "BrainMask": request.settings.brain_mask,
        "Settings": request.settings.model_dump(mode="json"),
        "Fingerprint": request.fingerprint,
        "Versions": _versions(),
        "QualityVerdict": worst(judgements).value,
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
    text = transform_path(out, scan, space=SPACE, extension=".txt")
    with written_whole(text) as temporary:
        np.savetxt(temporary, maps.registration.affine, fmt="%.9g")
    # NIfTI's vector intent: five axes, the fourth of length one.
    field = maps.registration.displacement[:, :, :, np.newaxis].astype(np.float32)
    grid = load_template(request.settings.registration.resolution).brain.affine
    image = nib.Nifti1Image(field, grid)
    image.header.set_intent("vector", (), "RAS+ mm")
    image.header.set_xyzt_units("mm")
    _write_image(transform_path(out, scan, space=SPACE, extension=".nii.gz"), image)


def _write_picture(request: ScanRequest, maps: ScanMaps, template: Template) -> None:
    mask = SpatialMap(template.mask.astype(np.float32), template.brain.affine)
    registered = Registered(maps.registered, template.brain)
    figure = draw_scan(maps.t1w, maps.log_jacobian, mask, registered=registered)
    figure.suptitle(request.scan.label)
    with written_whole(figure_path(request.out, request.scan, "qc")) as temporary:
        figure.savefig(temporary, dpi=110)
