"""Pass requests on to listeners, and their responses back."""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, NotFound, RateLimited, Unauthorized, Unavailable
from app.domain.common.ids import new_id
from app.models import Listener
from app.queries import listeners as listener_queries
from app.runtime.context import runtime
from app.runtime.relaying.relay import Callback, LocalResponse, Relay
from app.services.accounts import credential_cache
from app.services.listeners.service import hash_of

_REDIS = "Redis is unavailable; callbacks cannot be passed on at the moment. Retry the request."
# Wait for a listener's responses, in one process: of all, and of one organization's.
HELD_BYTES, HELD_BYTES_OF_ONE = 64 << 20, 16 << 20


def admit(listener_id: str, token: str | None) -> Listener:
    """The listener that a worker's request is for. token: its secret header. Unauthorized: it is
    missing or wrong, or there is no such listener."""
    listener = listener_queries.by_id(listener_id)
    expected = listener.token_hash if listener is not None else ""
    if not hmac.compare_digest(hash_of(token or ""), expected) or listener is None:
        raise Unauthorized("Only workers of this Callboard may call this URL.")
    if credential_cache.organization_state(listener.organization_id) == "suspended":
        raise NotFound
    return listener


class Offer:
    """A callback that is offered to a listener until `close`. Unavailable: Redis is."""

    def __init__(
        self,
        listener: Listener,
        method: str,
        query: str,
        headers: Iterator[tuple[str, str]],
        body: bytes,
    ) -> None:
        """RateLimited: too much waits already."""
        self.listener_id, self.id = listener.id, new_id()
        self._organization_id, self._size = listener.organization_id, len(body)
        if not runtime().listener_bytes.take(self._organization_id, self._size):
            raise RateLimited(1, "Too many callbacks wait for listeners.")
        callback = Callback(self.id, now_ms(), method, query, tuple(headers), body)
        self._relay = Relay(runtime().redis)
        self._held = runtime().listener_bytes
        try:
            with _available():
                self._relay.offer(self.listener_id, callback)
        except BaseException:
            self.close()
            raise

    def response(self) -> LocalResponse | None:
        with _available():
            return self._relay.response(self.listener_id, self.id)

    def withdraw(self) -> None:
        """A response would come too late."""
        with _available():
            self._relay.withdraw(self.listener_id, self.id)

    def close(self) -> None:
        """Once, whatever became of it."""
        self._held.give_back(self._organization_id, self._size)


class Turn:
    """One request of a listener for callbacks. NotFound: there is none. Unavailable: no Redis."""

    def __init__(self, organization_id: str, listener_id: str) -> None:
        listener = listener_queries.get(organization_id, listener_id)
        if listener is None:
            raise NotFound("There is no such listener, or it was silent for too long. Create one.")
        self.listener_id, self._id = listener.id, new_id()
        self._relay = Relay(runtime().redis)
        runtime().listener_sightings.note(listener.id, now_ms())
        with _available():
            self._relay.take_over(self.listener_id, self._id)

    def take(self) -> list[Callback] | None:
        """None: another request of the listener has taken over."""
        with _available():
            taken = self._relay.take(self.listener_id, self._id)
            if taken:
                self._relay.end_turn(self.listener_id)
            return taken

    def end(self) -> None:
        """No callback came in time."""
        with _available():
            self._relay.end_turn(self.listener_id)


def respond(
    organization_id: str, listener_id: str, callback_id: str, response: LocalResponse
) -> None:
    """NotFound: no such listener. Conflict: the callback waits for no response any more."""
    if listener_queries.get(organization_id, listener_id) is None:
        raise NotFound
    with _available():
        if not Relay(runtime().redis).respond(listener_id, callback_id, response):
            raise Conflict("The callback waits for no response any more; it will be retried.")


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except (redis.RedisError, OSError) as error:
        raise Unavailable(_REDIS) from error
