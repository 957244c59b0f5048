"""A tested scan: aligned T1w and log-Jacobian."""

from crosswarp.figures.scan import draw_scan
from crosswarp.report.maps import (
    LOG_JACOBIAN,
    PREPROCESSED,
    example_scan,
    map_path,
    read_map,
    template_map,
)
from crosswarp.report.parts import Illustration
from crosswarp.report.run import Run


def draw(run: Run) -> Illustration:
    """Draw the first tested scan of the positive class."""
    scan, diagnosis = example_scan(run)
    figure = draw_scan(
        read_map(map_path(run, scan, PREPROCESSED)),
        read_map(map_path(run, scan, LOG_JACOBIAN)),
        template_map(run, "mask"),
    )
    return Illustration(
        figure,
        f"{scan.label} ({diagnosis}), the first tested scan of its class. Above, T1w"
        " after affine alignment. Below, the log-Jacobian of the nonlinear"
        " registration: blue where this brain is locally smaller than the template,"
        " red where it is larger (widened ventricles are red). The line is the edge of"
        " the template's brain. The participant's left is on the left.",
        f"Three planes through the aligned T1w image of {scan.label} and through its"
        " log-Jacobian map, in colours from blue (smaller than the template) to red"
        " (larger).",
    )
