"""Jobs one after the other, each in a child process that can be ended."""

import logging
import threading
from collections.abc import Callable
from multiprocessing.connection import wait
from pathlib import Path
from typing import Final

from crosswarp.errors import CrosswarpError
from crosswarp.execution.isolated import Child, Outcome
from crosswarp.execution.work import Work
from crosswarp.viewer.jobs import OUT, Job, JobStore
from crosswarp.viewer.predicting import Task, predict_job
from crosswarp.viewer.settings import ServeSettings
from crosswarp.viewer.steps import begun, finished

log: Final = logging.getLogger("crosswarp.serve")

WORK: Final = Work(predict_job, timeout_s=2 * 3600.0)

STARTS: Final = 3
"""Times that a job is begun: it may be what ends the server."""

_LOOK_SECONDS: Final = 0.25
_SWEEP_SECONDS: Final = 60.0

FindScan = Callable[[Job], tuple[Path, Path]]
"""Gives the bundle and the file of a job's scan."""


class JobQueue:
    """Runs the jobs of a store.

    Args:
        store: Where the jobs are kept.
        settings: Number of workers, and how long files are kept.
        find: Gives bundle and scan of a job, or raises one of our errors.
        work: What is done to each.
    """

    def __init__(
        self,
        store: JobStore,
        settings: ServeSettings,
        find: FindScan,
        work: Work = WORK,
    ) -> None:
        self._store, self._settings = store, settings
        self._find, self._work = find, work
        self._changed = threading.Event()
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Take up what an earlier server left, and start the workers."""
        for job in self._store.all():
            self._take_up(job)
        names = [f"job-{number}" for number in range(self._settings.workers)]
        targets = [self._serve] * len(names) + [self._sweep]
        for name, target in zip([*names, "sweep"], targets, strict=True):
            # A daemon: a child dies with this process, and the job is begun again.
            thread = threading.Thread(target=target, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """End the running jobs; they are begun again when the server starts anew."""
        self._stopped.set()
        self._changed.set()
        for thread in self._threads:
            thread.join()

    def put(self, job_id: str) -> Job | None:
        """Have a job wait for its turn."""
        job = self._store.change(job_id, state="waiting")
        self._changed.set()
        return job

    def cancel(self, job_id: str) -> Job | None:
        """Cancel a job: a running one is ended, with all that it started."""
        before = self._store.get(job_id)
        job = self._store.change(job_id, state="cancelled")
        if before is not None and before.state != "running" and job is not None:
            self._store.remove_raw(job)
        return job

    def _take_up(self, job: Job) -> None:
        if job.has_ended:
            self._store.remove_raw(job)
        elif job.state == "uploading":
            log.info("job %s: its upload ended with the server", job.id)
            self._store.delete(job.id)
        elif job.state == "running" and job.starts >= STARTS:
            reason = f"begun {job.starts} times, and the server ended each time"
            self._store.change(job.id, state="failed", reason=reason)
            self._store.remove_raw(job)
            log.error("job %s: failed, %s", job.id, reason)
        else:
            self._store.change(job.id, state="waiting", steps=())
            log.info("job %s: taken up again", job.id)

    def _serve(self) -> None:
        while not self._stopped.is_set():
            job = self._claimed()
            if job is None:
                self._changed.wait(_LOOK_SECONDS * 4)
                self._changed.clear()
                continue
            self._run(job)

    def _claimed(self) -> Job | None:
        try:
            return self._store.claim()
        except (CrosswarpError, OSError) as error:
            # A full disk: jobs wait until there is space.
            log.error("no job can be begun: %s", error)
            self._stopped.wait(_LOOK_SECONDS)
            return None

    def _run(self, job: Job) -> None:
        log.info("job %s: begun", job.id)
        try:
            outcome = self._outcome(job)
            if outcome is None:
                log.info("job %s: ended before it was done", job.id)
            elif outcome.status == "ok":
                self._end(job, "done", "")
            else:
                self._end(job, "failed", self._reason(job, outcome))
        except (CrosswarpError, OSError) as error:
            self._end(job, "failed", " ".join(str(error).split()))
        finally:
            if not self._stopped.is_set():
                self._store.remove_raw(job)

    def _outcome(self, job: Job) -> Outcome | None:
        """Run a job's process to its end; None when it was ended before."""
        bundle, scan = self._find(job)
        task = Task(bundle, scan, self._store.place(job) / OUT)

        def hear(news: str) -> None:
            now = self._store.get(job.id)
            if now is not None:
                self._store.change(job.id, steps=begun(now, news))

        child = Child(self._work, task, hear)
        try:
            while (outcome := child.look()) is None:
                wait(child.waitables, _LOOK_SECONDS)
                now = self._store.get(job.id)
                if self._stopped.is_set() or now is None or now.has_ended:
                    return None
            return outcome
        finally:
            child.close()

    def _reason(self, job: Job, outcome: Outcome) -> str:
        """Say why a job failed, without the folders of this machine."""
        place = self._store.place(job)
        return outcome.reason.replace(f"{place}/", "").replace(str(place), "")

    def _end(self, job: Job, state: str, reason: str) -> None:
        now = self._store.get(job.id)
        if now is None:
            return
        try:
            self._store.change(job.id, state=state, reason=reason, steps=finished(now))
        except (CrosswarpError, OSError) as error:
            # It stands as running on the disk, and is begun again.
            log.error("job %s: not kept, %s", job.id, error)
        level = logging.INFO if state == "done" else logging.WARNING
        log.log(level, "job %s: %s%s", job.id, state, f", {reason}" if reason else "")

    def _sweep(self) -> None:
        while not self._stopped.is_set():
            for job_id in self._store.sweep(self._settings.limits.keep_seconds):
                log.info("job %s: deleted, its time is over", job_id)
            self._stopped.wait(_SWEEP_SECONDS)
