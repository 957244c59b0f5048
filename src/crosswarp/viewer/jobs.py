"""Jobs as they are kept on disk: they outlive the server."""

import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from crosswarp.documents import read_object
from crosswarp.errors import CrosswarpError
from crosswarp.files import (
    delete_folder,
    make_folder,
    remove_unfinished,
    write_json,
)
from crosswarp.study.names import JOB, SERVER

State = Literal["uploading", "waiting", "running", "done", "failed", "cancelled"]

ENDED: Final = ("done", "failed", "cancelled")
"""States that a job does not leave."""

RAW: Final = "scan"
"""Folder of what was uploaded, deleted when the job has ended."""

OUT: Final = "out"
"""Folder of maps, pictures and answer: what may be downloaded."""

UNNAMED: Final = "sub-scan"
"""Identifier of a scan whose file is not named by BIDS: a name may be a person's."""

LOST: Final = "the job's record is gone or damaged; send the scan again"

_ID_BYTES: Final = 16
_ID: Final = re.compile(rf"[0-9a-f]{{{2 * _ID_BYTES}}}")


class Step(BaseModel):
    """One step of a job.

    Attributes:
        name: A few words.
        started: Seconds since 1970.
        seconds: How long it took; None while it goes on.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    name: str
    started: float
    seconds: float | None = None


class Job(BaseModel):
    """One scan to be classified.

    Attributes:
        id: Random, and the name of its folder.
        state: How far it is.
        label: Identifier of the scan, such as ``sub-01``; never the name of a file.
        model: Name of the model that is asked.
        listed: Whether the scan is one of the server's own folder.
        created: When it was made, in seconds since 1970.
        ended: When it ended; None before.
        steps: What was done, in order.
        reason: Why it failed, on one line; empty otherwise.
        starts: How often it was begun: again when the server was stopped.
        size: Bytes that were uploaded.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    id: str
    state: State
    label: str
    model: str
    listed: bool = False
    created: float
    ended: float | None = None
    steps: tuple[Step, ...] = ()
    reason: str = ""
    starts: int = 0
    size: int = 0

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in ENDED


class JobStore:
    """All jobs, in memory and as one file each; safe for several threads.

    Args:
        folder: Of the jobs; made when it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        make_folder(folder)
        remove_unfinished(folder)
        write_json(folder / SERVER, {"format": 1})
        self._lock = threading.RLock()
        self._jobs = {job.id: job for job in self._read()}

    def _read(self) -> Iterator[Job]:
        for place in sorted(self.folder.iterdir()):
            if not _ID.fullmatch(place.name) or not place.is_dir():
                continue
            # One that a killed server had only begun to make.
            with suppress(OSError):
                place.rmdir()
                continue
            yield _recorded(place) or self._lost(place)

    def _lost(self, place: Path) -> Job:
        """Have a job without a sound record fail: it is told, and deleted in time."""
        known = {"state": "failed", "label": UNNAMED, "model": "unknown"}
        times = {"created": place.stat().st_mtime, "ended": time.time()}
        job = Job.model_validate({"id": place.name, "reason": LOST, **known, **times})
        with suppress(CrosswarpError, OSError):
            write_json(place / JOB, job.model_dump(mode="json"))
        return job

    def add(self, label: str, model: str, state: State, *, listed: bool = False) -> Job:
        """Make a job with a random name and its folder."""
        job = Job(
            id=secrets.token_hex(_ID_BYTES),
            state=state,
            label=label,
            model=model,
            listed=listed,
            created=time.time(),
        )
        self.keep(job)
        return job

    def get(self, job_id: str) -> Job | None:
        """Find a job; what was asked for is compared, and never made part of a path."""
        with self._lock:
            return self._jobs.get(job_id)

    def all(self) -> list[Job]:
        """List the jobs, the newest first."""
        with self._lock:
            return sorted(self._jobs.values(), key=lambda job: -job.created)

    def keep(self, job: Job) -> None:
        """Keep a job on disk and in memory."""
        write_json(self.place(job) / JOB, job.model_dump(mode="json"))
        with self._lock:
            self._jobs[job.id] = job

    def change(self, job_id: str, **changes: object) -> Job | None:
        """Change a job that is still there, and has not ended."""
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None or job.has_ended:
                return job
            if changes.get("state") in ENDED:
                changes["ended"] = time.time()
            changed = job.model_copy(update=changes)
            self.keep(changed)
            return changed

    def claim(self) -> Job | None:
        """Take the job that has waited longest; it is running from now on."""
        with self._lock:
            waiting = [job for job in self._jobs.values() if job.state == "waiting"]
            if not waiting:
                return None
            job = min(waiting, key=lambda one: one.created)
            return self.change(job.id, state="running", steps=(), starts=job.starts + 1)

    def delete(self, job_id: str) -> None:
        """Forget a job and delete its files."""
        with self._lock:
            job = self._jobs.pop(job_id, None)
        if job is not None:
            delete_folder(self.place(job))

    def count(self, *states: State) -> int:
        """Count the jobs in some states."""
        return sum(job.state in states for job in self.all())

    def place(self, job: Job) -> Path:
        """Folder of a job."""
        return self.folder / job.id

    def remove_raw(self, job: Job) -> None:
        """Delete what was uploaded: a head has a face; all, of a deleted job."""
        shutil.rmtree(self.place(job) / RAW, ignore_errors=True)
        if self.get(job.id) is None:
            # Its process may have written until it was ended.
            delete_folder(self.place(job))

    def sweep(self, keep_seconds: float) -> list[str]:
        """Delete the jobs whose time is over, and uploads that nobody goes on with.

        Args:
            keep_seconds: How long after its end a job is kept.

        Returns:
            Names of those that were deleted.
        """
        now = time.time()
        old = [
            job.id
            for job in self.all()
            if (job.ended is not None and now - job.ended > keep_seconds)
            or (job.state == "uploading" and now - job.created > keep_seconds)
        ]
        for job_id in old:
            self.delete(job_id)
        return old


def _recorded(place: Path) -> Job | None:
    """Read the job of a folder; None without a sound record of that very job."""
    with suppress(ValidationError):
        job = Job.model_validate(read_object(place / JOB))
        return job if job.id == place.name else None
    return None
