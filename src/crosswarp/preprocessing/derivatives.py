"""The maps of a scan that fMRIPrep or sMRIPrep has registered."""

from pathlib import Path
from typing import Final

import numpy as np

from crosswarp.errors import InputError, ScanError
from crosswarp.preprocessing.brain import FoundBrain
from crosswarp.preprocessing.finish import ScanMaps, Scanned, finished
from crosswarp.preprocessing.intensity import scale_intensity
from crosswarp.preprocessing.maps import make_maps
from crosswarp.preprocessing.quality import (
    Quality,
    brain_at_edge_cm2,
    brain_volume_cm3,
    check_quality,
)
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.readers.background import without_offset
from crosswarp.readers.reading import read_t1w
from crosswarp.registration.foreign.itk import read_itk
from crosswarp.registration.foreign.registered import as_registration
from crosswarp.registration.settings import DerivativesSettings
from crosswarp.registration.template import load_template
from crosswarp.types.arrays import Mask, SpatialMap

MADE_THERE: Final = "bias correction, brain mask and registration are of"


def derivatives_settings(
    settings: PreprocessSettings, program: str
) -> PreprocessSettings:
    """Return the settings of maps that another program's derivatives give.

    Args:
        settings: Choices of template and spacing; all else is replaced.
        program: Name and version of the program, which become a part of what
            identifies the maps.

    Raises:
        InputError: If a registration or a brain mask was chosen, too.
    """
    plain = PreprocessSettings(
        resolution=settings.resolution,
        template=settings.template,
        limits=settings.limits,
    )
    if settings != plain:
        msg = (
            "`from_derivatives=True` takes mask and registration as they are; leave"
            " `registration`, `brain_mask` and `fall_back` out"
        )
        raise InputError(msg)
    registration = DerivativesSettings(made_by=program, resolution=settings.resolution)
    changed = {"registration": registration, "brain_mask": "derivatives"}
    return settings.model_copy(update={**changed, "fall_back": False})


def maps_asked(
    scan: SpatialMap, given: tuple[Path, ...], settings: PreprocessSettings
) -> ScanMaps:
    """Make the maps of a scan, by our own chain or from what another program made.

    Args:
        scan: T1w image in its own space.
        given: Brain mask and transform of the other program; none for our own chain.
        settings: Settings with all choices.

    Raises:
        QualityError: As `make_maps`.
        ScanError: As `make_maps` and `maps_from_derivatives`.
    """
    if given:
        return maps_from_derivatives(scan, given, settings)
    return make_maps(scan, settings)


def maps_from_derivatives(
    scan: SpatialMap, given: tuple[Path, ...], settings: PreprocessSettings
) -> ScanMaps:
    """Turn a T1w image with its mask and transform into its two maps.

    Nothing is estimated: the image is scaled within the mask, as in our own chain, and
    the transform is split into its affine and the displacement before that.

    Args:
        scan: T1w image in its own space, corrected for its bias field.
        given: Brain mask on the grid of the scan, and transform from T1w to the
            template: ITK's composite.
        settings: Settings with all choices.

    Raises:
        QualityError: If the brain is not one, or is cut off.
        ScanError: If the mask lies on another grid, or the transform is for another
            space.
    """
    mask, transform = given
    scan = without_offset(scan)
    brain = _mask_on(mask, scan)
    quality = Quality(brain_volume_cm3(scan, brain), brain_at_edge_cm2(scan, brain))
    check_quality(quality, settings.limits)
    stripped = SpatialMap(scale_intensity(scan.values, brain), scan.affine)
    fixed = load_template(settings.registration.resolution, settings.template)
    try:
        read = read_itk(transform, fixed.brain)
    except InputError as error:
        raise ScanError(str(error)) from error
    registration = as_registration(read, fixed.brain, fixed.mask)
    program = getattr(settings.registration, "made_by", "another program")
    found = FoundBrain(brain, "derivatives", quality)
    note = f"{MADE_THERE} {program}"
    scanned = Scanned(scan, stripped, found, (note,))
    return finished(scanned, registration, settings)


def _mask_on(path: Path, scan: SpatialMap) -> Mask:
    stored = read_t1w(path)
    if stored.extent != scan.extent or not np.allclose(
        stored.affine, scan.affine, atol=1e-3
    ):
        msg = (
            f"{path.name} lies on another grid than its T1w image ({stored.extent} and"
            f" {scan.extent} voxels); give the mask in the scan's own space"
        )
        raise ScanError(msg)
    brain: Mask = stored.values > 0.5
    return brain
