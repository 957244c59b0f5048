"""What stands out."""

from crosswarp.report.parts import Text
from crosswarp.report.run import Run


def write(run: Run) -> Text:
    """List the red flags of the evaluation, the most serious first."""
    flags = [str(flag) for flag in run.metrics["flags"]]
    if not flags:
        return Text(
            ["No red flag: nothing in folds, results, sites or groups stands out."]
        )
    return Text(
        ["Red flags. Know this before reading the figures:"], flags, is_warning=True
    )
