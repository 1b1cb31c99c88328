"""The Redis inside: real, on a socket, and never a reason to stand still."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from app.supervisor import redis_binary
from app.supervisor.embedded_redis import LONGEST_SOCKET_PATH, EmbeddedRedis
from tests.support import children


@contextmanager
def _running(embedded: EmbeddedRedis) -> Iterator[redis.Redis]:
    process = children.start(embedded.command(redis_binary.find_or_get()))
    try:
        deadline = time.monotonic() + 10
        while not embedded.is_ready():
            assert time.monotonic() < deadline
            assert process.poll() is None, embedded.log.read_text()
        with redis.Redis.from_url(embedded.url) as client:
            yield client
    finally:
        children.stop(process)
        embedded.tidy()


def test_it_keeps_what_it_was_told_and_opens_no_port(tmp_path: Path) -> None:
    with _running(EmbeddedRedis(tmp_path)) as client:
        client.set("bell", "1")
        assert client.config_get("port") == {"port": "0"}
    with _running(EmbeddedRedis(tmp_path)) as client:
        assert client.get("bell") == b"1"


def test_a_path_with_letters_that_a_url_quotes_is_reached(tmp_path: Path) -> None:
    odd = tmp_path / "a b%41#?"
    odd.mkdir()
    with _running(EmbeddedRedis(odd)) as client:
        assert client.ping()


def test_a_path_too_long_for_a_socket_moves_the_socket_alone(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * LONGEST_SOCKET_PATH)
    deep.mkdir()
    embedded = EmbeddedRedis(deep)
    with _running(embedded) as client:
        client.set("bell", "1")
        assert client.config_get("dir") == {"dir": str(deep / "redis")}
    assert not embedded.socket.parent.exists()


def test_files_that_cannot_be_read_are_kept_aside(tmp_path: Path) -> None:
    embedded = EmbeddedRedis(tmp_path)
    for name in ("appendonlydir/appendonly.aof.manifest", "appendonly.aof"):
        path = embedded.directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("nothing that a Redis wrote")
    command = embedded.command(redis_binary.find_or_get())
    assert subprocess.run(command, check=False, timeout=10).returncode != 0
    aside = embedded.set_aside()
    with _running(embedded) as client:
        assert client.ping()
    assert (aside / "appendonly.aof").read_text() == "nothing that a Redis wrote"
