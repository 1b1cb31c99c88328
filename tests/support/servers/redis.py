"""A real redis-server with a password, like every Redis of an installation."""

import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import redis

from app.runtime.configuration.redis_url import embedded_url
from app.supervisor import redis_binary
from tests.support import children
from tests.support.waiting import PATIENCE_SECONDS

PASSWORD = "the-tests-redis-password"


def binary() -> str:
    """Path of the redis-server that the product starts."""
    path = redis_binary.find()
    if path is None:
        raise RuntimeError("redis-server is missing: run script/test, which installs it.")
    return path


@contextmanager
def running() -> Iterator[str]:
    """Yield the `unix://` URL, with its password, of an empty server without persistence."""
    # Not in pytest's folder: the path of a socket may have at most 107 bytes.
    with tempfile.TemporaryDirectory(prefix="cb-redis-") as directory:
        socket = Path(directory) / "redis.sock"
        url = embedded_url(socket, PASSWORD)
        options = ["--port", "0", "--unixsocket", str(socket), "--requirepass", PASSWORD]
        with serving(url, options, directory):
            yield url


@contextmanager
def serving(url: str, options: Sequence[str], directory: str) -> Iterator[None]:
    """Run a server with these options until the end of the block. url: on which it must respond."""
    command = [binary(), "--save", "", "--dir", directory, *options]
    process = children.start(command, stdout=subprocess.DEVNULL)
    try:
        _wait_until_ready(url)
        yield
    finally:
        children.stop(process)


def _wait_until_ready(url: str, seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while True:
        with redis.Redis.from_url(url) as client:
            try:
                client.ping()
                return
            except redis.ConnectionError:
                if time.monotonic() > deadline:
                    raise
        time.sleep(0.01)
