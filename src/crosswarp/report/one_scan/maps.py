"""The two maps that the networks were asked about, and the volumes of regions."""

from typing import Final

import numpy as np

from crosswarp.atlas import NAME, Region, check_space, load_atlas
from crosswarp.baselines.features import regional_volumes
from crosswarp.bids.names import template_path
from crosswarp.errors import CrosswarpError
from crosswarp.figures.scan import draw_scan
from crosswarp.report.maps import read_map
from crosswarp.report.one_scan.source import OneScan
from crosswarp.report.parts import Illustration, Table
from crosswarp.report.wording import MINUS
from crosswarp.types.arrays import LabelMap, SpatialMap

SIDES: Final = ("left", "right")


def draw(page: OneScan) -> Illustration:
    """Draw the aligned T1w image and the log-Jacobian in three planes."""
    figure = draw_scan(page.maps["t1w"], page.maps["jsm"], template_mask(page))
    return Illustration(
        figure,
        "Above, the T1w image after affine alignment. Below, the Jacobian determinant"
        " map (JSM), here its logarithm: blue where this brain is locally smaller than"
        " the template, red where it is larger (wide ventricles are red). The line is"
        " the edge of the template's brain. The participant's left is on the left.",
        "Three planes through the aligned T1w image and through the log-Jacobian map,"
        " in colours from blue (smaller than the template) to red (larger).",
    )


def tabulate(page: OneScan) -> Table | None:
    """Give the volume of each region over the template's, the smallest first.

    Returns:
        None where volumes are shown beside a reference group.

    Raises:
        InputError: If the maps lie on another template than the atlas.
        MissingPackageError: If the package with the atlas is not installed.
    """
    beside = page.answer.regions
    if beside is not None and beside.regions:
        return None
    check_space(page.grid[0])
    jsm = page.maps["jsm"]
    labels, regions = load_atlas(jsm.extent, jsm.affine)
    there = set(np.unique(labels))
    sides: dict[str, dict[str, float]] = {}
    for region in (each for each in regions if each.label in there):
        ratio = _ratio(jsm, labels, region)
        sides.setdefault(region.name, {})[region.hemisphere] = ratio
    ordered = sorted(sides.items(), key=lambda item: (min(item[1].values()), item[0]))
    rows = [
        [name, *(_percent(found.get(side)) for side in SIDES)]
        for name, found in ordered
    ]
    return Table(
        "Volume of regions against the template's, after affine alignment",
        ["Region", "Left, %", "Right, %"],
        rows,
        f"Mean Jacobian determinant in the regions of {NAME}; the size of the head is"
        " taken out. The smallest come first. These are measurements by registration"
        " to one template: people without disease differ from it by several per cent,"
        " and no reference group is shown here.",
    )


def template_mask(page: OneScan) -> SpatialMap | None:
    """Read the template's brain mask; None where it is not there or cannot be read."""
    space, resolution = page.grid
    path = template_path(
        page.out, space=space, res=resolution, desc="brain", suffix="mask"
    )
    try:
        return read_map(path) if path.is_file() else None
    except CrosswarpError:
        # The picture can be read without the line of the template's edge.
        return None


def _ratio(jsm: SpatialMap, labels: LabelMap, region: Region) -> float:
    values = regional_volumes(jsm.values[None], labels, [[region.label]])
    return float(np.exp(values[0, 0]))


def _percent(ratio: float | None) -> str:
    if ratio is None:
        return ""
    percent = 100 * (ratio - 1)
    return f"{percent:+.1f}".replace("-", MINUS)
