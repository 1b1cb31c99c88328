"""The application for our own worker, and for any server that speaks ASGI.

Such a server reads the header; its deadline for that is the server's own.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from flask import Flask

from app.http.front import responses
from app.http.front.arrived import Arrived, BadTarget, Headers, headers_of
from app.http.front.front import Front
from app.http.front.limits import Limits, limits_of
from app.http.front.reading import SMALL, Peer, Refused
from app.http.front.stream import Stream
from app.runtime.context import runtime_of
from app.runtime.event_loop import claim_thread

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# Parts of a stream that wait for the server before the thread has to wait.
_PARTS = 4


class Application:
    """limits: by default those of the settings."""

    def __init__(self, flask: Flask, limits: Limits | None = None) -> None:
        self._flask = flask
        self._limits = limits or limits_of(runtime_of(flask).settings)
        self._fronts: dict[asyncio.AbstractEventLoop, Front] = {}

    def front(self, loop: asyncio.AbstractEventLoop) -> Front:
        """The front of this loop. Call it in the loop's thread."""
        front = self._fronts.get(loop)
        if front is None:
            claim_thread()
            front = Front(self._flask, self._limits, loop)
            self._fronts[loop] = front
        return front

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            raise ValueError(f"{scope['type']} is not served")
        front = self.front(asyncio.get_running_loop())
        reply = _Reply(_peer_of(scope), scope["method"])
        arrived: Arrived | None = None
        try:
            arrived = _arrived(scope, reply.peer)
            await self._read(front, arrived, receive)
        except Refused as refused:
            front.refuse(arrived, refused, reply)
        except _Gone:
            return
        else:
            front.handle(arrived, reply)
        await reply.pass_on(send)

    async def _read(self, front: Front, arrived: Arrived, receive: Receive) -> None:
        """Refused: the body did not arrive in time."""
        chunks, keeps, more = [], SMALL, True
        loop = asyncio.get_running_loop()
        since = loop.time()
        while more:
            deadline = since + self._limits.body + arrived.size / self._limits.body_rate
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise Refused(408, "The body of the request did not arrive in time.") from None
            if message["type"] == "http.disconnect":
                raise _Gone
            chunk, more = message.get("body", b""), message.get("more_body", False)
            arrived.size += len(chunk)
            if arrived.size > keeps == SMALL:
                keeps = max(SMALL, front.body_limit(arrived))
            chunks.append(chunk)
            if arrived.size > keeps:
                arrived.is_cut = True
                chunks.clear()
                more = more and arrived.size <= self._limits.discarded
        arrived.body = b"".join(chunks)


class _Gone(Exception):
    """The client has left."""


class _Reply:
    """Takes a response as a Connection does, and passes it on to the server."""

    def __init__(self, peer: Peer, method: str) -> None:
        self.peer, self._method = peer, method
        self._messages: asyncio.Queue[Message | None] = asyncio.Queue()
        self._stream: Stream | None = None
        self._is_broken = False
        self.is_gone = False

    def send(self, status: int, headers: Headers, body: bytes | None) -> None:
        self._begin(status, headers)
        body = body if responses.has_body(self._method, status) else b""
        self._messages.put_nowait({"type": "http.response.body", "body": body or b""})
        self._messages.put_nowait(None)

    def start(self, stream: Stream, status: int, headers: Headers, phrase: str) -> None:  # noqa: ARG002
        self._stream = stream
        self._begin(status, headers)

    def write(self, data: bytes) -> None:
        message = {"type": "http.response.body", "body": data, "more_body": True}
        self._messages.put_nowait(message)
        if self._stream is not None and self._messages.qsize() > _PARTS:
            self._stream.on_pause()

    def end(self, *, is_broken: bool = False) -> None:
        self._is_broken = is_broken
        if not is_broken:
            self._messages.put_nowait({"type": "http.response.body", "body": b""})
        self._messages.put_nowait(None)

    async def pass_on(self, send: Send) -> None:
        try:
            while (message := await self._messages.get()) is not None:
                await send(message)
                if self._stream is not None and self._messages.qsize() <= _PARTS:
                    self._stream.on_resume()
        finally:
            # Also when the server cancels it.
            self.is_gone = True
            if self._stream is not None:
                self._stream.on_lost()
        if self._is_broken:
            raise ConnectionError("the response ended before it was complete")

    def _begin(self, status: int, headers: Headers) -> None:
        pairs = [
            (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
            for name, value in headers
        ]
        message = {"type": "http.response.start", "status": status, "headers": pairs}
        self._messages.put_nowait(message)


def _arrived(scope: Message, peer: Peer) -> Arrived:
    path = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string", b"")
    target = (path + (b"?" + query if query else b"")).decode("latin-1")
    major, _, minor = scope.get("http_version", "1.1").partition(".")
    try:
        return Arrived(
            method=scope["method"],
            target=target,
            version=(int(major), int(minor or 0)),
            headers=headers_of(scope["headers"]),
            peer=peer,
            scheme=peer.scheme,
        )
    except BadTarget as error:
        raise Refused(400, "The request's target is malformed.") from error


def _peer_of(scope: Message) -> Peer:
    client, server = scope.get("client") or ("", 0), scope.get("server") or ("", 0)
    return Peer((client[0], client[1]), (server[0], server[1] or 0), scope["scheme"], {})


async def _live(receive: Receive, send: Send) -> None:
    """Nothing is to be done at the start or at the end."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
