"""A listener and its life: created, asked for callbacks again and again, and deleted."""

import threading
import time
from collections.abc import Callable

from callboard.cli.listening.forwarding import Forwarder, Outcome
from callboard.cli.output import note
from callboard.client import Callboard
from callboard.errors import (
    CallboardError,
    Conflict,
    NotFound,
    RateLimited,
    Unavailable,
    Unreachable,
)
from callboard.models import Callback, Listener, ListenerSettings
from callboard.retries import RetryPolicy

# The server deletes a listener that was silent for 60 seconds; one that is gone earlier was deleted
# by a person.
_MAY_HAVE_EXPIRED = 45.0
_WAIT = 25
_POLICY = RetryPolicy(initial_delay=0.5, max_delay=10.0)

Show = Callable[[Callback, Outcome], None]


class Session:
    """show: called in threads, one callback after the other, with what the receiver responded."""

    def __init__(
        self, client: Callboard, settings: ListenerSettings, forwarder: Forwarder, show: Show
    ) -> None:
        self._client, self._settings, self._forwarder = client, settings, forwarder
        self._show, self._printing = show, threading.Lock()
        self._listener: Listener | None = None
        self._heard_at = 0.0

    def start(self) -> Listener:
        """ApiError, Unreachable."""
        self._listener = self._client.listeners.create(**self._settings)
        self._heard_at = time.monotonic()
        return self._listener

    def run(self) -> None:
        """Until an error that waiting does not cure; outages of the server do not end it."""
        failures = 0
        while True:
            try:
                # After an outage a short one, which tells that it is over.
                self._ask(wait=0 if failures else _WAIT)
            except (Unreachable, Unavailable, RateLimited) as error:
                failures += 1
                if failures == 1:
                    note(f"{error} Retrying.")
                time.sleep(_POLICY.delay(failures))
            else:
                if failures:
                    note("Connected again.")
                failures = 0

    def end(self) -> None:
        """Delete the listener. Without a response the server deletes it by itself."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        try:
            self._client.listeners.delete(listener["id"])
        except NotFound:
            pass
        except CallboardError as error:
            note(f"{error} The listener will be deleted within a minute or two.")

    def _ask(self, wait: int) -> None:
        if self._listener is None:
            self.start()
            note("The listener had expired; a new one listens.")
        assert self._listener is not None
        try:
            callbacks = self._client.listeners.callbacks(self._listener["id"], wait=wait)
        except NotFound:
            if time.monotonic() - self._heard_at < _MAY_HAVE_EXPIRED:
                self._listener = None
                raise CallboardError("The listener was deleted on the server.") from None
            self._listener = None
            return
        self._heard_at = time.monotonic()
        for callback in callbacks["data"]:
            # The server has at most a few in flight. They must not hold the end of the process.
            arguments = (self._listener["id"], callback)
            threading.Thread(target=self._pass_on, args=arguments, daemon=True).start()

    def _pass_on(self, listener_id: str, callback: Callback) -> None:
        outcome = self._forwarder.forward(callback)
        with self._printing:
            self._show(callback, outcome)
        try:
            self._client.listeners.respond(listener_id, callback["id"], outcome.report)
        except (NotFound, Conflict):
            note("It came too late for the server, which retries the delivery.")
        except CallboardError as error:
            note(f"{error} The response could not be reported.")
