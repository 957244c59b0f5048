"""Red flags of the evaluation."""

from crosswarp.report.parts import Text
from crosswarp.report.run import Run


def write(run: Run) -> Text:
    """List the red flags of the evaluation, the most serious first."""
    flags = list(run.metrics.flags)
    if not flags:
        return Text(
            ["No red flags were found in the folds, results, sites and groups."]
        )
    return Text(
        ["Red flags to consider before reading the results:"], flags, is_warning=True
    )
