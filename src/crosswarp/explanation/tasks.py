"""Attribution maps of a run, or of all tasks of a run."""

from pathlib import Path

from crosswarp.evaluation.tasks import Failures, runs_of
from crosswarp.execution.progress import Progress
from crosswarp.explanation.explain import explain_run
from crosswarp.study.attribution import Attribution


def explain_tasks(
    run: Path,
    *,
    models: list[str] | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> tuple[dict[Path, Attribution], Failures]:
    """Explain models of a run, task by task; one that fails does not stop the next.

    Args:
        run: Folder of the run; with tasks, the folder that holds theirs.
        models: As for `explain_run`.
        workers: As for `explain_run`.
        progress: As for `explain_run`.

    Returns:
        What `explain_run` returns, by the folder of its run, and what could not be
        explained.

    Raises:
        InputError: If the folder is not that of a run.
    """
    runs = runs_of(run)
    failures, cards = Failures(len(runs)), {}
    for folder in runs:
        with failures.kept(folder):
            cards[folder] = explain_run(
                folder, models=models, workers=workers, progress=progress
            )
    return cards, failures
