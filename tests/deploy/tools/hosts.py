"""Hosts in network namespaces on one bridge, each with an address, which can lose power or network.

Needs root. The test itself is on the bridge, too.
"""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support import children

NETWORK = "10.213.0"
_BRIDGE = "cb-hosts"


class Host:
    """`.address`; `start` processes on it. Its name is that of its namespace's link, too."""

    def __init__(self, name: str, number: int, directory: Path) -> None:
        self.name, self.address = name, f"{NETWORK}.{number}"
        self.directory = directory / name
        self.directory.mkdir()
        self._space, self._link = f"cb-{name}", f"cb-{name}"
        self._processes: list[subprocess.Popen[bytes]] = []
        _ip("netns", "add", self._space)
        _ip("link", "add", self._link, "type", "veth", "peer", "name", "eth0", "netns", self._space)
        _ip("link", "set", self._link, "master", _BRIDGE, "up")
        self.ip("link", "set", "lo", "up")
        self.ip("link", "set", "eth0", "up")
        self.add(self.address)

    def ip(self, *words: str) -> None:
        _ip("-n", self._space, *words)

    def add(self, address: str) -> None:
        self.ip("address", "add", f"{address}/24", "dev", "eth0")

    def start(
        self,
        command: Sequence[str],
        environ: dict[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
    ) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            process = children.start(
                self.command(command, user),
                env=environ,
                cwd=cwd or self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        self._processes.append(process)
        return process

    def run(self, command: Sequence[str], user: str | None = None) -> None:
        """A command to its end; fails if it does."""
        with self.log.open("ab") as log:
            subprocess.run(
                self.command(command, user), cwd=self.directory, stdout=log, stderr=log, check=True
            )

    @property
    def log(self) -> Path:
        return self.directory / "log"

    def command(self, command: Sequence[str], user: str | None = None) -> list[str]:
        as_user = ["setpriv", f"--reuid={user}", "--clear-groups"] if user else []
        return ["ip", "netns", "exec", self._space, *as_user, *command]

    def unplug(self) -> None:
        """Packets are dropped; processes go on, and know nothing of it."""
        _ip("link", "set", self._link, "down")

    def plug(self) -> None:
        _ip("link", "set", self._link, "up")

    def power_off(self) -> None:
        """The network is gone, and then every process: nobody is told."""
        self.unplug()
        done = subprocess.run(
            ["ip", "netns", "pids", self._space], capture_output=True, text=True, check=True
        )
        for pid in done.stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        for process in self._processes:
            process.wait(10)
        self._processes = []

    def remove(self) -> None:
        self.power_off()
        # The namespace may live on for a moment.
        _ip("link", "delete", self._link)
        _ip("netns", "delete", self._space)


@contextmanager
def network(directory: Path, *names: str) -> Iterator[dict[str, Host]]:
    """Hosts by name. The test's own address is `NETWORK.1`."""
    _ip("link", "add", _BRIDGE, "type", "bridge")
    hosts: dict[str, Host] = {}
    try:
        _ip("address", "add", f"{NETWORK}.1/24", "dev", _BRIDGE)
        _ip("link", "set", _BRIDGE, "up")
        for number, name in enumerate(names, 11):
            hosts[name] = Host(name, number, directory)
        yield hosts
    finally:
        for host in hosts.values():
            host.remove()
        _ip("link", "delete", _BRIDGE)


def move(address: str, to: Host, hosts: Iterable[Host]) -> None:
    """A floating address is at another host from now on, and all are told, as by keepalived."""
    to.add(address)
    for host in hosts:
        host.ip("neighbour", "flush", "dev", "eth0")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)
