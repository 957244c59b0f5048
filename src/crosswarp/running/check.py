"""What a study would do, found out before anything is done."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from crosswarp.running.external import check_external, external_line
from crosswarp.running.folder import StudyFolder
from crosswarp.running.job import experiment_of
from crosswarp.running.needs import check_sources, require_made
from crosswarp.running.record import StudyRecord
from crosswarp.running.steps import Step, chosen_steps
from crosswarp.study.settings import Study, read_study


def check_study(study: Study | Path, *, steps: str | None = None) -> list[str]:
    """Check a study as far as that can be done without working on it.

    What is not there yet, since earlier steps make it, is checked by `run_study` when
    it is there.

    Args:
        study: All choices, or the file that has them.
        steps: As for `run_study`.

    Returns:
        Lines for a person: what each step would do.

    Raises:
        CrosswarpError: As `run_study` raises it before it begins, and as the commands
            of the steps raise it when their input is there and cannot be used.
    """
    chosen = read_study(study) if isinstance(study, Path) else study
    folder, asked = StudyFolder(chosen), chosen_steps(chosen, steps)
    check_sources(chosen)
    require_made(folder, asked)
    check_external(folder, asked)
    record = StudyRecord(folder)
    done = [step for step in asked if record.is_done(step)]
    lines = [f"study: {chosen.name}, in {folder.out}"]
    for step in asked:
        told = ["finished, will be passed over"] if step in done else []
        if not told:
            todo = [each for each in asked if each not in done]
            told = list(_todo(step, folder, todo)) or ["will be done"]
        lines += [f"{step}: {told[0]}", *(f"  {line}" for line in told[1:])]
    return lines


def _todo(step: Step, folder: StudyFolder, todo: Sequence[Step]) -> Iterator[str]:
    """Say more of a step whose input is there."""
    data = folder.study.data
    if step == "simulate" and data.simulation is not None:
        yield f"{data.simulation.participants} virtual participants"
    elif step == "preprocess" and "simulate" not in todo and folder.scans.exists():
        yield from _scans(folder)
    elif step == "cohort" and data.bids is not None:
        yield from _cohort(folder)
    elif step == "compare" and not {"preprocess", "cohort", "folds"} & set(todo):
        yield from _plans(folder)
    elif step == "external_predict":
        yield external_line(folder)


def _scans(folder: StudyFolder) -> Iterator[str]:
    from crosswarp.bids.dataset import find_scans
    from crosswarp.bids.left_out import refuse_empty
    from crosswarp.bids.series import SeriesChoice

    chosen = folder.study.preprocessing
    found = find_scans(
        folder.scans,
        chosen.participants,
        chosen.prefer,
        SeriesChoice.parse(chosen.dicom_series),
        [folder.derivatives],
    )
    refuse_empty(found, folder.scans)
    chain = f"{chosen.resolution} mm, registration {chosen.registration.backend}"
    yield f"{len(found.scans)} scans, {chain}"
    yield from (f"{scan.label}: {reason}" for scan, reason in found.problems)


def _cohort(folder: StudyFolder) -> Iterator[str]:
    from crosswarp.bids.cohort import make_cohort

    made = make_cohort(folder.raw, folder.study.cohort.labels)
    counts = made.table["diagnosis"].value_counts(sort=False)
    listed = ", ".join(f"{number} {name}" for name, number in counts.items())
    yield f"{len(made.table)} scans ({listed}), {len(made.left_out)} left out"


def _plans(folder: StudyFolder) -> Iterator[str]:
    from crosswarp.training.tasks import plan_tasks

    allowed = folder.study.missing_maps == "leave out"
    plans = plan_tasks(experiment_of(folder), allow_missing=allowed)
    yield "will be done"
    for task, plan in plans.items():
        yield from [f"task: {task}"] if task else []
        yield from plan.summary().splitlines()
