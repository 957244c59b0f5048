"""The mean log-Jacobian of each class."""

from crosswarp.figures.brain import symmetric_limit
from crosswarp.figures.scan import ENDS, Layer, draw_layers
from crosswarp.report.group_maps import read_group_maps
from crosswarp.report.maps import template_map_or_none
from crosswarp.report.parts import Illustration
from crosswarp.report.run import Run


def draw(run: Run) -> Illustration:
    """Draw one row a class, all with one scale."""
    maps = read_group_maps(run)
    limit = max(symmetric_limit(found) for found in maps.means.values())
    figure = draw_layers(
        [
            Layer(found, ENDS, f"mean log-Jacobian, {name}", limit)
            for name, found in maps.means.items()
        ],
        template_map_or_none(run, "T1w"),
        template_map_or_none(run, "mask"),
    )
    groups = ", ".join(f"{count} {name}" for name, count in maps.counts.items())
    return Illustration(
        figure,
        "Mean log-Jacobian of the tested participants of each class, one scan each"
        f" ({groups}), over the template: blue where a group is on average locally"
        " smaller than the template, red where it is larger. What all rows share says"
        " how this cohort differs from the template; the next figure shows how the"
        " classes differ from each other.",
        "Three planes through the template, one row for each of"
        f" {', '.join(maps.means)}; colours show where the group is on average smaller"
        " (blue) or larger (red) than the template.",
    )
