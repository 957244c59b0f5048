"""The application: routes, guards, and how errors are answered."""

import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from crosswarp.errors import CrosswarpError, MachineError
from crosswarp.execution.work import Work
from crosswarp.viewer import api_folders, api_jobs, api_views, pages, run_pages
from crosswarp.viewer.context import Context
from crosswarp.viewer.guards import Guard
from crosswarp.viewer.jobs import JobStore
from crosswarp.viewer.pages import STATIC, render_fault
from crosswarp.viewer.queue import WORK, JobQueue, log
from crosswarp.viewer.served import Served, look_at
from crosswarp.viewer.settings import ServeSettings
from crosswarp.viewer.uploads import UploadError

LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")


def make_app(
    settings: ServeSettings,
    *,
    token: str | None = None,
    work: Work = WORK,
    served: Served | None = None,
) -> FastAPI:
    """Make the application.

    Args:
        settings: What is served, and within which limits.
        token: That every request must have; None where only this machine can ask.
        work: What is done to each scan.
        served: What the source holds; looked at when None.

    Raises:
        InputError: If the source is no bundle, model or run, or of a newer version.
    """
    context = Context(
        settings, served or look_at(settings.source), JobStore(settings.jobs)
    )
    run_pages.forget_views(settings.jobs)
    context.queue = JobQueue(context.store, settings, context.find, work)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        context.queue.start()
        yield
        context.queue.stop()

    app = FastAPI(
        title="crosswarp serve",
        summary="Research software, not a medical device.",
        description="Send a T1w scan, follow its job, get maps, answer and report.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.context = context
    _answer_errors(app)
    for room in (api_jobs, api_folders, api_views, pages, run_pages):
        app.include_router(room.routes)
    app.include_router(run_pages.pages)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(Guard, hosts=host_names(settings), token=token)
    return app


def host_names(settings: ServeSettings) -> set[str]:
    """Names by which the server may be asked."""
    names = {*LOCAL_NAMES, settings.host, *settings.names}
    if not settings.is_local:
        names |= {socket.gethostname().lower(), socket.getfqdn().lower()}
    return names


def new_token() -> str:
    """Draw a token."""
    return secrets.token_urlsafe(32)


def _answer_errors(app: FastAPI) -> None:
    # FastAPI calls the handler of the nearest class of an error.
    for kind, handler in (
        (UploadError, _refused),
        (CrosswarpError, _failed),
        (RequestValidationError, _unsound),
        (HTTPException, _unknown),
        (ClientDisconnect, _gone),
    ):
        app.add_exception_handler(kind, handler)


def _answer(request: Request, status: int, detail: str) -> Response:
    wants_page = "text/html" in request.headers.get("accept", "")
    if wants_page and not request.url.path.startswith("/api/"):
        return render_fault(status, detail)
    return JSONResponse({"detail": detail}, status_code=status)


async def _refused(request: Request, error: Exception) -> Response:
    status = getattr(error, "status", HTTPStatus.BAD_REQUEST)
    if status != HTTPStatus.NOT_FOUND:
        log.warning("refused, %s", error)
    return _answer(request, status, str(error))


async def _failed(request: Request, error: Exception) -> Response:
    context: Context = request.app.state.context
    detail = str(error).replace(str(context.store.folder), "the folder of jobs")
    log.error("refused, %s", detail)
    is_machine = isinstance(error, MachineError)
    status = HTTPStatus.INSUFFICIENT_STORAGE if is_machine else 422
    return _answer(request, status, detail)


async def _unsound(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    faults = [f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in found]
    return _answer(request, 422, "; ".join(faults))


async def _unknown(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", HTTPStatus.BAD_REQUEST)
    return _answer(request, status, str(getattr(error, "detail", error)))


async def _gone(request: Request, error: Exception) -> Response:
    del error  # nobody reads the answer
    return _answer(request, HTTPStatus.BAD_REQUEST, "the connection was lost")
