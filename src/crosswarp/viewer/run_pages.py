"""Pages of a run: cohort, comparison of models, participants, quality control."""

import shutil
import threading
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from crosswarp.bids.ids import ScanId
from crosswarp.documents import read_object
from crosswarp.execution.isolated import run_isolated
from crosswarp.study.names import METRICS, PREDICTIONS, RUN_VIEW, VIEW
from crosswarp.viewer.answers import RunView, View
from crosswarp.viewer.api_views import BINARY, described, map_path
from crosswarp.viewer.asking import FAULTS, Shared
from crosswarp.viewer.context import Context
from crosswarp.viewer.gathering import RunTask, gather
from crosswarp.viewer.pages import lacking, render
from crosswarp.viewer.uploads import UploadError

VIEWS: Final = "views"
"""Folder of what was gathered, among the jobs; made anew by each server."""

_SECONDS: Final = 300.0
_LOCK: Final = threading.Lock()

pages = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
routes = APIRouter(prefix="/api/run", responses=FAULTS, tags=["run"])


@routes.get("")
def run_content(context: Shared) -> RunView:
    """List the tested scans with their scores, and the tables that compare models."""
    return RunView.model_validate(content_of(context))


@routes.get("/scans/{label}/view")
def scan_view(context: Shared, label: str) -> View:
    """List the maps of a scan of the run, and the regions of the atlas."""
    return View.model_validate(described(scan_place(context, label)))


@routes.get(
    "/scans/{label}/maps/{key}.nii.gz", response_class=FileResponse, responses=BINARY
)
def scan_map(context: Shared, label: str, key: str) -> FileResponse:
    """Give one map of a scan of the run, by its key in the view."""
    place = scan_place(context, label)
    root = Path(described(place)["root"])
    return FileResponse(map_path(place, root, key), media_type="application/gzip")


@pages.get("/run")
def run_page(context: Shared) -> HTMLResponse:
    """Show cohort and comparison of models."""
    return render("run.html.j2", run=content_of(context), kept=_kept(context))


@pages.get("/run/report")
def report_page(context: Shared) -> FileResponse:
    """Give the report of the run, one offline page."""
    return _page(context, "report")


@pages.get("/run/qc")
def qc_address(context: Shared) -> RedirectResponse:
    """Lead to the page of quality control, whose pictures have relative names."""
    del context
    return RedirectResponse("/run/qc/")


@pages.get("/run/qc/")
def qc_page(context: Shared) -> FileResponse:
    """Give the page of quality control."""
    return _page(context, "qc")


@pages.get("/run/qc/{name:path}")
def qc_picture(context: Shared, name: str) -> FileResponse:
    """Give a picture of that page: one of those that are there."""
    folder = Path(str(content_of(context)["qc"])).parent
    pictures = {
        path.relative_to(folder).as_posix(): path
        for path in folder.glob("sub-*/figures/*.png")
    }
    if name not in pictures:
        msg = "no such picture in the quality control of the run"
        raise UploadError(msg, 404)
    return FileResponse(pictures[name], media_type="image/png")


@pages.get("/run/scans/{label}")
def scan_page(context: Shared, label: str) -> HTMLResponse:
    """Show maps and scores of a participant."""
    content = content_of(context)
    place = scan_place(context, label)
    row = next(one for one in content["scans"] if one["label"] == label)
    return render(
        "participant.html.j2",
        title=described(place)["label"],
        base=f"/api/run/scans/{label}",
        row=row,
        run=content,
        lacking=lacking(),
    )


def content_of(context: Context) -> dict[str, Any]:
    """Read what the run's page shows; gathered when it is asked for first.

    Raises:
        UploadError: If no run is served, or its files do not belong together.
    """
    run = context.served.run
    if run is None:
        msg = "this server was given no run; start it with the folder of a run"
        raise UploadError(msg, 404)
    place = context.store.folder / VIEWS / _state(run)
    _gathered(RunTask(run, place), place / RUN_VIEW)
    return read_object(place / RUN_VIEW)


def scan_place(context: Context, label: str) -> Path:
    """Folder with the view of a scan of the run.

    Raises:
        UploadError: If the run has no such scan, or its maps are not there.
    """
    content = content_of(context)
    if label not in {one["label"] for one in content["scans"]}:
        msg = "the run has tested no such scan; GET /api/run lists them"
        raise UploadError(msg, 404)
    run = context.served.run
    assert run is not None
    scan = ScanId.parse(label)
    place = context.store.folder / VIEWS / _state(run) / scan.label
    _gathered(RunTask(run, place, scan), place / VIEW)
    return place


def forget_views(folder: Path) -> None:
    """Delete what an earlier server has gathered.

    Args:
        folder: Folder of the jobs.
    """
    shutil.rmtree(folder / VIEWS, ignore_errors=True)


def _gathered(task: RunTask, result: Path) -> None:
    """Gather in a child process: its libraries would stay in the server's memory."""
    with _LOCK:
        if result.is_file():
            return
        outcome = run_isolated(gather, task, timeout_s=_SECONDS)
    if outcome.status != "ok":
        raise UploadError(outcome.reason.replace(f"{task.run.resolve()}/", ""), 409)


def _state(run: Path) -> str:
    """Name a state of the run: another evaluation is gathered anew."""
    files = [run / PREDICTIONS, run / METRICS]
    return "-".join(str(p.stat().st_mtime_ns) for p in files if p.is_file())


def _page(context: Context, name: str) -> FileResponse:
    path = Path(str(content_of(context)[name]) or "missing")
    if not path.is_file():
        msg = f"the run has no page of its {name}"
        raise UploadError(msg, 404)
    return FileResponse(path, media_type="text/html")


def _kept(context: Context) -> bool:
    return bool(context.served.models)
