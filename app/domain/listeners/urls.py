"""The URLs to which deliveries for listeners are sent, in this installation."""

from app.domain.addresses.own_urls import OwnUrls, own_urls
from app.domain.common.ids import UUID

PATH = "/listen/"
# Proves that a request to such a URL comes from a worker.
HEADER = "X-Callboard-Listener"


def listener_url(public_url: str, listener_id: str) -> str:
    return f"{public_url.rstrip('/')}{PATH}{listener_id}"


def listener_exemption(public_url: str) -> OwnUrls:
    """A test for these URLs: see `own_urls`."""
    return own_urls(public_url, PATH, UUID.pattern)
