"""The Redis inside: on a unix socket, with an append-only file, open to nobody else."""

import os
import shutil
import socket
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

# The kernel takes 107 bytes for a socket's path (struct sockaddr_un, with its closing NUL).
LONGEST_SOCKET_PATH = 107


class EmbeddedRedis:
    """Where it is and how it is started; a Child runs it."""

    def __init__(self, data_dir: Path) -> None:
        self.directory = data_dir / "redis"
        self.directory.mkdir(mode=0o700, exist_ok=True)
        self._short: str | None = None
        self.socket = self.directory / "redis.sock"
        if len(os.fsencode(self.socket)) > LONGEST_SOCKET_PATH:
            self._short = tempfile.mkdtemp(prefix="callboard-")
            self.socket = Path(self._short) / "redis.sock"
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
            # Its own file, of warnings alone: it greets each start with advice on the kernel.
            "loglevel": "warning",
            "logfile": str(self.log),
        }
        return [binary, *(part for key, value in options.items() for part in (f"--{key}", value))]

    def is_ready(self) -> bool:
        """Whether it answers (while it reads its file it answers LOADING)."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1.0)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def set_aside(self) -> Path:
        """Start with an empty one and keep the old files: what Redis holds is only the bell, so
        that a file it cannot read (cut off, or of a newer version) is no reason to stand still."""
        aside = self.directory.with_name(f"redis.unreadable-{int(time.time())}")
        self.directory.rename(aside)
        self.directory.mkdir(mode=0o700)
        return aside

    def tidy(self) -> None:
        """After its end."""
        if self._short:
            shutil.rmtree(self._short, ignore_errors=True)
