"""Regions that the network used most, for their size."""

from crosswarp.bids.tables import read_table
from crosswarp.report.attribution import MAP_NAMES
from crosswarp.report.parts import Table
from crosswarp.report.run import ATTRIBUTION, Run
from crosswarp.report.wording import ABSENT

COLUMNS = ["region", "hemisphere", "map", "voxels", "share", "density"]

SHOWN = 10
"""Regions a map."""

SMALLEST = 50
"""Voxels below which a region's density is a few voxels' chance."""


def tabulate(run: Run) -> Table:
    """Rank regions by density, for each map."""
    model = run.attribution["models"][0]
    table = read_table(
        run.folder / ATTRIBUTION / model / "regions.tsv", COLUMNS, text=["map"]
    )
    named = table[table["hemisphere"].notna() & (table["voxels"] >= SMALLEST)]
    rows: list[list[str]] = []
    for name in sorted(named["map"].unique()):
        of_map = named[named["map"] == name].nlargest(SHOWN, "density")
        rows += [
            [
                MAP_NAMES.get(name, ABSENT),
                f"{row['region']}, {row['hemisphere']}",
                f"{row['density']:.1f}",
                f"{100 * row['share']:.1f}",
            ]
            for row in of_map.to_dict("records")
        ]
    return Table(
        f"Regions that {model} used most for their size",
        ["Map", "Region", "Density", "Share, %"],
        rows,
        "Share: part of the whole attribution (its size, over all tested scans)."
        " Density: share over the region's share of the grid; 1 is the average voxel."
        f" Atlas: {run.attribution['atlas']}. Regions below {SMALLEST} voxels are left"
        " out.",
    )
