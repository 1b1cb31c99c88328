"""Listeners: machines that no request reaches fetch their callbacks."""

from typing import Unpack, cast

from callboard.models import Callbacks, ListedListener, Listener, ListenerSettings, LocalResponse
from callboard.paging import Pages
from callboard.resources.base import Resource
from callboard.transport import path_of


class Listeners(Resource):
    def list(self) -> Pages[ListedListener]:
        """Newest first."""
        return Pages(self._transport, "/listeners", is_paged=False)

    def create(self, **settings: Unpack[ListenerSettings]) -> Listener:
        """Deleted a minute after it last asked for callbacks. Conflict: there are too many."""
        return cast("Listener", self._transport.request("POST", "/listeners", settings))

    def delete(self, listener_id: str) -> None:
        """Its open deliveries are cancelled."""
        self._transport.request("DELETE", path_of("listeners", listener_id))

    def callbacks(self, listener_id: str, *, wait: int = 25) -> Callbacks:
        """Wait for callbacks; empty after `wait` seconds (0 to 25). NotFound: it has expired."""
        # A repeat could lose what the first request has taken.
        transport = self._transport.without_retries()
        path = path_of("listeners", listener_id, "callbacks")
        return cast("Callbacks", transport.get(path, wait=wait))

    def respond(self, listener_id: str, callback_id: str, response: LocalResponse) -> None:
        """Conflict: too late, the delivery will be retried."""
        path = path_of("listeners", listener_id, "callbacks", callback_id, "response")
        self._transport.request("POST", path, response, repeatable=True)
