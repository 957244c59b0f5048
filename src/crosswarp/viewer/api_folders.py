"""The interface for folders: of DICOM files that are sent, or of the server's own."""

from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request

from crosswarp.viewer.answers import JobStatus, Listed
from crosswarp.viewer.asking import (
    BODY,
    FAULTS,
    Chosen,
    Shared,
    found,
    length_of,
    queued,
    receiving,
    status,
)
from crosswarp.viewer.jobs import RAW, UNNAMED
from crosswarp.viewer.uploads import UploadError, check_length, pack, receive

PARTS: Final = "parts"
"""Folder of the files until all are there."""

_DICOM: Final = ".dcm"

routes = APIRouter(prefix="/api", responses=FAULTS, tags=["folders"])


@routes.post("/folders", status_code=201)
def begin_folder(context: Shared, model: Chosen = None) -> JobStatus:
    """Begin to send a folder of DICOM files, one by one."""
    context.check_room()
    job = context.store.add(UNNAMED, context.model(model).name, "uploading")
    return status(context, job)


@routes.put("/folders/{job_id}/{number}", openapi_extra=BODY)
async def send_part(
    context: Shared, request: Request, job_id: str, number: int
) -> JobStatus:
    """Send one file of a folder."""
    job = found(context, job_id)
    if job.state != "uploading":
        msg = f"the folder is complete; its job is {job.state}"
        raise UploadError(msg, 409)
    if not 0 <= number < context.settings.limits.files:
        msg = f"files are numbered from 0 to {context.settings.limits.files - 1}"
        raise UploadError(msg, 422)
    check_length(
        length_of(request), job.size, context.settings.limits, context.store.folder
    )
    path = context.store.place(job) / PARTS / f"{number:06d}{_DICOM}"
    async with receiving(context, job):
        size = await receive(request.stream(), path, job.size, context.settings.limits)
    now = found(context, job_id)
    return status(context, context.store.change(job_id, size=now.size + size) or now)


@routes.post("/folders/{job_id}/end")
def end_folder(context: Shared, job_id: str) -> JobStatus:
    """Say that the folder is complete, and have it classified."""
    job = found(context, job_id)
    parts = sorted((context.store.place(job) / PARTS).glob(f"*{_DICOM}"))
    if job.state != "uploading" or not parts:
        msg = f"no files were sent, or the job is {job.state}"
        raise UploadError(msg, 409)
    pack(parts, context.store.place(job) / RAW / f"{job.label}_T1w.zip")
    _delete(parts)
    return queued(context, job.id)


@routes.get("/listed")
def listed(context: Shared) -> Listed:
    """List the scans of the folder that the server was given."""
    return Listed(scans=tuple(sorted(context.listed())))


@routes.post("/listed", status_code=201)
def choose(
    context: Shared, scan: Annotated[str, Query(max_length=255)], model: Chosen = None
) -> JobStatus:
    """Have a scan of that folder classified, by its name in the list."""
    context.check_room()
    chosen = context.model(model)
    if scan not in context.listed():
        msg = "no such scan is listed; GET /api/listed"
        raise UploadError(msg, 404)
    job = context.store.add(scan, chosen.name, "waiting", listed=True)
    return queued(context, job.id)


def _delete(files: list[Path]) -> None:
    for path in files:
        path.unlink(missing_ok=True)
