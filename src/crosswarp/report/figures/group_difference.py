"""Where the two classes differ in local volume: by how much, and how clearly."""

from crosswarp.figures.scan import Layer, draw_layers
from crosswarp.report.group_maps import group_effect
from crosswarp.report.maps import template_map
from crosswarp.report.parts import Illustration
from crosswarp.report.run import Run
from crosswarp.report.wording import MINUS


def draw(run: Run) -> Illustration:
    """Draw the mean difference of the log-Jacobian, and its effect size below."""
    positive, negative = run.predictions.positive, run.predictions.classes[0]
    brain = template_map(run, "mask")
    effect = group_effect(run, positive, negative, brain)
    ends = (f"smaller in {positive}", "larger")
    figure = draw_layers(
        [
            Layer(
                effect.difference,
                ends,
                f"mean log-Jacobian, {positive} {MINUS} {negative}",
            ),
            Layer(effect.cohens_d, ends, f"Cohen's d, {positive} {MINUS} {negative}"),
        ],
        template_map(run, "T1w"),
        brain,
    )
    return Illustration(
        figure,
        f"Above, mean log-Jacobian of {effect.above} tested {positive} participants"
        f" minus that of {effect.below} {negative}, one scan each. Below, the same"
        " difference over the pooled standard deviation at each voxel (Cohen's d):"
        " large where groups overlap little. Over the template; weak differences are"
        " transparent. A description, without a test at each voxel. With few"
        " participants d is large by chance in many places.",
        f"Three planes through the template, twice; colours show where {positive}"
        f" participants are on average locally smaller (blue) or larger (red) than"
        f" {negative} participants: the mean difference above, Cohen's d below.",
    )
