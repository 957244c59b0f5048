"""What stands out."""

from crosswarp.report.parts import Text
from crosswarp.report.run import Run


def write(run: Run) -> Text:
    """List the red flags of the evaluation."""
    flags = [str(flag) for flag in run.metrics["flags"]]
    if not flags:
        return Text(["Nothing in the design of the folds stands out."])
    return Text(["Know this before reading the figures:"], flags)
