"""The proxies' files with the real servers, in front of a real web process or a test upstream."""

import json
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests

from tests.deploy.tools.programs import PLATFORM_KEY
from tests.deploy.tools.proxies import proxy
from tests.deploy.tools.upstream import Upstream
from tests.support.servers.ports import free_port

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.filterwarnings("ignore:Unverified HTTPS request"),
]
KINDS = ("nginx", "caddy")
MIB = 1 << 20


@pytest.fixture(scope="module", params=KINDS)
def front(
    request: pytest.FixtureRequest, web: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A proxy in front of the web process."""
    directory = tmp_path_factory.mktemp(request.param)
    with proxy(request.param, web.removeprefix("http://"), directory) as url:
        yield url


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


@pytest.fixture(scope="module", params=KINDS)
def watched(
    request: pytest.FixtureRequest, upstream: Upstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A proxy in front of the upstream that tells what arrives."""
    directory = tmp_path_factory.mktemp(request.param)
    with proxy(request.param, upstream.address, directory) as url:
        yield url


def _call(method: str, url: str, **more: Any) -> requests.Response:
    return requests.request(method, url, verify=False, timeout=45, allow_redirects=False, **more)


def _organization(front: str) -> dict[str, str]:
    """Headers that act for a new organization."""
    headers = {"Authorization": f"Bearer {PLATFORM_KEY}"}
    response = _call("POST", f"{front}/api/v1/organizations", json={"name": "A"}, headers=headers)
    assert response.status_code == 201, response.text
    return headers | {"Callboard-Organization": response.json()["id"]}


def test_pages_and_health_checks_are_proxied(front: str) -> None:
    assert _call("GET", f"{front}/healthz").status_code == 200
    assert _call("GET", f"{front}/sign-in").status_code in (200, 302, 303)


def test_a_batch_of_the_maximum_size_is_proxied(front: str) -> None:
    event = {"type": "encoding.finished", "payload": {"text": "x" * (MIB - 1024)}}
    body = json.dumps({"events": [event] * 16}).encode()
    body += b" " * (16 * MIB - len(body))
    headers = _organization(front) | {"Content-Type": "application/json"}
    response = _call("POST", f"{front}/api/v1/events/batch", data=body, headers=headers)
    assert response.status_code in (200, 201, 202), response.text[:500]
    assert len(response.json()["events"]) == 16


def test_a_larger_body_is_rejected_before_it_is_sent(front: str) -> None:
    head = f"POST /api/v1/events/batch HTTP/1.1\r\nContent-Length: {18 * MIB}"
    response = _raw(front, f"{head}\r\nExpect: 100-continue")
    assert b" 413 " in response.splitlines()[0]


@pytest.mark.parametrize(
    "path",
    ["/metrics", "/metrics/", "//metrics", "/%6detrics", "/./metrics", "/a/../metrics",
     "/METRICS", "/metrics?a=b", "/metrics%2f", "/metrics;a"],
)  # fmt: skip
def test_metrics_are_not_public(front: str, path: str) -> None:
    head, _, body = _raw(front, f"GET {path} HTTP/1.1").partition(b"\r\n\r\n")
    assert b" 200 " not in head.splitlines()[0]
    assert b"callboard_" not in body


def _raw(url: str, head: str) -> bytes:
    """The response to a request whose path no client has tidied."""
    with _connect(url) as connection:
        connection.sendall(f"{head}\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def _connect(url: str) -> ssl.SSLSocket:
    parts = urlsplit(url)
    context = ssl._create_unverified_context()
    plain = socket.create_connection(("127.0.0.1", parts.port or 443), timeout=45)
    return context.wrap_socket(plain, server_hostname="localhost")


def test_a_request_is_forwarded_only_when_it_is_complete(watched: str, upstream: Upstream) -> None:
    slow, quick, body = f"/slow-{uuid4()}", f"/quick-{uuid4()}", b"x" * 100_000
    with _connect(watched) as connection:
        head = f"POST {slow} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:50_000])
        assert _call("GET", f"{watched}{quick}").status_code == 200
        assert upstream.arrived(quick)
        assert not upstream.arrived(slow)
        connection.sendall(body[50_000:])
        response = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert b" 200 " in response.splitlines()[0]
    assert upstream.arrived(slow)


def test_streamed_responses_are_not_buffered(watched: str, upstream: Upstream) -> None:
    upstream.go_on = Event()
    with requests.get(f"{watched}/live", verify=False, stream=True, timeout=45) as response:
        parts = response.iter_content(None)
        assert next(parts) == b"first"
        upstream.go_on.set()
        assert b"".join(parts) == b"second"


def test_a_client_cannot_set_its_own_address(watched: str, upstream: Upstream) -> None:
    _call("GET", f"{watched}/address", headers={"X-Forwarded-For": "203.0.113.9"})
    assert upstream.headers["/address"]["X-Forwarded-For"] == "127.0.0.1"


def test_with_caddy_a_request_waits_while_callboard_is_started_again(tmp_path: Path) -> None:
    port, body = free_port(), b"x" * 100_000
    with ExitStack() as proxies, ThreadPoolExecutor(1) as clients:
        with Upstream(port) as old:
            url = proxies.enter_context(proxy("caddy", old.address, tmp_path))
        waiting = clients.submit(_call, "POST", f"{url}/waiting", data=body)
        # Without anything to connect to, the proxy would respond at once.
        wait([waiting], 1)
        with Upstream(port) as new:
            response = waiting.result()
        assert response.status_code == 200, response.text
        assert new.headers["/waiting"]["Content-Length"] == str(len(body))
