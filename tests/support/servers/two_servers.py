"""Compare what two web processes answer to the same bytes."""

import json
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests

from tests.deploy.tools import programs
from tests.support.databases import SqliteTemplate
from tests.support.servers.ports import free_port

THREADS = (sys.executable, "-m", "gunicorn", "-k", "gthread")
ORGANIZATION = "0198c7a2-7c1e-7000-8000-2f6b1f9d3c11"
CREDENTIALS = {
    "Authorization": f"Bearer {programs.PLATFORM_KEY}",
    "Callboard-Organization": ORGANIZATION,
}

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TYPE = re.compile(rb"\r\ncontent-type: *([^\r;]+)", re.IGNORECASE)
_SECONDS = 20
ACCEPTED = 202
REFUSED = frozenset({400, 408, 413, 414, 417, 431, 501})


@dataclass(frozen=True)
class Given:
    """A response. code: of a problem document; "" otherwise."""

    status: int
    type: str
    code: str


@contextmanager
def both(directory: Path, template: SqliteTemplate, redis_url: str) -> Iterator[tuple[str, str]]:
    """URLs of a web process with gunicorn's threads, and of one with the front. Each has a database
    of its own with the organization of CREDENTIALS."""
    with ExitStack() as stack:
        urls = []
        for name, command in (("old", (*THREADS, "wsgi:app")), ("new", programs.GUNICORN)):
            own = directory / name
            own.mkdir()
            port = str(free_port())
            environ = programs.settings(own, template.copy(own), redis_url, PORT=port)
            environ["API_RATE_LIMIT"] = "1000000"
            url = f"http://127.0.0.1:{port}"
            stack.enter_context(programs.running(command, environ, own, f"{url}/healthz"))
            document = {"id": ORGANIZATION, "name": "Odd"}
            created = requests.post(
                f"{url}/api/v1/organizations",
                json=document,
                headers={"Authorization": CREDENTIALS["Authorization"]},
                timeout=45,
            )
            created.raise_for_status()
            urls.append(url)
        yield urls[0], urls[1]


@dataclass(frozen=True)
class Exchange:
    """is_cut: the server has reset the connection, so that responses may be missing. hangs: it has
    not closed the connection, although the client sends no more."""

    responses: list[Given]
    is_cut: bool = False
    hangs: bool = False


def exchange(url: str, data: bytes) -> Exchange:
    """All responses to `data`, after which the client sends no more."""
    parts = urlsplit(url)
    received, is_cut = b"", False
    with socket.create_connection((parts.hostname or "", parts.port or 80), _SECONDS) as client:
        try:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            # It has responded, and closes.
            is_cut = True
        try:
            while more := client.recv(1 << 16):
                received += more
        except TimeoutError:
            return Exchange(_responses(received), is_cut, hangs=True)
        except ConnectionError:
            is_cut = True
    return Exchange(_responses(received), is_cut)


def _responses(received: bytes) -> list[Given]:
    responses: list[Given] = []
    while received:
        head, _, received = received.partition(b"\r\n\r\n")
        status = int(head[9:12])
        length, type_ = _LENGTH.search(head), _TYPE.search(head)
        body = b""
        # A response to HEAD has a length, but no body.
        if length and not received.startswith(b"HTTP/1."):
            size = int(length[1])
            body, received = received[:size], received[size:]
        if status != 100:
            kind = type_[1].decode() if type_ else ""
            responses.append(Given(status, kind, _code(kind, body)))
    return responses


def _code(kind: str, body: bytes) -> str:
    try:
        document = json.loads(body) if kind.endswith("json") else {}
    except ValueError:
        return "cut"
    return str(document.get("code", "")) if isinstance(document, dict) else ""


def difference(old: Exchange, new: Exchange) -> str | None:
    """What `new` does otherwise than `old`, apart from what is meant to be so; None: nothing.

    Meant: bytes that are no request get the API's error shape, where the old server writes HTML or
    says nothing. A request whose body breaks off or is malformed is handled by nobody, where the
    old application may have responded before it read so far. What it accepted is never meant.
    """
    if new.hangs:
        return f"the connection stays open after {new.responses}"
    for position, (was, now) in enumerate(zip(old.responses, new.responses, strict=False)):
        # Flask fails at some values of Host, which the kernel does not read.
        if was == now or (was.status == 500 and now.status < 500):
            continue
        is_last = position == len(new.responses) - 1
        if is_last and now.status in REFUSED and was.status != ACCEPTED:
            return None
        return f"at {position}: {was} became {now}"
    more, fewer = new.responses[len(old.responses) :], old.responses[len(new.responses) :]
    # The old server closes the connection, sometimes without a word, when a body was not read to
    # its end or a header breaks off.
    has_closed = old.is_cut or not old.responses or old.responses[-1].status >= 400
    is_refusal = len(more) == 1 and more[0].status in REFUSED
    if more and not (has_closed or is_refusal):
        return f"more responses: {more}"
    return f"fewer responses: {fewer}" if fewer and not new.is_cut else None
