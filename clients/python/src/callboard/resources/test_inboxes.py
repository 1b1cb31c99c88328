"""Receivers inside Callboard, which show the requests that they received."""

from typing import Unpack, cast

from callboard.models import ListedReceivedRequest, ReceivedRequest, TestInbox, TestInboxSettings
from callboard.paging import Pages
from callboard.resources.base import Resource
from callboard.transport import path_of


class TestInboxes(Resource):
    def list(self) -> Pages[TestInbox]:
        """Newest first."""
        return Pages(self._transport, "/test-inboxes", is_paged=False)

    def create(self, **settings: Unpack[TestInboxSettings]) -> TestInbox:
        """Point a webhook at its `url`. Conflict: there are too many."""
        return cast("TestInbox", self._transport.request("POST", "/test-inboxes", settings))

    def get(self, inbox_id: str) -> TestInbox:
        return cast("TestInbox", self._transport.get(path_of("test-inboxes", inbox_id)))

    def update(self, inbox_id: str, **settings: Unpack[TestInboxSettings]) -> TestInbox:
        """Change how it responds."""
        path = path_of("test-inboxes", inbox_id)
        response = self._transport.request("PATCH", path, settings, repeatable=True)
        return cast("TestInbox", response)

    def delete(self, inbox_id: str) -> None:
        """With its requests; its URL responds with 404."""
        self._transport.request("DELETE", path_of("test-inboxes", inbox_id))

    def requests(self, inbox_id: str) -> Pages[ListedReceivedRequest]:
        """What it received, newest first, without headers and bodies."""
        return Pages(self._transport, path_of("test-inboxes", inbox_id, "requests"))

    def request(self, inbox_id: str, request_id: str) -> ReceivedRequest:
        path = path_of("test-inboxes", inbox_id, "requests", request_id)
        return cast("ReceivedRequest", self._transport.get(path))

    def clear(self, inbox_id: str) -> None:
        """Delete the requests that it received."""
        self._transport.request("DELETE", path_of("test-inboxes", inbox_id, "requests"))
