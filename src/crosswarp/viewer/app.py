"""The application: routes, guards, and how errors are answered."""

import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from crosswarp.errors import CrosswarpError, MachineError
from crosswarp.execution.work import Work
from crosswarp.viewer import api_folders, api_jobs, api_views, pages
from crosswarp.viewer.context import Context
from crosswarp.viewer.guards import Guard
from crosswarp.viewer.jobs import JobStore
from crosswarp.viewer.pages import STATIC, render_fault
from crosswarp.viewer.queue import WORK, JobQueue
from crosswarp.viewer.served import look_at
from crosswarp.viewer.settings import ServeSettings
from crosswarp.viewer.uploads import UploadError

LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")


def make_app(
    settings: ServeSettings, *, token: str | None = None, work: Work = WORK
) -> FastAPI:
    """Make the application.

    Args:
        settings: What is served, and within which limits.
        token: That every request must have; None where only this machine can ask.
        work: What is done to each scan.

    Raises:
        InputError: If the source is no bundle, model or run, or of a newer version.
    """
    context = Context(settings, look_at(settings.source), JobStore(settings.jobs))
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
    for room in (api_jobs, api_folders, api_views, pages):
        app.include_router(room.routes)
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
    def answer(request: Request, status: int, detail: str) -> Any:  # noqa: ANN401
        wants_page = "text/html" in request.headers.get("accept", "")
        if wants_page and not request.url.path.startswith("/api/"):
            return render_fault(status, detail)
        return JSONResponse({"detail": detail}, status_code=status)

    @app.exception_handler(UploadError)
    async def refused(request: Request, error: UploadError) -> Any:  # noqa: ANN401
        return answer(request, error.status, str(error))

    @app.exception_handler(CrosswarpError)
    async def failed(request: Request, error: CrosswarpError) -> Any:  # noqa: ANN401
        place = str(_jobs_of(app))
        detail = str(error).replace(place, "the folder of jobs")
        return answer(request, 507 if isinstance(error, MachineError) else 422, detail)

    @app.exception_handler(RequestValidationError)
    async def unsound(request: Request, error: RequestValidationError) -> Any:  # noqa: ANN401
        faults = [
            f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}"
            for one in error.errors()
        ]
        return answer(request, 422, "; ".join(faults))

    @app.exception_handler(HTTPException)
    async def unknown(request: Request, error: HTTPException) -> Any:  # noqa: ANN401
        return answer(request, error.status_code, str(error.detail))

    @app.exception_handler(ClientDisconnect)
    async def gone(request: Request, error: ClientDisconnect) -> Any:  # noqa: ANN401
        del error  # nobody reads the answer
        return answer(request, 400, "the connection was lost")


def _jobs_of(app: FastAPI) -> Path:
    context: Context = app.state.context
    return context.store.folder
