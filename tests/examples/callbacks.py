"""What every example receiver must do: refuse, respond at once, and handle each callback once."""

import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import requests

from app.domain.webhooks.signing import sign
from tests.support import children
from tests.support.servers.ports import free_port
from tests.support.waiting import eventually

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"type":"encoding.finished","data":{"title":"Gr\xc3\xbc\xc3\x9fe"}}'


@contextmanager
def receiver(
    command: Sequence[str], directory: Path, environ: dict[str, str], seconds: float = 30
) -> Iterator[tuple[str, IO[bytes]]]:
    """Run an example. Yields the URL of its hook, and its output."""
    port = free_port()
    own = {"CALLBOARD_SECRET": SECRET, "PORT": str(port)}
    process = children.start(command, cwd=directory, env={**environ, **own}, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        eventually(lambda: process.poll() is not None or _listens(port), seconds)
        assert process.poll() is None, f"{command[0]} ended with {process.returncode}"
        yield f"http://127.0.0.1:{port}/hook", process.stdout
    finally:
        children.stop(process)
        process.stdout.close()


def check(url: str, output: IO[bytes]) -> None:
    assert _post(url, "msg_1", BODY + b" ") == 401
    assert _post(url, "msg_1", BODY) == 204
    assert _post(url, "msg_1", BODY) == 204
    assert _post(url, "msg_2", BODY) == 204
    lines = (line for line in output if line.startswith(b"handled"))
    # Had the repeat been handled, its line would be the second.
    assert next(lines) == b"handled msg_1 encoding.finished\n"
    assert next(lines) == b"handled msg_2 encoding.finished\n"


def _post(url: str, callback_id: str, body: bytes) -> int:
    timestamp = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": callback_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign([SECRET], callback_id, timestamp, BODY),
    }
    return requests.post(url, data=body, headers=headers, timeout=45).status_code


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
