"""The true maps on disk, named as the derivatives that they are the truth of."""

from pathlib import Path
from typing import Final

import nibabel as nib
import numpy as np

from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import transform_path
from crosswarp.files import write_json, written_whole
from crosswarp.preprocessing.scan import map_path
from crosswarp.preprocessing.stored import STEP_MM, displacement_image, in_steps
from crosswarp.registration.settings import Resolution
from crosswarp.registration.template import SOURCE, load_template
from crosswarp.simulation.truth_maps import DEFINITION, TrueMaps
from crosswarp.types.grid import SPACE

SIGNAL_DEFINITION: Final = (
    "Natural logarithm of the factor by which the T1w signal of the tissue"
    " differs from that of the real head, before the scanner; below 0 where darker."
    " Points of the template are looked up in the real head, whose tissue the"
    " participant's is."
)

STEP_LOG: Final = 0.0001
"""Of the stored log-Jacobian."""


def write_true_maps(
    truth: Path, scan: ScanId, maps: TrueMaps, resolution: Resolution
) -> None:
    """Write the true affine, displacement and log-Jacobian of a scan.

    They are stored as 16-bit integers with a scale (NIfTI has no 16-bit floats): a
    quarter of the space of 32-bit floats, whose last digits do not compress.

    Args:
        truth: The truth's folder.
        scan: Identifier of the scan.
        maps: On the template grid.
        resolution: Millimetres between its voxels.
    """
    affine = load_template(resolution).brain.affine
    text, field_path, path, sidecar = true_files(truth, scan, resolution)
    with written_whole(text) as temporary:
        np.savetxt(temporary, maps.affine, fmt="%.9g")
    _save(field_path, displacement_image(maps.displacement, affine))
    _save(path, in_steps(maps.log_jacobian, affine, STEP_LOG))
    if maps.log_signal is not None:
        signal, about = signal_files(truth, scan, resolution)
        _save(signal, in_steps(maps.log_signal, affine, STEP_LOG))
        write_json(
            about,
            {
                "Description": SIGNAL_DEFINITION,
                "SpatialReference": SOURCE,
                "Resolution": f"{resolution} mm isotropic",
                "SkullStripped": True,
            },
        )
    write_json(
        sidecar,
        {
            "Description": DEFINITION,
            "SpatialReference": SOURCE,
            "Resolution": f"{resolution} mm isotropic",
            "SkullStripped": False,
            "StoredIn": f"16-bit integers in steps of {STEP_LOG:g}; the displacement"
            f" beside it in steps of {STEP_MM:g} mm",
        },
    )


def true_files(truth: Path, scan: ScanId, resolution: Resolution) -> list[Path]:
    """Name the true affine, displacement, log-Jacobian and its sidecar of a scan."""
    transforms = [
        transform_path(truth, scan, space=SPACE, extension=extension)
        for extension in (".txt", ".nii.gz")
    ]
    maps = [
        map_path(truth, scan, resolution, "logjacobian", extension)
        for extension in (".nii.gz", ".json")
    ]
    return [*transforms, *maps]


def signal_files(truth: Path, scan: ScanId, resolution: Resolution) -> list[Path]:
    """Name the true map of a scan's signal and its sidecar."""
    return [
        map_path(truth, scan, resolution, "logsignal", extension)
        for extension in (".nii.gz", ".json")
    ]


def _save(path: Path, image: nib.Nifti1Image) -> None:
    with written_whole(path) as temporary:
        nib.save(image, temporary)
