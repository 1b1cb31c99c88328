"""Carry requests for listeners from the web process that has them to the one that a listener asks,
and the responses back, through Redis.

Nothing here is kept for longer than a request may take: what is lost with Redis is an attempt
without a response, which is retried.
"""

from dataclasses import dataclass, field
from typing import Any

import msgspec
import redis

from app.runtime.relaying.topics import announce

# How long a delivery's request to a listener may take; a little less than its timeout.
RESPONSE_SECONDS = 28
# How long one request of a listener waits for callbacks.
WAIT_SECONDS = 25
# Callbacks in one response, and when it is full, in bytes of their bodies.
MAX_TAKEN, TAKEN_BYTES = 8, 1 << 20

_PREFIX = "callboard:listen"
_encoder = msgspec.msgpack.Encoder()


class Callback(msgspec.Struct, frozen=True):
    """A request for a listener. query: as it was sent, without the question mark. at: when it
    arrived, in milliseconds since the epoch."""

    id: str
    at: int
    method: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class LocalResponse(msgspec.Struct, frozen=True):
    """What the machine of a listener responded."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


_callbacks: Any = msgspec.msgpack.Decoder(Callback)
_responses: Any = msgspec.msgpack.Decoder(LocalResponse)


def callbacks_topic(listener_id: str) -> str:
    return f"listener:{listener_id}"


def response_topic(callback_id: str) -> str:
    return f"response:{callback_id}"


@dataclass(frozen=True, slots=True)
class Relay:
    """Every method may raise RedisError and OSError."""

    server: redis.Redis = field(repr=False)

    def offer(self, listener_id: str, callback: Callback) -> None:
        """To the listener's next, or waiting, request."""
        key, queue = _callback(listener_id, callback.id), _queue(listener_id)
        with self.server.pipeline(transaction=True) as pipeline:
            pipeline.set(key, _encoder.encode(callback), ex=RESPONSE_SECONDS + 2)
            pipeline.rpush(queue, callback.id)
            pipeline.expire(queue, RESPONSE_SECONDS + 2)
            announce(pipeline, callbacks_topic(listener_id))
            pipeline.execute()

    def take_over(self, listener_id: str, request_id: str) -> None:
        """From here on only this request takes the listener's callbacks: one whose connection was
        lost unnoticed would lose them."""
        with self.server.pipeline(transaction=True) as pipeline:
            pipeline.getset(_turn(listener_id), request_id)
            pipeline.expire(_turn(listener_id), WAIT_SECONDS + 5)
            before, _ = pipeline.execute()
        if before is not None:
            announce(self.server, callbacks_topic(listener_id))

    def take(self, listener_id: str, request_id: str) -> list[Callback] | None:
        """None: another request has taken over."""
        turn = self.server.get(_turn(listener_id))
        if turn is not None and turn != request_id.encode():
            return None
        taken: list[Callback] = []
        while len(taken) < MAX_TAKEN and sum(len(each.body) for each in taken) < TAKEN_BYTES:
            callback_id = self.server.lpop(_queue(listener_id))
            if callback_id is None:
                break
            stored = self.server.get(_callback(listener_id, callback_id.decode()))  # type: ignore[union-attr]
            if stored is not None:
                taken.append(_callbacks.decode(stored))
        return taken

    def end_turn(self, listener_id: str) -> None:
        """The request that has the turn ends: the next one need not tell it."""
        self.server.delete(_turn(listener_id))

    def respond(self, listener_id: str, callback_id: str, response: LocalResponse) -> bool:
        """False: nobody waits for it (any more)."""
        if not self.server.delete(_callback(listener_id, callback_id)):
            return False
        with self.server.pipeline(transaction=True) as pipeline:
            key = _response(listener_id, callback_id)
            pipeline.set(key, _encoder.encode(response), ex=RESPONSE_SECONDS + 2)
            announce(pipeline, response_topic(callback_id))
            pipeline.execute()
        return True

    def response(self, listener_id: str, callback_id: str) -> LocalResponse | None:
        stored = self.server.get(_response(listener_id, callback_id))
        response: LocalResponse | None = None if stored is None else _responses.decode(stored)
        return response

    def withdraw(self, listener_id: str, callback_id: str) -> None:
        """Its sender does not wait any more."""
        self.server.delete(_callback(listener_id, callback_id))


def _queue(listener_id: str) -> str:
    return f"{_PREFIX}:{listener_id}:queue"


def _turn(listener_id: str) -> str:
    return f"{_PREFIX}:{listener_id}:turn"


def _callback(listener_id: str, callback_id: str) -> str:
    return f"{_PREFIX}:{listener_id}:callback:{callback_id}"


def _response(listener_id: str, callback_id: str) -> str:
    return f"{_PREFIX}:{listener_id}:response:{callback_id}"
