"""Where the two classes differ in local volume: by how much, and how clearly."""

from crosswarp.figures.scan import Layer, draw_layers
from crosswarp.report.group_maps import read_group_maps
from crosswarp.report.maps import template_map_or_none
from crosswarp.report.parts import Illustration
from crosswarp.report.run import Run
from crosswarp.report.wording import MINUS


def draw(run: Run) -> Illustration:
    """Draw the mean difference of the log-Jacobian, and its effect size below."""
    positive, negative = run.predictions.positive, run.predictions.classes[0]
    maps = read_group_maps(run)
    ends = (f"smaller in {positive}", "larger")
    pair = f"{positive} {MINUS} {negative}"
    figure = draw_layers(
        [
            Layer(maps.difference, ends, f"mean log-Jacobian, {pair}"),
            Layer(maps.cohens_d, ends, f"Cohen's d, {pair}"),
        ],
        template_map_or_none(run, "T1w"),
        template_map_or_none(run, "mask"),
    )
    return Illustration(
        figure,
        f"Above, mean log-Jacobian of {maps.counts[positive]} tested {positive}"
        f" participants minus that of {maps.counts[negative]} {negative}, one scan"
        " each. Below, the same difference over the pooled standard deviation at each"
        " voxel (Cohen's d): large where groups overlap little. Over the template; weak"
        " differences are transparent. A description, without a test at each voxel."
        " With few participants d is large by chance in many places. The maps are in"
        " the run's folder group_maps.",
        f"Three planes through the template, twice; colours show where {positive}"
        f" participants are on average locally smaller (blue) or larger (red) than"
        f" {negative} participants: the mean difference above, Cohen's d below.",
    )
