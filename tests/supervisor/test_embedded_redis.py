"""The embedded Redis, as a real process."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from app.runtime.configuration.redis_url import redis_url
from app.supervisor import redis_binary
from app.supervisor.embedded_redis import MAX_SOCKET_PATH, EmbeddedRedis
from tests.support import children


@contextmanager
def _running(embedded: EmbeddedRedis) -> Iterator[redis.Redis]:
    process = children.start(embedded.command(redis_binary.find_or_install()))
    try:
        deadline = time.monotonic() + 45
        while not embedded.is_ready():
            assert time.monotonic() < deadline
            assert process.poll() is None, embedded.log.read_text()
        with redis.Redis.from_url(embedded.url) as client:
            yield client
    finally:
        children.stop(process)
        embedded.remove_socket()


def test_data_survives_a_restart_and_no_port_is_open(tmp_path: Path) -> None:
    with _running(EmbeddedRedis(tmp_path)) as client:
        client.set("key", "1")
        assert client.config_get("port") == {"port": "0"}
    with _running(EmbeddedRedis(tmp_path)) as client:
        assert client.get("key") == b"1"


def test_the_url_quotes_special_characters_of_the_path(tmp_path: Path) -> None:
    directory = tmp_path / "a b%41#?"
    directory.mkdir()
    with _running(EmbeddedRedis(directory)) as client:
        assert client.ping()


def test_with_a_long_path_only_the_socket_is_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * MAX_SOCKET_PATH)
    deep.mkdir()
    embedded = EmbeddedRedis(deep)
    with _running(embedded) as client:
        client.set("key", "1")
        assert client.config_get("dir") == {"dir": str(deep / "redis")}
    assert not embedded.socket.parent.exists()


def test_unreadable_files_are_moved_away(tmp_path: Path) -> None:
    embedded = EmbeddedRedis(tmp_path)
    for name in ("appendonlydir/appendonly.aof.manifest", "appendonly.aof"):
        path = embedded.directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("not written by Redis")
    command = embedded.command(redis_binary.find_or_install())
    assert subprocess.run(command, check=False, timeout=45).returncode != 0
    aside, url = embedded.set_aside(), embedded.url
    with _running(embedded) as client:
        assert client.ping()
    assert embedded.url == url
    assert (aside / "appendonly.aof").read_text() == "not written by Redis"


def test_it_has_a_password_that_only_its_owner_can_read(tmp_path: Path) -> None:
    embedded = EmbeddedRedis(tmp_path)
    with _running(embedded) as client:
        assert client.ping()
        with (
            redis.Redis(unix_socket_path=str(embedded.socket)) as stranger,
            pytest.raises(redis.AuthenticationError),
        ):
            stranger.ping()
        files = [tmp_path / "redis_password", embedded.directory / "redis.conf"]
        assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]


def test_no_argument_of_its_process_holds_the_password(tmp_path: Path) -> None:
    embedded = EmbeddedRedis(tmp_path)
    command = embedded.command("redis-server")
    password = (tmp_path / "redis_password").read_text().strip()
    assert len(password) >= 32
    assert password not in " ".join(command)


def test_every_process_finds_the_password_by_the_data_directory(tmp_path: Path) -> None:
    embedded = EmbeddedRedis(tmp_path)
    with _running(embedded):
        with redis.Redis.from_url(redis_url("", tmp_path, {})) as client:
            assert client.ping()
        assert EmbeddedRedis(tmp_path).url == embedded.url
