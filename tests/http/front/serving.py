"""The front with limits of a test's choice, on an event loop in a thread."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from flask import Flask

from app.http.front.asgi import Application
from app.http.front.limits import Limits
from app.http.front.listening import Listening
from app.http.front.server import Server

# A commit may take long where the machine stands still for a moment.
PATIENT = replace(Limits(), commit=30)


@dataclass
class Serving:
    url: str
    server: Server
    loop: asyncio.AbstractEventLoop

    def stop(self) -> None:
        """As at the end of a web process: no new connections, and idle ones are closed."""
        asyncio.run_coroutine_threadsafe(self.server.stop(20), self.loop)


@contextmanager
def serving(app: Flask, limits: Limits = PATIENT) -> Iterator[Serving]:
    started: list[Serving] = []
    ready, end = threading.Event(), asyncio.Event()

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = Server(Application(app, limits).front(loop), loop, lambda _: {})
        listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        port = listener.getsockname()[1]
        listening = Listening([listener], server.connection)
        started.append(Serving(f"http://127.0.0.1:{port}", server, loop))
        ready.set()
        await end.wait()
        await listening.close()
        server.is_stopping = True
        for connection in server.connections:
            connection.abort()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    ready.wait()
    try:
        yield started[0]
    finally:
        started[0].loop.call_soon_threadsafe(end.set)
        thread.join()
