"""What the interface answers, as its description has it."""

from typing import Any

from pydantic import BaseModel, Field

from crosswarp.viewer.jobs import Job, State, Step


class Fault(BaseModel):
    """Why a request was refused."""

    detail: str = Field(description="What was expected, what came, what to do.")


class JobStatus(BaseModel):
    """How far a job is."""

    id: str
    state: State
    label: str = Field(description="Identifier of the scan, such as sub-01.")
    model: str
    created: float = Field(description="Seconds since 1970.")
    ended: float | None
    steps: tuple[Step, ...]
    reason: str = Field(description="Why it failed; empty otherwise.")
    seconds_left: float | None = Field(description="Estimate, while it runs.")
    before: int = Field(description="Jobs that are run before this one.")
    deleted_at: float | None = Field(description="When its files are deleted.")


class Model(BaseModel):
    """A model that may be asked."""

    name: str
    trained_on: str


class Server(BaseModel):
    """What the server serves, and its limits."""

    version: str
    models: tuple[Model, ...]
    faults: tuple[str, ...] = Field(description="Why models cannot be asked.")
    has_run: bool
    has_folder: bool
    upload_bytes: int
    expanded_bytes: int
    keep_hours: float
    waiting: int
    running: int


class Listed(BaseModel):
    """Scans of the folder that the server was given."""

    scans: tuple[str, ...]


class View(BaseModel):
    """Maps of a scan, and regions of the atlas."""

    label: str
    volumes: tuple[dict[str, Any], ...]
    regions: tuple[dict[str, Any], ...]
    no_regions: str = Field(description="Why there are no regions; empty otherwise.")


class RunView(BaseModel):
    """Tested scans of a run, and the tables that compare its models."""

    title: str
    notice: str
    positive: str = Field(description="Class that a high probability speaks for.")
    models: tuple[str, ...]
    scans: tuple[dict[str, Any], ...]
    tables: tuple[dict[str, Any], ...]
    missing: tuple[str, ...]


def status_of(
    job: Job, left: float | None, before: int, keep_seconds: float
) -> JobStatus:
    """Say how far a job is.

    Args:
        job: Job that is asked about.
        left: Seconds that it still takes.
        before: Jobs that are run before it.
        keep_seconds: How long it is kept after its end.
    """
    return JobStatus(
        **job.model_dump(include=set(JobStatus.model_fields)),
        seconds_left=left,
        before=before,
        deleted_at=None if job.ended is None else job.ended + keep_seconds,
    )
