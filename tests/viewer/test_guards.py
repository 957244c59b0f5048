"""Who may ask: host, origin, token, and the headers of every answer."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from crosswarp.viewer.app import host_names, new_token
from crosswarp.viewer.settings import ServeSettings
from tests.viewer.conftest import LIMITS, Served, start


@pytest.fixture(scope="module")
def with_token(
    bundle: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Served, str]]:
    token = new_token()
    jobs = tmp_path_factory.mktemp("guarded")
    served = start(ServeSettings(bundle, jobs, limits=LIMITS), token=token)
    yield served, token
    served.stop()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "localhost:1"}, 200),
        ({"host": "[::1]:1"}, 200),
        ({"host": "evil.example"}, 400),
        ({"host": "10.0.0.1"}, 400),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        # A link on another page may lead here.
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, 200),
    ],
    ids=str,
)
def test_a_request_from_elsewhere_is_refused(
    served: Served, headers: dict[str, str], status: int
) -> None:
    answer = served.client.get("/api/server", headers=headers)
    assert answer.status_code == status
    assert ("detail" in answer.json()) == (status != 200)


def test_another_site_can_send_nothing(served: Served) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    answer = served.client.post("/api/folders", headers=headers)
    assert answer.status_code == 403
    own = served.client.post(
        "/api/folders", headers={"origin": served.address}, params={"model": "none"}
    )
    assert own.status_code == 404


@pytest.mark.parametrize("path", ["/", "/api/server", "/static/scan.js", "/nowhere"])
def test_every_answer_forbids_what_comes_from_elsewhere(
    served: Served, path: str
) -> None:
    headers = served.client.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'")
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


def test_a_page_says_in_words_what_is_missing(served: Served) -> None:
    answer = served.client.get("/jobs/none", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "no such job; its files may have been deleted" in answer.text
    assert "<h1>This page cannot be shown</h1>" in answer.text


def test_the_token_opens_and_nothing_else_does(with_token: tuple[Served, str]) -> None:
    served, token = with_token
    for given in ({}, {"authorization": "Bearer x"}, {"cookie": "crosswarp_token=x"}):
        answer = httpx.get(f"{served.address}/api/server", headers=given)
        assert answer.status_code == 401
        assert "the token that crosswarp serve printed" in answer.text
    assert httpx.get(f"{served.address}/?token=wrong").status_code == 401
    bearer = {"authorization": f"Bearer {token}"}
    known = httpx.get(f"{served.address}/api/server", headers=bearer)
    assert known.status_code == 200
    # An address is no name that another site could have made lead here.
    address = httpx.get(
        f"{served.address}/api/server", headers={**bearer, "host": "10.0.0.1"}
    )
    assert address.status_code == 200


def test_the_token_moves_from_the_address_into_a_cookie(
    with_token: tuple[Served, str],
) -> None:
    served, token = with_token
    with httpx.Client(base_url=served.address) as client:
        first = client.get("/run", params={"token": token})
        assert (first.status_code, first.headers["location"]) == (303, "/run")
        cookie = first.headers["set-cookie"]
        assert "HttpOnly; SameSite=Strict" in cookie
        assert client.get("/").status_code == 200
        broken = {"cookie": "a=\x01;=;"}
        assert httpx.get(f"{served.address}/", headers=broken).status_code == 401


def test_other_machines_may_use_the_names_of_this_one(tmp_path: Path) -> None:
    here = ServeSettings(tmp_path, tmp_path)
    there = ServeSettings(tmp_path, tmp_path, host="0.0.0.0", names=("scans.example",))
    assert here.is_local
    assert not there.is_local
    assert host_names(here) == {"localhost", "127.0.0.1", "[::1]"}
    assert {"scans.example", "0.0.0.0"} < host_names(there)
