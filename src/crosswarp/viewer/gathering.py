"""Work on a run in a process of its own, whose libraries the server never loads."""

from dataclasses import dataclass
from pathlib import Path

from crosswarp.bids.ids import ScanId


@dataclass(frozen=True)
class RunTask:
    """What is gathered.

    Attributes:
        run: Folder of the run.
        place: Folder to write to.
        scan: Identifier of a scan, for its maps; None for the run as a whole.
    """

    run: Path
    place: Path
    scan: ScanId | None = None


def gather(task: RunTask) -> None:
    """Write what a page shows.

    Args:
        task: Run or scan, and where to write.

    Raises:
        MissingDerivativeError: If the maps of the scan are not there any longer.
        MixedError: If the files of the run do not belong together.
    """
    from crosswarp.viewer.run_view import write_run_view

    write_run_view(task)
