"""The interface for programs and pages: send a scan, follow its job, cancel, delete."""

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from crosswarp.viewer.answers import JobStatus, Server
from crosswarp.viewer.asking import (
    BODY,
    FAULTS,
    Chosen,
    Name,
    Shared,
    describe,
    found,
    length_of,
    queued,
    receiving,
    status,
)
from crosswarp.viewer.context import label_of
from crosswarp.viewer.jobs import RAW
from crosswarp.viewer.queue import log
from crosswarp.viewer.uploads import check_length, ending_of, look_at, receive

routes = APIRouter(prefix="/api", responses=FAULTS, tags=["jobs"])


@routes.get("/server")
def server(context: Shared) -> Server:
    """Say what is served, and the limits."""
    return describe(context)


@routes.get("/jobs")
def jobs(context: Shared) -> list[JobStatus]:
    """List the jobs, the newest first."""
    return [status(context, job) for job in context.store.all()]


@routes.post("/jobs", status_code=201, openapi_extra=BODY)
async def send(
    context: Shared, request: Request, name: Name, model: Chosen = None
) -> JobStatus:
    """Send one file, a NIfTI image or a zip archive, and have it classified."""
    ending = ending_of(name)
    context.check_room()
    chosen = context.model(model)
    check_length(length_of(request), 0, context.settings.limits, context.store.folder)
    job = context.store.add(label_of(name), chosen.name, "uploading")
    path = context.store.place(job) / RAW / f"{job.label}_T1w{ending}"
    async with receiving(context, job):
        size = await receive(request.stream(), path, 0, context.settings.limits)
        await run_sync(look_at, path, context.settings.limits)
    context.store.change(job.id, size=size)
    return queued(context, job.id)


@routes.get("/jobs/{job_id}")
def look(context: Shared, job_id: str) -> JobStatus:
    """Say how far a job is."""
    return status(context, found(context, job_id))


@routes.post("/jobs/{job_id}/cancel")
def cancel(context: Shared, job_id: str) -> JobStatus:
    """Cancel a job that waits or runs."""
    job = found(context, job_id)
    return status(context, context.queue.cancel(job_id) or job)


@routes.delete("/jobs/{job_id}", status_code=204)
def delete(context: Shared, job_id: str) -> Response:
    """Cancel a job, and delete all its files now."""
    job = found(context, job_id)
    context.queue.cancel(job.id)
    context.store.delete(job.id)
    log.info("job %s: deleted", job.id)
    return Response(status_code=204)
