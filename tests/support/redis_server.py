"""A real redis-server on a unix socket."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from app.supervisor import redis_binary
from tests.support import children


def binary() -> str:
    """Path of the redis-server that the product starts."""
    path = redis_binary.find()
    if path is None:
        raise RuntimeError("redis-server is missing: run script/test, which installs it.")
    return path


@contextmanager
def running() -> Iterator[str]:
    """Yield the `unix://` URL of an empty server without persistence."""
    # Not in pytest's folder: the path of a socket may have at most 107 bytes.
    with tempfile.TemporaryDirectory(prefix="cb-redis-") as directory:
        socket = Path(directory) / "redis.sock"
        options = ["--port", "0", "--save", "", "--unixsocket", str(socket), "--dir", directory]
        process = children.start([binary(), *options], stdout=subprocess.DEVNULL)
        try:
            _wait_until_ready(socket)
            yield f"unix://{socket}"
        finally:
            children.stop(process)


def _wait_until_ready(socket: Path, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while True:
        with redis.Redis(unix_socket_path=str(socket)) as client:
            try:
                client.ping()
                return
            except redis.ConnectionError:
                if time.monotonic() > deadline:
                    raise
        time.sleep(0.01)
