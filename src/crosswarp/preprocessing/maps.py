"""The two maps of a scan: what every step does, in order."""

from crosswarp.execution.child import tell
from crosswarp.preprocessing.bias import correct_bias
from crosswarp.preprocessing.brain import locate_brain
from crosswarp.preprocessing.finish import (
    ScanMaps,
    Scanned,
    finished,
    on_grid,
)
from crosswarp.preprocessing.intensity import scale_intensity
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.preprocessing.steps import STEPS
from crosswarp.preprocessing.stripped import lifted
from crosswarp.readers.background import background_offset, without_offset
from crosswarp.registration.build import register
from crosswarp.registration.resampling import at_spacing
from crosswarp.registration.softness import softness
from crosswarp.registration.template import load_template
from crosswarp.types.arrays import SpatialMap

__all__ = ["ScanMaps", "make_maps", "on_grid"]


def make_maps(scan: SpatialMap, settings: PreprocessSettings) -> ScanMaps:
    """Turn a raw scan into its two maps.

    The brain is found first, since the bias field is best estimated inside it;
    both steps see the scan on its own grid, its background at 0. The registration
    works at the spacing that its settings name. The T1w image is interpolated once,
    from the scan to the 1 mm template grid.

    Args:
        scan: A whole head (or a stripped one, if the settings say so).
        settings: Settings with all choices.

    Raises:
        QualityError: If the brain is not one, or is cut off: nothing can be
            registered. What is measured later is left to the caller to judge.
        ScanError: If no brain is found, or the registration fails.
    """
    notes = []
    tell(STEPS[0])
    if (offset := background_offset(scan.values)) != 0:
        scan = without_offset(scan)
        notes.append(f"the background is at {offset:.4g}; it was shifted to 0")
    found = locate_brain(scan, settings)
    brain = found.mask
    bright = lifted(scan, brain)
    if bright is not scan:
        notes.append("a part of the brain is below 0; it was shifted above 0")
    tell(STEPS[1])
    even = correct_bias(bright, brain)
    stripped = SpatialMap(scale_intensity(even.values, brain), scan.affine)

    tell(STEPS[2])
    fixed = load_template(settings.registration.resolution, settings.template)
    moving = at_spacing(stripped, float(settings.registration.participant_resolution))
    registration = register(fixed.brain, moving, settings.registration, softness(fixed))
    tell(STEPS[3])
    scanned = Scanned(scan, stripped, found, tuple(notes))
    return finished(scanned, registration, settings)
