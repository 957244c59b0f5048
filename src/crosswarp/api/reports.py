"""The report of a run."""

from pathlib import Path

from crosswarp.api.paths import PathLike, as_path
from crosswarp.evaluation.tasks import runs_of
from crosswarp.report import assemble


def write_report(run: PathLike) -> list[Path]:
    """Write ``report.html``, one offline page, with its figures and tables.

    Args:
        run: Folder of a run. Each task of a run with tasks gets a page of its own.

    Returns:
        The pages, one per task.

    Raises:
        InputError: If the folder is not that of a run, or its predictions are not
            sound.
        OccupiedError: If the folder has such files that no report wrote.
        MixedError: If the files of the run do not belong together.
        LockedError: If another process works on the run.

    Examples:
        >>> pages = crosswarp.write_report(study / "run")
        >>> [page.name for page in pages]
        ['report.html']
    """
    return [assemble.write_report(folder) for folder in runs_of(as_path(run))]
