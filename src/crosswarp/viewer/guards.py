"""Who may ask: checks of host, origin and token, and headers of every answer."""

import hmac
import ipaddress
import json
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "crosswarp_token"

POLICY: Final = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'"
    " 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self' blob: data:;"
    " worker-src 'self' blob:; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
"""Nothing comes from elsewhere; styles stand in the figures of a report."""

HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}

_READING: Final = ("GET", "HEAD", "OPTIONS")


class Guard:
    """Refuses what does not come from this server's own pages, or lacks the token.

    Args:
        app: What is guarded.
        hosts: Names by which the server may be asked, without port.
        token: That every request must have; None where only this machine can ask.
    """

    def __init__(
        self, app: ASGIApp, hosts: Iterable[str], token: str | None = None
    ) -> None:
        self._app, self._hosts, self._token = app, frozenset(hosts), token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _refuse(headed, *refusal)
        elif self._token is not None and (given := _in_query(scope)):
            await self._let_in(headed, scope, given)
        else:
            await self._app(scope, receive, headed)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        host = headers.get("host", "")
        if not self._is_known(_name_of(host)):
            return 400, "this server is not known under that host name"
        site = headers.get("sec-fetch-site", "none")
        navigates = headers.get("sec-fetch-mode") == "navigate"
        reads = scope["method"] in _READING
        if site not in ("same-origin", "none") and not (reads and navigates):
            return 403, "the request comes from the page of another site"
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return 403, "the request comes from the page of another origin"
        if self._token is None or self._is_token(_given(scope, headers)):
            return None
        return 401, "open the address with the token that crosswarp serve printed"

    def _is_known(self, name: str) -> bool:
        # Another site's name may lead here; an address cannot be such a name.
        return name in self._hosts or (self._token is not None and _is_address(name))

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), (self._token or "").encode())

    async def _let_in(self, send: Send, scope: Scope, token: str) -> None:
        """Put the token into a cookie, out of the address that people copy."""
        cookie = f"{COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/"
        headers = [
            # One slash: two would lead to another host.
            (b"location", b"/" + quote(scope["path"].lstrip("/")).encode()),
            (b"set-cookie", cookie.encode()),
        ]
        start = {"type": "http.response.start", "status": 303, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": b""})


def _given(scope: Scope, headers: Headers) -> str:
    kind, _, bearer = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return bearer.strip()
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return _in_query(scope)
    return _in_query(scope) or (cookies[COOKIE].value if COOKIE in cookies else "")


def _in_query(scope: Scope) -> str:
    if scope["method"] != "GET":
        return ""
    query = parse_qs(scope["query_string"].decode("latin-1"))
    given: str = query.get("token", [""])[0]
    return given


def _name_of(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


async def _refuse(send: Send, status: int, reason: str) -> None:
    body = json.dumps({"detail": reason}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
