"""Where the two classes differ in local volume, on average."""

import numpy as np

from crosswarp.figures.scan import draw_over_template
from crosswarp.report.maps import group_mean, template_map
from crosswarp.report.parts import Illustration
from crosswarp.report.run import Run
from crosswarp.report.wording import MINUS
from crosswarp.types.arrays import SpatialMap


def draw(run: Run) -> Illustration:
    """Draw the mean log-Jacobian of the positive minus that of the first class."""
    positive, negative = run.predictions.positive, run.predictions.classes[0]
    above, ill = group_mean(run, positive)
    below, well = group_mean(run, negative)
    difference = SpatialMap(
        (above.values - below.values).astype(np.float32), above.affine
    )
    figure = draw_over_template(
        difference,
        template_map(run, "T1w"),
        template_map(run, "mask"),
        (f"smaller in {positive}", "larger"),
        f"mean log-Jacobian, {positive} {MINUS} {negative}",
    )
    return Illustration(
        figure,
        f"Mean log-Jacobian of {ill} {positive} scans minus that of {well} {negative}"
        " scans, over the template; weak differences are transparent. A description,"
        " without a test at each voxel.",
        f"Three planes through the template; colours show where {positive} scans are on"
        f" average locally smaller (blue) or larger (red) than {negative} scans.",
    )
