"""Start the server, and say where it is."""

import logging
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

from crosswarp.errors import InputError, MachineError, MissingPackageError
from crosswarp.files import make_folder
from crosswarp.locks import locked
from crosswarp.outputs import Purpose, claim_folder
from crosswarp.study.names import SERVER
from crosswarp.viewer.settings import ServeSettings

LACKING: Final = "the server needs more packages: pip install 'crosswarp[serve]'"

SERVED: Final = Purpose(
    "jobs of a server", "crosswarp serve", lambda out: (out / SERVER).is_file()
)

Say = Callable[[str], None]


def serve(settings: ServeSettings, say: Say, *, with_token: bool = False) -> None:
    """Serve until the process is interrupted.

    Args:
        settings: What is served, where, and within which limits.
        say: Told the address to open, and each event, one line each.
        with_token: Ask for a token on this machine, too; other machines always need
            it.

    Raises:
        InputError: If the source is no bundle, model or run, or of a newer version;
            if the port cannot be used.
        LockedError: If another server works on the folder of jobs.
        MissingPackageError: If FastAPI or uvicorn is not installed.
    """
    try:
        import uvicorn

        from crosswarp.viewer.app import make_app, new_token
    except ImportError as error:
        raise MissingPackageError(LACKING) from error
    _check_folder(settings.folder)
    claim_folder(settings.jobs, SERVED)
    make_folder(settings.jobs)
    with locked(settings.jobs):
        token = None if settings.is_local and not with_token else new_token()
        app = make_app(settings, token=token)
        with _listening(settings) as place:
            say(address(settings.host, place.getsockname()[1], token))
            _log_to(say)
            # Its own log of requests would have the token in it.
            config = uvicorn.Config(app, log_level="warning", access_log=False)
            uvicorn.Server(config).run(sockets=[place])


def address(host: str, port: int, token: str | None) -> str:
    """Write the address that is opened in a browser.

    Example:
        >>> address("127.0.0.1", 8000, None)
        'http://127.0.0.1:8000/'
    """
    name = f"[{host}]" if ":" in host else host
    if host in {"0.0.0.0", "::"}:
        name = socket.gethostname()
    return f"http://{name}:{port}/" + (f"?token={token}" if token else "")


def _check_folder(folder: Path | None) -> None:
    if folder is not None and not folder.is_dir():
        msg = f"no folder at {folder}: expected one with scans (`folder`)"
        raise InputError(msg)


def _listening(settings: ServeSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    place = socket.socket(family, socket.SOCK_STREAM)
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        place.bind((settings.host, settings.port))
        # Who opens the address at once waits for the start, and is not refused.
        place.listen()
    except OSError as error:
        place.close()
        msg = (
            f"{settings.host} port {settings.port} cannot be used ({error.strerror});"
            " choose another `port`, or 0 for a free one"
        )
        raise MachineError(msg) from error
    return place


class _Lines(logging.Handler):
    def __init__(self, say: Say) -> None:
        super().__init__()
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        """Hand a line on."""
        self._say(f"{record.levelname.lower()}: {record.getMessage()}")


def _log_to(say: Say) -> None:
    log = logging.getLogger("crosswarp.serve")
    log.handlers[:] = [_Lines(say)]
    log.setLevel(logging.INFO)
    log.propagate = False
