"""The one port that is open to others."""

import errno
import socket

from app.runtime.settings import Settings
from app.supervisor.trouble import CannotStart

WAITING_CONNECTIONS = 2048


def listen(settings: Settings) -> socket.socket:
    """The socket that the web processes accept from. The supervisor opens it, so that a port that
    is taken is told at once, and so that callers wait, unrefused, while the web starts again."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            settings.host or None,
            settings.port,
            type=socket.SOCK_STREAM,
            flags=socket.AI_PASSIVE,
        )[0]
        return socket.create_server(address[:2], family=family, backlog=WAITING_CONNECTIONS)
    except OSError as error:
        raise CannotStart(_explained(error, settings)) from error


def _explained(error: OSError, settings: Settings) -> str:
    where = f"{settings.host}:{settings.port}"
    if error.errno == errno.EADDRINUSE:
        return (
            f"PORT {settings.port} is taken: another program listens on {where}."
            f" Give Callboard another one, for example: PORT={settings.port + 1} script/server"
        )
    if error.errno == errno.EACCES:
        return f"PORT {settings.port} may only be opened by root; take one above 1023."
    return f"HOST and PORT {where} cannot be listened on: {error.strerror or error}."
