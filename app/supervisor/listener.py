"""Open the port."""

import errno
import socket

from app.runtime.configuration.settings import Settings
from app.supervisor.errors import CannotStart

BACKLOG = 2048


def listen(settings: Settings) -> socket.socket:
    """The socket that the web processes accept from. The supervisor opens it, so that a port in
    use is reported at once, and connections wait instead of failing while the web restarts."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            settings.host or None,
            settings.port,
            type=socket.SOCK_STREAM,
            flags=socket.AI_PASSIVE,
        )[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        raise CannotStart(_explain(error, settings)) from error


def _explain(error: OSError, settings: Settings) -> str:
    where = f"{settings.host}:{settings.port}"
    if error.errno == errno.EADDRINUSE:
        return (
            f"PORT {settings.port} is in use: another program listens on {where}."
            f" Choose another port, for example: PORT={settings.port + 1} script/server"
        )
    if error.errno == errno.EACCES:
        return f"PORT {settings.port} may only be opened by root; choose one above 1023."
    return f"Cannot listen on HOST and PORT {where}: {error.strerror or error}."
