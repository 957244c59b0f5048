"""From a transform's file to a map with its sidecar."""

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import nibabel as nib
import numpy as np

from crosswarp.bids.volumes import MOST_VALUES, open_volume
from crosswarp.documents import read_object
from crosswarp.errors import InputError, OccupiedError
from crosswarp.files import file_digest, printable, written_whole
from crosswarp.makers import PROGRAM
from crosswarp.provenance import begin_record, write_record
from crosswarp.registration.foreign.plausible import check_with
from crosswarp.registration.foreign.recognise import (
    check_names,
    read_transform,
    recognised,
)
from crosswarp.registration.foreign.steps import ForeignTransform
from crosswarp.registration.foreign.table import FORMATS
from crosswarp.registration.foreign.vectors import is_nifti
from crosswarp.registration.foreign.volume_change import (
    VolumeChange,
    steps_of,
    volume_change,
)
from crosswarp.types.arrays import SpatialMap

SIGN: Final = (
    "natural logarithm of the Jacobian determinant of the map from the reference's"
    " points to the registered image's; above 0 where the registered image is locally"
    " larger than the reference, below 0 where smaller"
)

DESCRIPTION: Final = "log-Jacobian of a transform"


@dataclass(frozen=True)
class TransformAsked:
    """Which transform is turned into a map, and how.

    Attributes:
        path: Path of the transform.
        reference: Path of the image that the other one was registered to.
        format: Name of the format; found out by the file when None.
        affine: Path of an affine that belongs to the warp, in the same format; its
            volume change is added. None to add none.
        keep_affine: Whether the volume change of affines within the file stays.
        moving: Path of the image that was registered, which tells whether the
            transform goes the right way; None to take its word.
    """

    path: Path
    reference: Path
    format: str | None = None
    affine: Path | None = None
    keep_affine: bool = False
    moving: Path | None = None


def change_of(asked: TransformAsked) -> tuple[VolumeChange, ForeignTransform]:
    """Compute the map of a transform.

    Args:
        asked: Transform and reference.

    Raises:
        InputError: If a file is no transform or image, or they do not fit.
        ScanError: If a file cannot be read.
    """
    if not asked.reference.is_file():
        msg = f"no file at {asked.reference}; give `reference` an image"
        raise InputError(msg)
    check_names(asked.path, asked.reference)
    reference = read_reference(asked.reference)
    transform = read_transform(asked.path, reference, asked.format)
    if asked.affine is not None:
        transform = _with_affine(asked, transform, reference)
    if asked.moving is not None:
        if not asked.moving.is_file():
            msg = f"no file at {asked.moving}; give `moving` an image"
            raise InputError(msg)
        check_with(transform, reference, read_reference(asked.moving))
    keep = asked.keep_affine or asked.affine is not None
    return volume_change(transform, reference, keep_affine=keep), transform


def write_change(asked: TransformAsked, out: Path) -> VolumeChange:
    """Write the map of a transform, with a sidecar that says what it is.

    Args:
        asked: Transform and reference.
        out: NIfTI file to write; the sidecar gets its name with ``.json``.

    Raises:
        InputError: As `change_of`; or if ``out`` is not named as a NIfTI file.
        OccupiedError: If ``out`` is a file that was not written so.
    """
    if not is_nifti(out):
        msg = f"expected a name that ends in .nii.gz or .nii for the map, got {out}"
        raise InputError(msg)
    sidecar = out.with_name(out.name.removesuffix(".gz").removesuffix(".nii") + ".json")
    _refuse_others(out, sidecar)
    change, transform = change_of(asked)
    image = nib.Nifti1Image(change.log_jacobian.values, change.log_jacobian.affine)
    code = int(nib.load(asked.reference).header["sform_code"]) or 2
    image.set_sform(change.log_jacobian.affine, code=code)
    image.set_qform(change.log_jacobian.affine, code=code)
    image.header.set_xyzt_units("mm")
    content = _sidecar(asked, change, transform)
    # Whenever this process is killed, the folder says whose the map is.
    begin_record(sidecar, {"Description": DESCRIPTION})
    with written_whole(out) as temporary:
        nib.save(image, temporary)
    write_record(sidecar, content, products=[out.name])
    return change


def read_reference(path: Path) -> SpatialMap:
    """Read the image that another was registered to, on its grid as stored.

    Raises:
        ScanError: If it cannot be read.
        InputError: If it has not three axes.
    """
    stored = open_volume(path, "give another reference", MOST_VALUES)
    if len(stored.shape) != 3:
        msg = (
            f"expected a reference with three axes, {path.name} has"
            f" {len(stored.shape)}; give the image that was registered to"
        )
        raise InputError(msg)
    return SpatialMap(np.nan_to_num(stored.values()), stored.affine)


def _with_affine(
    asked: TransformAsked, transform: ForeignTransform, reference: SpatialMap
) -> ForeignTransform:
    assert asked.affine is not None
    name = asked.format or recognised(asked.path)
    more = read_transform(asked.affine, reference, name)
    if more.warps:
        msg = f"{asked.affine.name}: expected an affine for `affine`, got a warp"
        raise InputError(msg)
    steps = (*transform.steps, *more.steps)
    return ForeignTransform(steps, f"{transform.words}, {more.words}")


def _sidecar(
    asked: TransformAsked, change: VolumeChange, transform: ForeignTransform
) -> dict[str, Any]:
    name = asked.format or recognised(asked.path)
    sources = [asked.path, asked.reference]
    if asked.affine is not None:
        sources.append(asked.affine)
    part = "none"
    if change.log_affine:
        part = "fitted to the warp" if change.fitted else "as the files have it"
    return {
        "Description": DESCRIPTION,
        "SignConvention": SIGN,
        "Sources": [printable(path.name) for path in sources],
        "SourceDigests": [file_digest(path) for path in sources],
        "Transform": {
            "Format": FORMATS[name].words,
            "Read": transform.words,
            "Steps": list(steps_of(transform)),
        },
        "Affine": {
            "InTheMap": change.with_affine,
            "From": part,
            "LogVolumeRatio": round(change.log_affine, 6),
        },
        "FoldedVoxels": change.folded,
        "ForegroundVoxels": change.counted,
        "CoveredByWarp": round(change.covered, 4),
        "GeneratedBy": [{"Name": PROGRAM, "Version": version(PROGRAM)}],
    }


def _refuse_others(out: Path, sidecar: Path) -> None:
    ours = read_object(sidecar).get("Description") == DESCRIPTION
    if (out.exists() or sidecar.exists()) and not ours:
        msg = f"{out} was not written by this command; choose another name"
        raise OccupiedError(msg)
