"""Configure the embedded Redis: a unix socket and an append-only file, readable by us only."""

import os
import shutil
import socket
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

# The limit for the path of a unix socket (struct sockaddr_un, with its closing NUL).
MAX_SOCKET_PATH = 107


class EmbeddedRedis:
    """Where its files are and how it is started. A Child runs it."""

    def __init__(self, data_dir: Path) -> None:
        self.directory = data_dir / "redis"
        self.directory.mkdir(mode=0o700, exist_ok=True)
        self._socket_dir: str | None = None
        self.socket = self.directory / "redis.sock"
        if len(os.fsencode(self.socket)) > MAX_SOCKET_PATH:
            self._socket_dir = tempfile.mkdtemp(prefix="callboard-")
            self.socket = Path(self._socket_dir) / "redis.sock"
        self.log = self.directory / "redis.log"

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket))}"

    def command(self, binary: str) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.directory),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            # Warnings go to a file: Redis logs advice on kernel settings at every start.
            "loglevel": "warning",
            "logfile": str(self.log),
        }
        return [binary, *(part for key, value in options.items() for part in (f"--{key}", value))]

    def is_ready(self) -> bool:
        """Whether it responds to PING. While it reads its file it responds with LOADING."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1.0)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def set_aside(self) -> Path:
        """Move unreadable files (truncated, or from a newer version) away, so that Redis starts
        empty. Nothing is lost: Redis only holds wake-ups and counts. Return the new directory."""
        aside = self.directory.with_name(f"redis.unreadable-{int(time.time())}")
        self.directory.rename(aside)
        self.directory.mkdir(mode=0o700)
        return aside

    def remove_socket(self) -> None:
        """Call it after Redis has ended."""
        if self._socket_dir:
            shutil.rmtree(self._socket_dir, ignore_errors=True)
