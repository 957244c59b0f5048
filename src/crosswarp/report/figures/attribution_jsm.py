"""Attribution map of the log-Jacobian map."""

from crosswarp.report.attribution import draw_attribution
from crosswarp.report.parts import Illustration
from crosswarp.report.run import Run


def draw(run: Run) -> Illustration:
    """Draw the attribution to the log-Jacobian map."""
    return draw_attribution(run, "jsm")
