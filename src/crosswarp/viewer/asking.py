"""What all routes of the interface share."""

import importlib.metadata
from asyncio import CancelledError
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final

from fastapi import Depends, Query, Request
from starlette.requests import ClientDisconnect

from crosswarp.errors import CrosswarpError
from crosswarp.viewer.answers import Fault, JobStatus, Model, Server, status_of
from crosswarp.viewer.context import Context
from crosswarp.viewer.jobs import Job
from crosswarp.viewer.queue import log
from crosswarp.viewer.steps import seconds_left
from crosswarp.viewer.uploads import UploadError

_CODES: Final = (400, 401, 403, 404, 409, 413, 415, 422, 503, 507)
FAULTS: Final[dict[int | str, dict[str, Any]]] = {
    code: {"model": Fault} for code in _CODES
}
"""Answers of every route that are refusals."""

BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary"}
            }
        },
    }
}

Name = Annotated[
    str,
    Query(
        max_length=255,
        description="Name of the file: its end tells what it is, and a BIDS name whose"
        " scan it is. Nothing else of it is kept.",
    ),
]
Chosen = Annotated[
    str | None, Query(max_length=255, description="Name of the model; the first one.")
]


def context_of(request: Request) -> Context:
    """Find what the routes share."""
    context: Context = request.app.state.context
    return context


Shared = Annotated[Context, Depends(context_of)]


def describe(context: Context) -> Server:
    """Say what is served, and the limits."""
    settings, store = context.settings, context.store
    return Server(
        version=importlib.metadata.version("crosswarp"),
        models=tuple(
            Model(name=each.name, trained_on=each.trained_on)
            for each in context.served.models
        ),
        faults=context.served.faults,
        has_run=context.served.run is not None,
        has_folder=settings.folder is not None,
        upload_bytes=settings.limits.upload_bytes,
        expanded_bytes=settings.limits.expanded_bytes,
        keep_hours=settings.limits.keep_seconds / 3600,
        waiting=store.count("waiting"),
        running=store.count("running"),
    )


def found(context: Context, job_id: str) -> Job:
    """Find a job.

    Raises:
        UploadError: If there is none of that name, or its time is over.
    """
    job = context.store.get(job_id)
    if job is None:
        msg = "no such job; its files may have been deleted"
        raise UploadError(msg, 404)
    return job


def status(context: Context, job: Job) -> JobStatus:
    """Say how far a job is."""
    everyone = context.store.all()
    ahead = [
        one
        for one in everyone
        if (job.state == "waiting" and (one.state == "running"))
        or (one.state == job.state == "waiting" and one.created < job.created)
    ]
    keep = context.settings.limits.keep_seconds
    return status_of(job, seconds_left(job, everyone), len(ahead), keep)


def queued(context: Context, job_id: str) -> JobStatus:
    """Have a job wait for its turn, and say how far it is."""
    job = context.queue.put(job_id)
    if job is None:
        msg = "the job was deleted meanwhile"
        raise UploadError(msg, 404)
    log.info("job %s: waiting, %d bytes", job.id, job.size)
    return status(context, job)


@asynccontextmanager
async def receiving(context: Context, job: Job) -> AsyncIterator[None]:
    """Delete the job where its upload does not come to an end."""
    if context.receiving >= context.settings.limits.uploads:
        context.store.delete(job.id)
        msg = "too many uploads at this moment; try again in a minute"
        raise UploadError(msg, 503)
    context.receiving += 1
    try:
        yield
    except BaseException as error:
        context.store.delete(job.id)
        # What was refused is told where it is answered.
        if not isinstance(error, CrosswarpError):
            lost = isinstance(error, ClientDisconnect | CancelledError)
            why = "the connection was lost" if lost else type(error).__name__
            log.warning("job %s: upload ended, %s", job.id, why)
        raise
    finally:
        context.receiving -= 1


def length_of(request: Request) -> int | None:
    """Read how many bytes a request announces; None when it does not say."""
    said = request.headers.get("content-length", "")
    return int(said) if said.isdigit() else None
