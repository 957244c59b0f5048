"""Fetch weights over https: within a limit, whole or not at all."""

import urllib.request
from collections.abc import Callable
from http.client import HTTPMessage, HTTPResponse
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import urlsplit

from crosswarp.disks import storage_named
from crosswarp.errors import InputError, OccupiedError
from crosswarp.files import write_json, written_whole
from crosswarp.models.weights.folder import file_sha256, record_path, verify
from crosswarp.models.weights.sources import WeightSource

LARGEST: Final = 1_000_000_000
"""Bytes: four times the largest file that there is."""

TIMEOUT_SECONDS: Final = 60.0
CHUNK: Final = 1 << 20
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})

Told = Callable[[int], None]


def fetch(
    source: WeightSource,
    folder: Path,
    *,
    largest: int = LARGEST,
    told: Told | None = None,
) -> bool:
    """Fetch weights unless they are there.

    Args:
        source: Source of the weights.
        folder: To write to.
        largest: Most bytes to take.
        told: Of the bytes that have come, after each piece.

    Returns:
        Whether anything was fetched.

    Raises:
        InputError: If the address is not https, what comes is too much, too little
            or not what the stated digest says, or nothing comes. Nothing is left then.
        OccupiedError: If a file of that name is there that was not fetched.
    """
    found = verify(folder, source)
    if found.state in ("verified", "as first fetched"):
        return False
    if found.state != "absent":
        msg = (
            f"{folder / source.file} is there, and is not what was fetched or is stated"
            f" (SHA-256 {found.sha256}); delete it or move it elsewhere, then fetch"
            " again"
        )
        raise OccupiedError(msg)
    with written_whole(folder / source.file) as temporary:
        _download(source.url, temporary, largest, told or (lambda _: None))
        got = file_sha256(temporary)
        if source.sha256 not in (None, got):
            msg = (
                f"what came from {source.url} has the SHA-256 {got}, expected"
                f" {source.sha256} (stated by {source.sha256_stated_by}); it was not"
                " kept"
            )
            raise InputError(msg)
    record = {"url": source.url, "sha256": got, "stated": source.sha256 is not None}
    write_json(record_path(folder, source), record)
    return True


def check_url(url: str) -> None:
    """Refuse what is neither https nor this very machine.

    Raises:
        InputError: If it is something else.
    """
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in LOOPBACK
    if parts.scheme != "https" and not local:
        msg = f"weights are fetched over https alone, got {url}"
        raise InputError(msg)


class _CheckedRedirects(urllib.request.HTTPRedirectHandler):
    """Follow redirections to https alone."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: Any,  # noqa: ANN401 - an answer is a file but not by its type
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Check where it leads."""
        check_url(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _download(url: str, path: Path, largest: int, told: Told) -> None:
    check_url(url)
    opener = urllib.request.build_opener(_CheckedRedirects)
    try:
        with (
            opener.open(url, timeout=TIMEOUT_SECONDS) as answer,
            storage_named(path.parent),
            path.open("wb") as out,
        ):
            _copy(url, answer, out, largest, told)
    except OSError as error:  # URLError is one
        msg = (
            f"cannot fetch {url} ({error}); where there is no network, copy the folder"
            " of weights from a machine that has one"
        )
        raise InputError(msg) from error


def _copy(
    url: str, answer: HTTPResponse, out: BinaryIO, largest: int, told: Told
) -> None:
    promised = answer.headers.get("Content-Length")
    came = 0
    while piece := answer.read(CHUNK):
        came += len(piece)
        if came > largest:
            msg = f"{url} is larger than {largest:,} bytes; nothing was kept"
            raise InputError(msg)
        out.write(piece)
        told(came)
    if promised is not None and came != int(promised):
        msg = f"{url} ended after {came:,} of {int(promised):,} bytes; fetch it again"
        raise InputError(msg)
