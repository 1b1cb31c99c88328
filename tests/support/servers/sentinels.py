"""A Redis, its replica, and a Sentinel that watches them: real servers on loopback.

With TLS they speak nothing else, also among each other, and demand client certificates.
"""

import contextlib
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import redis

from tests.support import children
from tests.support.product import ROOT
from tests.support.servers import redis as redis_server
from tests.support.servers.ports import free_port
from tests.support.waiting import eventually

SERVICE = "callboard"
SENTINEL_PASSWORD = "the/sentinels+password"


@dataclass(frozen=True)
class Tls:
    """Files: of the authority, and of the servers' and clients' key with its certificate."""

    authority: str
    certificate: str

    @property
    def options(self) -> dict[str, str]:
        """Of a server; its port is apart."""
        return {
            "tls-cert-file": self.certificate,
            "tls-key-file": self.certificate,
            "tls-ca-cert-file": self.authority,
            "tls-auth-clients": "yes",
            "tls-replication": "yes",
        }

    @property
    def parameters(self) -> dict[str, str]:
        """Of a client's URL."""
        return {
            "ssl_ca_certs": self.authority,
            "ssl_certfile": self.certificate,
            "ssl_keyfile": self.certificate,
        }


@dataclass(frozen=True)
class Group:
    """ports: of the first master and of its replica."""

    ports: tuple[int, int]
    sentinel_port: int
    tls: Tls | None = None

    @property
    def url(self) -> str:
        """The first of its two sentinels does not exist."""
        own = "sentinel_username=callboard-discovery&sentinel_password=the%2Fsentinels%2Bpassword"
        scheme, files = "redis", ""
        if self.tls is not None:
            scheme, files = "rediss", f"&{urlencode(self.tls.parameters)}"
        return (
            f"{scheme}+sentinel://:{redis_server.PASSWORD}@127.0.0.1:1"
            f",127.0.0.1:{self.sentinel_port}/{SERVICE}/0?{own}{files}"
        )

    def server(self, port: int) -> redis.Redis:
        return redis.Redis.from_url(self.server_url(port))

    def server_url(self, port: int) -> str:
        return self._url(port, f":{redis_server.PASSWORD}@")

    def sentinel(self) -> redis.Redis:
        return redis.Redis.from_url(self._url(self.sentinel_port, ""))

    def _url(self, port: int, credentials: str) -> str:
        if self.tls is None:
            return f"redis://{credentials}127.0.0.1:{port}/0"
        return f"rediss://{credentials}127.0.0.1:{port}/0?{urlencode(self.tls.parameters)}"


def documented_rule() -> str:
    """The sentinels' user in docs/operating.md."""
    text = (ROOT / "docs" / "operating.md").read_text()
    [rule] = re.findall(r"^ +(user callboard-discovery on .*)$", text, re.MULTILINE)
    return str(rule)


@contextlib.contextmanager
def running(tls: Tls | None = None) -> Iterator[Group]:
    """Fails over within about two seconds."""
    master, replica, sentinel = free_port(), free_port(), free_port()
    group = Group((master, replica), sentinel, tls)
    with (
        tempfile.TemporaryDirectory(prefix="cb-sentinel-") as directory,
        _server(group, master, directory),
        _server(group, replica, directory, "127.0.0.1", str(master)),
    ):
        eventually(lambda: group.server(replica).info("replication")["master_link_status"] == "up")
        with _sentinel(group, Path(directory)):
            yield group


@contextlib.contextmanager
def _server(group: Group, port: int, directory: str, *master: str) -> Iterator[None]:
    options = ["--bind", "127.0.0.1", "--repl-diskless-sync-delay", "0"]
    for name, value in _listening(group, port).items():
        options += [f"--{name}", value]
    options += ["--requirepass", redis_server.PASSWORD, "--masterauth", redis_server.PASSWORD]
    options += ["--replicaof", *master] if master else []
    with redis_server.serving(group.server_url(port), options, directory):
        yield


def _listening(group: Group, port: int) -> dict[str, str]:
    if group.tls is None:
        return {"port": str(port)}
    return {"port": "0", "tls-port": str(port)} | group.tls.options


@contextlib.contextmanager
def _sentinel(group: Group, directory: Path) -> Iterator[None]:
    file = directory / "sentinel.conf"
    listening = "".join(
        f"{name} {value}\n" for name, value in _listening(group, group.sentinel_port).items()
    )
    file.write_text(
        f"{listening}bind 127.0.0.1\ndir {directory}\n"
        f"{documented_rule().replace('PASSWORD', SENTINEL_PASSWORD)}\n"
        f"sentinel monitor {SERVICE} 127.0.0.1 {group.ports[0]} 1\n"
        f"sentinel auth-pass {SERVICE} {redis_server.PASSWORD}\n"
        f"sentinel down-after-milliseconds {SERVICE} 300\n"
        f"sentinel failover-timeout {SERVICE} 2000\n"
    )
    command = [redis_server.binary(), str(file), "--sentinel"]
    process = children.start(command, stdout=subprocess.DEVNULL)
    try:
        with group.sentinel() as client:
            eventually(lambda: _knows_replica(client))
        yield
    finally:
        children.stop(process)


def _knows_replica(client: redis.Redis) -> bool:
    with contextlib.suppress(redis.RedisError):
        [replica] = client.sentinel_slaves(SERVICE)
        return not replica["is_disconnected"]
    return False
