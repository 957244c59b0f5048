"""The scans of a person as the ordinary maps left them, ready to be compared."""

from dataclasses import dataclass

import nibabel as nib
import numpy as np

from crosswarp.bids.names import transform_path
from crosswarp.bids.volumes import open_volume
from crosswarp.documents import read_object
from crosswarp.errors import MachineError, ScanError
from crosswarp.longitudinal.pairs import Visit
from crosswarp.preprocessing.bias import correct_bias
from crosswarp.preprocessing.finish import on_grid
from crosswarp.preprocessing.request import ScanRequest, template_of
from crosswarp.preprocessing.stripped import lifted
from crosswarp.readers.background import without_offset
from crosswarp.readers.source import read_source
from crosswarp.registration.resampling import resample
from crosswarp.registration.result import Registration
from crosswarp.registration.template import load_template
from crosswarp.types.arrays import Mask, SpatialMap


@dataclass(frozen=True)
class ReadVisit:
    """A scan and what its ordinary maps know of it.

    Attributes:
        visit: Scan, brain and affine.
        registration: Of the template to the scan, on the template's grid of the maps.
        spacing: Of the scan's voxels along its axes, in mm.
        scanner: Maker, model and field of the scanner; empty where nobody says.
    """

    visit: Visit
    registration: Registration
    spacing: tuple[float, float, float]
    scanner: str


def read_visit(request: ScanRequest) -> ReadVisit:
    """Read a scan, even its brightness, and carry its brain mask back to it.

    Mask and registration are those of the ordinary maps. N4 is done again: those maps
    keep the scan on the template's grid alone, and a second interpolation would blur
    what is looked for.

    Args:
        request: Scan with ordinary maps.

    Raises:
        ScanError: If the scan or its maps cannot be read.
        MachineError: If the file was changed since it was asked for.
    """
    read = read_source(request.path, request.series, request.inside)
    if request.digest_now() != request.source_digest:
        msg = f"{request.path.name} was changed meanwhile; give the same command again"
        raise MachineError(msg)
    scan = without_offset(read.scan)
    registration = read_registration(request)
    brain = _brain(request, registration, scan)
    if not brain.any():
        msg = "the brain mask of its maps lies outside the scan; preprocess it again"
        raise ScanError(msg)
    bright = lifted(scan, brain)
    if request.settings.brain_mask != "derivatives":
        bright = correct_bias(bright, brain)
    return ReadVisit(
        Visit(bright, brain, registration.affine),
        registration,
        scan.spacing,
        scanner_of(request),
    )


def read_registration(request: ScanRequest) -> Registration:
    """Read how the template maps to a scan, on the grid of the scan's maps."""
    space, resolution = request.grid
    affine, field = (
        transform_path(
            request.out, request.scan, space=space, extension=end, res=resolution
        )
        for end in (".txt", ".nii.gz")
    )
    if not (affine.is_file() and field.is_file()):
        msg = f"there is no {field.name}; preprocess the scan again"
        raise ScanError(msg)
    stored = np.asarray(nib.load(field).dataobj, dtype=np.float32)[:, :, :, 0]
    settings = request.settings
    fixed = load_template(settings.registration.resolution, settings.template)
    finer = on_grid(stored, fixed, template_of(request))
    return Registration(np.loadtxt(affine), finer)


def scanner_of(request: ScanRequest) -> str:
    """Name the scanner of a raw image from the JSON file beside it; empty without."""
    name = request.path.name.removesuffix(".gz").removesuffix(".nii")
    said = read_object(request.path.with_name(f"{name}.json"))
    parts = [said.get(key) for key in ("Manufacturer", "ManufacturersModelName")]
    words = [" ".join(part.split())[:60] for part in parts if isinstance(part, str)]
    field = said.get("MagneticFieldStrength")
    if isinstance(field, int | float) and not isinstance(field, bool):
        words.append(f"{field:.3g} T")
    return " ".join(words)


def _brain(request: ScanRequest, registration: Registration, scan: SpatialMap) -> Mask:
    stored = open_volume(request.map("brain"))
    mask = SpatialMap(stored.values(), stored.affine)
    inverse = np.linalg.inv(registration.affine)
    inside: Mask = resample(mask, scan.extent, scan.affine, inverse) > 0.5
    return inside
