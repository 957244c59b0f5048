"""What the networks were trained with."""

from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.tables.settings import flat


def tabulate(run: Run) -> Table:
    """List versions and machine as training recorded them."""
    return Table(
        "Versions and machine of the training",
        ["What", "Version"],
        [
            [name, str(value)]
            for name, value in flat(dict(sorted(run.environment.model_dump().items())))
        ],
    )
