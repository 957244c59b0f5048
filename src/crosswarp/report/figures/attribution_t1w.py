"""Attribution map of the T1w image."""

from crosswarp.report.attribution import draw_attribution
from crosswarp.report.parts import Illustration
from crosswarp.report.run import Run


def draw(run: Run) -> Illustration:
    """Draw the attribution to the T1w image."""
    return draw_attribution(run, "t1w")
