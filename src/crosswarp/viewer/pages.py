"""Pages for people: rendered here, filled and renewed by small scripts."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from crosswarp.viewer.api_views import described, place_of
from crosswarp.viewer.asking import Shared, describe, found
from crosswarp.viewer.jobs import OUT
from crosswarp.viewer.uploads import UploadError

STATIC: Final = Path(__file__).with_name("static")
NIIVUE: Final = STATIC / "niivue" / "niivue.umd.js"

LACKING: Final = (
    "The interactive slices and the 3D view need NiiVue, which is not installed: give"
    " make install in the clone of crosswarp, or install its wheel."
)

routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@routes.get("/")
def home(context: Shared) -> HTMLResponse:
    """Show what may be sent, and the jobs."""
    server = describe(context)
    return render("home.html.j2", server=server, listed=sorted(context.listed()))


@routes.get("/jobs/{job_id}")
def job_page(context: Shared, job_id: str) -> HTMLResponse:
    """Show how far a job is, or its result."""
    job = found(context, job_id)
    if job.state != "done":
        return render("job.html.j2", job=job)
    place = place_of(context, job_id)
    view = described(place)
    report = _report_of(place / OUT, view)
    return render(
        "scan.html.j2",
        title=view["label"],
        base=f"/api/jobs/{job_id}",
        job=job,
        report=report_parts(report.read_text("utf-8")) if report else None,
        lacking=lacking(),
    )


@routes.get("/jobs/{job_id}/report")
def report_page(context: Shared, job_id: str) -> FileResponse:
    """Give the report of a scan, one offline page."""
    place = place_of(context, job_id)
    report = _report_of(place / OUT, described(place))
    if report is None:
        msg = "the scan has no report"
        raise UploadError(msg, 404)
    return FileResponse(report, media_type="text/html")


@routes.get("/report.css")
def style() -> FileResponse:
    """Give the style sheet of the report."""
    return FileResponse(_report_style(), media_type="text/css")


def lacking() -> str:
    """Say what to do when the 3D view is not installed; empty when it is."""
    return "" if NIIVUE.is_file() else LACKING


def _report_of(out: Path, view: dict[str, Any]) -> Path | None:
    path = out / str(view.get("report") or "")
    return path if path.is_file() else None


def report_parts(page: str) -> dict[str, Markup]:
    """Take out of a report's page what the interactive page shows.

    The page was written by this program, which escapes what comes from outside.

    Args:
        page: HTML of the page of one scan.

    Returns:
        ``notice``, ``nav``, the ``first`` section, which is the answer, and the
        ``rest``; empty where the page has none.
    """
    parts = {
        "notice": ('<p class="notice" role="note">', "</p>"),
        "main": ('<main id="content">', "</main>"),
        "nav": ('<nav aria-label="Sections"><ul>', "</ul>"),
    }
    found = {
        name: Markup(page.partition(start)[2].partition(end)[0])
        for name, (start, end) in parts.items()
    }
    first, end, rest = found.pop("main").partition("</section>")
    return {**found, "first": first + end, "rest": rest}


def render(template: str, **values: object) -> HTMLResponse:
    """Fill the template of a page.

    Args:
        template: Name of its file.
        **values: What it shows.
    """
    return HTMLResponse(_environment().get_template(template).render(**values))


def render_fault(status: int, detail: str) -> HTMLResponse:
    """Make the page of a refusal.

    Args:
        status: Of the HTTP answer.
        detail: Why, in one line.
    """
    page = _environment().get_template("fault.html.j2").render(detail=detail)
    return HTMLResponse(page, status_code=status)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("crosswarp.viewer"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _report_style() -> Path:
    return Path(str(files("crosswarp.report"))) / "templates" / "style.css"
