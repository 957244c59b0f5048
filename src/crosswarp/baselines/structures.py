"""Structures that a scan's table shows: what the atlas's regions make up together."""

from collections.abc import Iterator, Sequence
from typing import Final

from crosswarp.atlas import Region

SIDES: Final = ("left", "right")

STRUCTURES: Final[dict[str, tuple[str, ...]]] = {
    "hippocampus": ("hippocampus",),
    "amygdala": ("amygdala",),
    "parahippocampal and entorhinal cortex": ("entorhinal", "parahippocampal"),
    "lateral ventricle": ("lateral ventricle", "inferior lateral ventricle"),
    "temporal lobe": (
        *("entorhinal", "fusiform", "inferior temporal", "middle temporal"),
        *("parahippocampal", "superior temporal", "transverse temporal"),
    ),
    "frontal lobe": (
        *("caudal middle frontal", "lateral orbitofrontal", "medial orbitofrontal"),
        *("paracentral", "pars opercularis", "pars orbitalis", "pars triangularis"),
        *("precentral", "rostral middle frontal", "superior frontal"),
    ),
    "parietal lobe": (
        *("inferior parietal", "postcentral", "precuneus", "superior parietal"),
        "supramarginal",
    ),
    "occipital lobe": ("cuneus", "lateral occipital", "lingual", "pericalcarine"),
    "cingulate cortex": (
        *("caudal anterior cingulate", "isthmus cingulate"),
        *("posterior cingulate", "rostral anterior cingulate"),
    ),
}
"""What is measured on either side, by the names of the regions in CerebrA."""


def structures_of(regions: Sequence[Region]) -> Iterator[tuple[str, str, list[int]]]:
    """Go through the structures of either side.

    Args:
        regions: Regions of the atlas.

    Yields:
        Name, side, and the labels that make it up.
    """
    for name, parts in STRUCTURES.items():
        for side in SIDES:
            labels = [
                region.label
                for region in regions
                if region.name in parts and region.hemisphere == side
            ]
            yield name, side, labels
