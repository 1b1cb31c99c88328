"""Configure the embedded Redis: a unix socket, a password, and files that only we can read."""

import os
import secrets
import shutil
import socket
import tempfile
import time
from pathlib import Path

from app.runtime.configuration.redis_url import embedded_url, password_file
from app.runtime.files import write_private

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
        self._data_dir = data_dir

    @property
    def has_usual_socket(self) -> bool:
        """Whether processes find it, and its password, by DATA_DIR alone."""
        return self._socket_dir is None

    @property
    def url(self) -> str:
        return embedded_url(self.socket, self._password())

    def command(self, binary: str) -> list[str]:
        """The password is in a file and not among the arguments, which every user can see."""
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.directory),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            # Half as often as usual: what it does then is most of the cost of an idle Redis.
            "hz": "5",
            # Warnings go to a file: Redis logs advice on kernel settings at every start.
            "loglevel": "warning",
            "logfile": str(self.log),
        }
        arguments = (part for key, value in options.items() for part in (f"--{key}", value))
        return [binary, str(self._configuration()), *arguments]

    def is_ready(self) -> bool:
        """Whether it responds to PING. While it reads its file it responds with LOADING."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1.0)
            try:
                connection.connect(str(self.socket))
                connection.sendall(f"AUTH {self._password()}\r\nPING\r\n".encode())
                with connection.makefile("rb") as replies:
                    return [replies.readline(), replies.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
            except OSError:
                return False

    def set_aside(self) -> Path:
        """Move unreadable files (truncated, or from a newer version) away, so that Redis starts
        empty. Nothing is lost: Redis only holds wake-ups and counts. Return the new directory."""
        aside = self.directory.with_name(f"redis.unreadable-{int(time.time())}")
        self.directory.rename(aside)
        self.directory.mkdir(mode=0o700)
        self._configuration()
        return aside

    def _password(self) -> str:
        """Generated when it is first needed."""
        file = password_file(self._data_dir)
        if not file.exists():
            write_private(file, secrets.token_urlsafe(32))
        return file.read_text().strip()

    def _configuration(self) -> Path:
        file = self.directory / "redis.conf"
        write_private(file, f"requirepass {self._password()}")
        return file

    def remove_socket(self) -> None:
        """Call it after Redis has ended."""
        if self._socket_dir:
            shutil.rmtree(self._socket_dir, ignore_errors=True)
