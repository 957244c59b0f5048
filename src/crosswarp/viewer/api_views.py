"""The interface to what a job has made: maps, regions, report, all files."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final, cast

from fastapi import APIRouter
from fastapi.responses import FileResponse, StreamingResponse

from crosswarp.documents import read_object
from crosswarp.study.names import REGION_LABELS, VIEW
from crosswarp.viewer.answers import View
from crosswarp.viewer.asking import FAULTS, Shared, found
from crosswarp.viewer.context import Context
from crosswarp.viewer.jobs import OUT
from crosswarp.viewer.uploads import UploadError

_GZIP: Final = "application/gzip"
BINARY: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {_GZIP: {"schema": {"type": "string", "format": "binary"}}}}
}
_ZIP: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {
            "application/zip": {"schema": {"type": "string", "format": "binary"}}
        }
    }
}

routes = APIRouter(prefix="/api", responses=FAULTS, tags=["results"])


@routes.get("/jobs/{job_id}/view")
def view(context: Shared, job_id: str) -> View:
    """List the maps of a scan, and the regions of the atlas."""
    return View.model_validate(described(place_of(context, job_id)))


@routes.get(
    "/jobs/{job_id}/maps/{key}.nii.gz",
    response_class=FileResponse,
    responses=BINARY,
)
def volume(context: Shared, job_id: str, key: str) -> FileResponse:
    """Give one map, by its key in the view."""
    place = place_of(context, job_id)
    return FileResponse(map_path(place, place / OUT, key), media_type=_GZIP)


@routes.get("/jobs/{job_id}/all.zip", response_class=StreamingResponse, responses=_ZIP)
def everything(context: Shared, job_id: str) -> StreamingResponse:
    """Give all files of a result as one archive, made while it is sent."""
    place = place_of(context, job_id)
    label = str(described(place).get("label"))
    headers = {"content-disposition": f'attachment; filename="{label}.zip"'}
    return StreamingResponse(
        zipped(place / OUT, label), media_type="application/zip", headers=headers
    )


def place_of(context: Context, job_id: str) -> Path:
    """Folder of a job that is done.

    Raises:
        UploadError: If there is no such job, or it is not done.
    """
    job = found(context, job_id)
    if job.state != "done":
        msg = f"the job is {job.state}; there is no result"
        raise UploadError(msg, 409)
    return context.store.place(job)


def described(place: Path) -> dict[str, Any]:
    """Read what the viewer shows of a scan.

    Raises:
        UploadError: If it cannot be read.
    """
    content = read_object(place / VIEW)
    if "volumes" not in content:
        msg = "the result is damaged; send the scan again"
        raise UploadError(msg, 404)
    return content


def map_path(place: Path, root: Path, key: str) -> Path:
    """Find the file of a map among those that are listed.

    Args:
        place: Folder of the view.
        root: Folder of the maps.
        key: Of the map, or ``regions``.

    Raises:
        UploadError: If there is none of that key.
    """
    if key == "regions" and (place / REGION_LABELS).is_file():
        return place / REGION_LABELS
    for volume in described(place)["volumes"]:
        if volume["key"] == key:
            return root / str(volume["file"])
    msg = "no such map; the view lists them"
    raise UploadError(msg, 404)


class _Pieces:
    """Takes what an archive writes, to be handed on."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keep a piece."""
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: pieces are taken out, never written on."""

    def take(self) -> bytes:
        """Give what was written since the last call."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def zipped(folder: Path, name: str) -> Iterator[bytes]:
    """Make an archive of a folder's files, piece by piece, in bounded memory.

    Args:
        folder: Whose files are taken; links are left out.
        name: First part of the names in the archive.
    """
    pieces = _Pieces()
    # Maps are compressed already.
    with zipfile.ZipFile(cast("IO[bytes]", pieces), "w") as archive:
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or path.is_symlink():
                continue
            inside = f"{name}/{path.relative_to(folder).as_posix()}"
            with path.open("rb") as file, archive.open(inside, "w") as target:
                while chunk := file.read(1 << 20):
                    target.write(chunk)
                    yield pieces.take()
            yield pieces.take()
    yield pieces.take()
