"""A worker of gunicorn that serves the front: `gunicorn -k app.http.front.worker.Worker wsgi:app`.

Gunicorn keeps the processes: it opens the socket, starts, watches and stops them. Its master loads
this module, too, which loads nothing of the application by itself: see `supervisor.gunicorn_conf`.
"""

import asyncio
import contextlib
import os
import signal
import ssl
from collections.abc import Sequence
from importlib import import_module
from ipaddress import IPv4Network, IPv6Network, ip_address

from gunicorn import sock
from gunicorn.workers import base

from app.runtime import garbage
from app.runtime.redis.loading import load_redis

Network = IPv4Network | IPv6Network

# What `_serve` needs.
_SERVING = tuple(f"app.http.front.{name}" for name in ("access_log", "asgi", "listening", "server"))

# How often gunicorn hears from this process, in seconds.
_HEARTBEAT = 1.0


class Worker(base.Worker):  # type: ignore[misc]  # gunicorn has no types
    """The application is the Flask application with all surfaces."""

    def init_process(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        super().init_process()

    def load_wsgi(self) -> None:
        garbage.pause()
        load_redis()
        super().load_wsgi()
        # Now rather than when it serves: after this the supervisor believes that it can, and ends
        # the release that it replaces.
        for module in _SERVING:
            import_module(module)
        garbage.resume()

    def init_signals(self) -> None:
        for number in self.SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        add = self._loop.add_signal_handler
        add(signal.SIGTERM, self._end, self.cfg.graceful_timeout)
        add(signal.SIGINT, self._end, 0)
        add(signal.SIGQUIT, self._end, 0)
        add(signal.SIGUSR1, self.log.reopen_files)
        signal.signal(signal.SIGABRT, self.handle_abort)
        signal.signal(signal.SIGWINCH, signal.SIG_IGN)

    def run(self) -> None:
        self._grace = float(self.cfg.graceful_timeout)
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    def _end(self, seconds: float) -> None:
        """Stop; open requests get this long."""
        self.alive = False
        self._grace = float(seconds)
        self._stop.set()

    async def _serve(self) -> None:
        from app.http.front.access_log import AccessLog
        from app.http.front.asgi import Application
        from app.http.front.listening import Listening
        from app.http.front.server import Server

        front = Application(self.wsgi).front(self._loop)
        access_log = AccessLog(self.log) if self.log.access_log_enabled else None
        server = Server(front, self._loop, self._schemes_of, access_log)
        listening = Listening([each.sock for each in self.sockets], server.connection, self._tls())
        while self.alive and self.ppid == os.getppid() and server.responses < self.max_requests:
            self.notify()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), _HEARTBEAT)
        await listening.close()
        await server.stop(self._grace)

    def _schemes_of(self, address: str) -> dict[str, str]:
        """Headers by which a proxy that gunicorn trusts tells the client's scheme."""
        trusts = "*" in self.cfg.forwarded_allow_ips or _is_in(
            address, self.cfg.forwarded_allow_networks()
        )
        schemes = self.cfg.secure_scheme_headers if trusts else {}
        return {name.lower(): value for name, value in schemes.items()}

    def _tls(self) -> ssl.SSLContext | None:
        return sock.ssl_context(self.cfg) if self.cfg.is_ssl else None


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    # A Unix socket has no address: only a program on this machine reaches it.
    return not address or any(ip_address(address) in network for network in networks)
