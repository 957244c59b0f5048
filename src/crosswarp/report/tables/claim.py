"""CLAIM, as far as the run answers it."""

from crosswarp.report.checklist import checklist
from crosswarp.report.parts import Table
from crosswarp.report.run import Run


def tabulate(run: Run) -> Table:
    """List the items of CLAIM."""
    return checklist(run, "claim")
