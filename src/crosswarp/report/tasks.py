"""The page of a run, or of each task of a run."""

from pathlib import Path

from crosswarp.evaluation.tasks import Failures, runs_of
from crosswarp.report.assemble import write_report


def report_tasks(run: Path) -> tuple[list[Path], Failures]:
    """Write the pages of a run; a task that fails does not stop the next.

    Args:
        run: Folder of the run; with tasks, the folder that holds theirs.

    Returns:
        The pages, and what could not be written.

    Raises:
        InputError: If the folder is not that of a run.
    """
    runs = runs_of(run)
    failures, pages = Failures(len(runs)), []
    for folder in runs:
        with failures.kept(folder):
            pages.append(write_report(folder))
    return pages, failures
