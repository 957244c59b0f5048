"""A run folder and its tasks: which folders there are, and all evaluated as one."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from crosswarp.errors import CrosswarpError, IncompleteError, InputError
from crosswarp.evaluation.evaluate import (
    Evaluation,
    evaluated,
    with_families,
)
from crosswarp.evaluation.predictions import task_folders
from crosswarp.evaluation.written import write_evaluations
from crosswarp.statistics.intervals import RESAMPLES
from crosswarp.study.names import EXPERIMENT, PREDICTIONS, RUN_RECORD
from crosswarp.study.run import tasks_of, working_on


@dataclass
class Failures:
    """Tasks that could not be done, while the others go on.

    Attributes:
        runs: How many runs there are.
        met: Folder and fault of each that could not be done.
    """

    runs: int
    met: list[tuple[Path, CrosswarpError]] = field(default_factory=list)

    @contextmanager
    def kept(self, folder: Path) -> Iterator[None]:
        """Keep an error of ours for later; any other is raised at once."""
        try:
            yield
        except CrosswarpError as error:
            self.met.append((folder, error))

    def show(self) -> None:
        """Raise what was kept, if anything.

        Raises:
            CrosswarpError: The fault of the only run, as it was.
            IncompleteError: With the fault of each task that has one.
        """
        if self.met and self.runs == 1:
            raise self.met[0][1]
        if self.met:
            listed = "; ".join(f"{folder.name}: {error}" for folder, error in self.met)
            msg = f"{len(self.met)} of {self.runs} tasks could not be done: {listed}"
            raise IncompleteError(msg)


def runs_of(folder: Path) -> list[Path]:
    """Find the runs of a folder: itself, or the tasks in it.

    Args:
        folder: Folder that `crosswarp compare` wrote.

    Returns:
        The folders of its tasks, such as ``RUN/CN-AD``, sorted, where its record
        names them; else the folder itself where it has predictions or an experiment
        file; else the folders in it that do. Those of tasks that have not finished are
        among them.

    Raises:
        InputError: If there is neither.
        MixedError: If training of the tasks was begun and has not ended.
    """
    named = tasks_of(folder)
    if named is not None:
        return [folder / name for name in sorted(named)]
    if any((folder / name).is_file() for name in (PREDICTIONS, EXPERIMENT, RUN_RECORD)):
        return [folder]
    tasks = task_folders(folder)
    if not tasks:
        msg = (
            f"{folder} is not a run: neither it nor a folder in it has {PREDICTIONS};"
            " give the folder that `crosswarp compare` wrote"
        )
        raise InputError(msg)
    return tasks


def evaluate_tasks(
    folder: Path,
    *,
    reference: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[dict[Path, Evaluation], Failures]:
    """Evaluate a run, or all tasks of a run with one correction for all of them.

    p values are corrected over the family of comparisons in all tasks together. A task
    that cannot be evaluated does not stop the others.

    Args:
        folder: Of the run; with tasks, the folder that holds theirs.
        reference: As for `evaluate_run`.
        resamples: As for `evaluate_run`.
        seed: As for `evaluate_run`.

    Returns:
        What was evaluated and written, by the folder it was written to, and what
        could not be.

    Raises:
        InputError: If the folder is not that of a run.
        LockedError: If another process works on it.
        MixedError: If training of the tasks was begun and has not ended.
    """
    runs = runs_of(folder)
    failures = Failures(len(runs))
    done: dict[Path, Evaluation] = {}
    with locked_runs(folder, runs):
        for run in runs:
            with failures.kept(run):
                done[run] = evaluated(
                    run, reference=reference, resamples=resamples, seed=seed
                )
        if done:
            tasks = [] if runs == [folder] else [run.name for run in done]
            together = with_families(list(done.values()), tasks)
            done = dict(zip(done, together, strict=True))
            write_evaluations(done, runs)
    return done, failures


@contextmanager
def locked_runs(folder: Path, runs: Sequence[Path]) -> Iterator[None]:
    """Be the only process that works on a folder and the runs of its tasks.

    Raises:
        LockedError: If another process works on one of them.
    """
    with ExitStack() as held:
        for path in dict.fromkeys([folder, *runs]):
            held.enter_context(working_on(path))
        yield
