"""Regions with the highest attribution density."""

from crosswarp.bids.tables import read_table
from crosswarp.errors import MissingDerivativeError
from crosswarp.report.attribution import map_words
from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import ABSENT
from crosswarp.study.names import ATTRIBUTION, REGIONS

COLUMNS = ["region", "hemisphere", "map", "voxels", "share", "density"]

SHOWN = 10
"""Regions a map."""

SMALLEST = 50
"""Voxels below which a region's density is a few voxels' chance."""


def tabulate(run: Run) -> Table:
    """Rank regions by density, for each map.

    Raises:
        MissingDerivativeError: If the densities were not compared with the brain.
    """
    model = run.attribution.models[0]
    if run.attribution.density is None:
        msg = (
            "densities of regions were written by an older version, which divided by"
            " the whole grid, air included; run `crosswarp explain` again"
        )
        raise MissingDerivativeError(msg)
    table = read_table(
        run.folder / ATTRIBUTION / model / REGIONS, COLUMNS, text=["map"]
    )
    named = table[table["hemisphere"].notna() & (table["voxels"] >= SMALLEST)]
    called = map_words(run)
    rows: list[list[str]] = []
    for name in sorted(named["map"].unique()):
        of_map = named[named["map"] == name].nlargest(SHOWN, "density")
        rows += [
            [
                called.get(name, ABSENT),
                f"{row['region']}, {row['hemisphere']}",
                f"{row['density']:.1f}",
                f"{100 * row['share']:.1f}",
            ]
            for row in of_map.to_dict("records")
        ]
    return Table(
        f"Regions with the highest attribution density of {model}",
        ["Map", "Region", "Density", "Share, %"],
        rows,
        "Share: fraction of the total absolute attribution over all test scans."
        " Density: mean absolute attribution in the region relative to that in the"
        " template brain, so that 1 is the average voxel of the"
        f" brain.{_outside(run, model)} Atlas: {run.attribution.atlas}. Regions below"
        f" {SMALLEST} voxels are left out.",
    )


def _outside(run: Run, model: str) -> str:
    """Say what share of the attribution is of no region, being outside the brain."""
    shares = run.attribution.outside_brain.get(model, {})
    listed = " and ".join(
        f"{100 * share:.1f} % of that to the {map_words(run)[name]}"
        for name, share in sorted(shares.items())
    )
    return f" Outside the brain lies {listed}." if listed else ""
