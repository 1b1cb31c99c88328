"""A Redis, its replica, and a Sentinel that watches them: real servers on loopback."""

import contextlib
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import redis

from tests.support import children
from tests.support.product import ROOT
from tests.support.servers import redis as redis_server
from tests.support.servers.ports import free_port
from tests.support.waiting import eventually

SERVICE = "callboard"
SENTINEL_PASSWORD = "the/sentinels+password"


@dataclass(frozen=True)
class Group:
    """ports: of the first master and of its replica."""

    ports: tuple[int, int]
    sentinel_port: int

    @property
    def url(self) -> str:
        """The first of its two sentinels does not exist."""
        own = "sentinel_username=callboard-discovery&sentinel_password=the%2Fsentinels%2Bpassword"
        return (
            f"redis+sentinel://:{redis_server.PASSWORD}@127.0.0.1:1,127.0.0.1:{self.sentinel_port}"
            f"/{SERVICE}/0?{own}"
        )

    def server(self, port: int) -> redis.Redis:
        return redis.Redis(port=port, password=redis_server.PASSWORD)


def documented_rule() -> str:
    """The sentinels' user in docs/operating.md."""
    text = (ROOT / "docs" / "operating.md").read_text()
    [rule] = re.findall(r"^ +(user callboard-discovery on .*)$", text, re.MULTILINE)
    return str(rule)


@contextlib.contextmanager
def running() -> Iterator[Group]:
    """Fails over within about two seconds."""
    master, replica, sentinel = free_port(), free_port(), free_port()
    group = Group((master, replica), sentinel)
    with (
        tempfile.TemporaryDirectory(prefix="cb-sentinel-") as directory,
        _server(master, directory),
        _server(replica, directory, "127.0.0.1", str(master)),
    ):
        eventually(lambda: group.server(replica).info("replication")["master_link_status"] == "up")
        with _sentinel(group, Path(directory)):
            yield group


@contextlib.contextmanager
def _server(port: int, directory: str, *master: str) -> Iterator[None]:
    options = ["--port", str(port), "--bind", "127.0.0.1", "--repl-diskless-sync-delay", "0"]
    options += ["--requirepass", redis_server.PASSWORD, "--masterauth", redis_server.PASSWORD]
    options += ["--replicaof", *master] if master else []
    url = f"redis://:{redis_server.PASSWORD}@127.0.0.1:{port}/0"
    with redis_server.serving(url, options, directory):
        yield


@contextlib.contextmanager
def _sentinel(group: Group, directory: Path) -> Iterator[None]:
    file = directory / "sentinel.conf"
    file.write_text(
        f"port {group.sentinel_port}\nbind 127.0.0.1\ndir {directory}\n"
        f"{documented_rule().replace('PASSWORD', SENTINEL_PASSWORD)}\n"
        f"sentinel monitor {SERVICE} 127.0.0.1 {group.ports[0]} 1\n"
        f"sentinel auth-pass {SERVICE} {redis_server.PASSWORD}\n"
        f"sentinel down-after-milliseconds {SERVICE} 300\n"
        f"sentinel failover-timeout {SERVICE} 2000\n"
    )
    command = [redis_server.binary(), str(file), "--sentinel"]
    process = children.start(command, stdout=subprocess.DEVNULL)
    try:
        with redis.Redis(port=group.sentinel_port) as client:
            eventually(lambda: _knows_replica(client))
        yield
    finally:
        children.stop(process)


def _knows_replica(client: redis.Redis) -> bool:
    with contextlib.suppress(redis.RedisError):
        [replica] = client.sentinel_slaves(SERVICE)
        return not replica["is_disconnected"]
    return False
