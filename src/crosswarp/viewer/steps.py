"""How long a job still takes, by what earlier ones took."""

import time
from collections.abc import Iterable
from statistics import median
from typing import Final

from crosswarp.viewer.jobs import Job, Step

STARTING: Final = "starting"
READING: Final = "reading the scan"
CLASSIFYING: Final = "classification"
EXPLAINING: Final = "explanation"
REPORTING: Final = "report"

USUAL: Final[dict[str, float]] = {
    STARTING: 5.0,
    READING: 2.0,
    "brain extraction": 8.0,
    "bias correction": 6.0,
    "registration": 25.0,
    "aligned T1w and log-Jacobian": 4.0,
    CLASSIFYING: 4.0,
    EXPLAINING: 6.0,
    REPORTING: 4.0,
}
"""Seconds of each step until a scan has been finished here; see ``docs/how-to``."""


def begun(job: Job, name: str) -> tuple[Step, ...]:
    """Add a step to those of a job; the one before ends now."""
    if job.steps and job.steps[-1].name == name:
        return job.steps
    return (*finished(job), Step(name=name, started=time.time()))


def finished(job: Job) -> tuple[Step, ...]:
    """Return the steps of a job, of which none goes on."""
    now = time.time()
    return tuple(
        step
        if step.seconds is not None
        else step.model_copy(update={"seconds": round(now - step.started, 3)})
        for step in job.steps
    )


def seconds_left(job: Job, others: Iterable[Job]) -> float | None:
    """Estimate how long a running job still takes.

    Args:
        job: Job that is asked about.
        others: Other jobs; those that are done say how long each step takes.

    Returns:
        Seconds; None of a job that does not run.
    """
    if job.state != "running":
        return None
    usual = usual_seconds(others)
    done = {step.name for step in job.steps}
    left = sum(seconds for name, seconds in usual.items() if name not in done)
    if job.steps:
        now = job.steps[-1]
        left += max(0.0, usual.get(now.name, 0.0) - (time.time() - now.started))
    return round(left, 1)


def usual_seconds(others: Iterable[Job]) -> dict[str, float]:
    """Take the median of each step over the jobs that are done.

    Returns:
        Seconds by step; stated ones where no job is done yet.
    """
    taken: dict[str, list[float]] = {}
    for job in others:
        for step in job.steps if job.state == "done" else ():
            taken.setdefault(step.name, []).append(step.seconds or 0.0)
    return {name: median(each) for name, each in taken.items()} or dict(USUAL)
