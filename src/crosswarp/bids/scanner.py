"""What is known of the scanner."""

import math
from pathlib import Path
from typing import Final

from crosswarp.documents import read_object

NOMINAL: Final = (1.5, 3.0, 7.0)
"""Field strengths, in tesla, that scanners are sold by."""

TOLERANCE: Final = 0.05
"""Share by which a true field differs from what it is called: 2.89 T is a 3 T one."""

_KEY: Final = "MagneticFieldStrength"


def field_of_sidecar(image: Path) -> float | None:
    """Read the field strength from the JSON file beside a raw image.

    Args:
        image: A ``.nii`` or ``.nii.gz`` file.

    Returns:
        Tesla, by its nominal name where it is near one; None where there is no sidecar
        or it does not say: the field is never needed.
    """
    name = image.name.removesuffix(".gz").removesuffix(".nii")
    value = read_object(image.with_name(f"{name}.json")).get(_KEY)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    if not math.isfinite(value) or value <= 0:
        return None
    return nominal_field(float(value))


def nominal_field(tesla: float) -> float:
    """Name a measured field by the nominal one that it is near, if any.

    Example:
        >>> nominal_field(2.89362), nominal_field(1.494), nominal_field(0.55)
        (3.0, 1.5, 0.55)
    """
    for nominal in NOMINAL:
        if abs(tesla - nominal) <= TOLERANCE * nominal:
            return nominal
    return tesla
