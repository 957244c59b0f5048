"""Red flags of the evaluation."""

import re

from crosswarp.report.parts import Text
from crosswarp.report.run import Run
from crosswarp.report.wording import MINUS

_HYPHEN = re.compile(r"(?<![\w.])-(?=\d)")


def write(run: Run) -> Text:
    """List the red flags of the evaluation, the most serious first."""
    flags = [_with_minus(flag) for flag in run.metrics.flags]
    if not flags:
        return Text(
            ["No red flags were found in the folds, results, sites and groups."]
        )
    return Text(
        ["Red flags to consider before reading the results:"], flags, is_warning=True
    )


def _with_minus(flag: str) -> str:
    """Write negative numbers as the tables of the page do."""
    return _HYPHEN.sub(MINUS, flag)
