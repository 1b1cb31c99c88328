"""Producer, worker, and the test inbox as the receiver."""

import re
import time
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
import requests

from tests.support.product import Product

pytestmark = pytest.mark.acceptance
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Guest:
    """Somebody who opened a portal link, in a browser without JavaScript."""

    def __init__(self, product: Product, organization_id: str) -> None:
        link = call(product, "POST", f"/organizations/{organization_id}/portal-links", {})
        self._session = requests.Session()
        self.base = self._session.get(link["url"], timeout=45).url.rstrip("/")

    def get(self, path: str) -> str:
        response = self._session.get(self.base + path, timeout=45)
        assert response.status_code == 200, response.text
        return unescape(response.text)

    def post(self, page: str, path: str, **fields: Any) -> requests.Response:
        token = TOKEN.search(self.get(page))
        assert token
        data = {"csrf_token": token[1], **fields}
        response = self._session.post(self.base + path, data=data, timeout=45)
        assert response.status_code == 200, response.text
        return response


def call(product: Product, method: str, path: str, json: Any, org: str | None = None) -> Any:
    response = product.api(method, f"/api/v1{path}", json, org)
    assert response.ok, response.text
    return response.json()


def wait_for(read: Callable[[], Any], seconds: float = 45) -> Any:
    """Return the first true value."""
    deadline = time.monotonic() + seconds
    while not (value := read()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
    return value


@pytest.mark.long
def test_a_test_inbox_is_called_although_private_addresses_are_not(tmp_path: Any) -> None:
    product = Product(tmp_path, ALLOWED_PRIVATE_NETWORKS="")
    product.start()
    try:
        _send_to_inbox(product)
    finally:
        product.stop()


def _send_to_inbox(product: Product) -> None:
    organization_id = product.create_organization()
    guest = Guest(product, organization_id)
    page = guest.post("/test-inbox", "/test-inbox").url.removeprefix(guest.base)
    url = re.search(r'id="inbox-url">([^<]+)<', guest.get(page))
    assert url
    settings = {"url": url[1], "preset": "encoding", "event_types": ["encoding.finished"]}
    webhook = call(product, "POST", "/webhooks", settings, organization_id)
    event = {"type": "encoding.finished", "payload": {"media_id": "42"}}
    call(product, "POST", "/events", event, organization_id)
    shown = wait_for(lambda: "Signature valid" in (text := guest.get(page)) and text)
    assert "media_id" in shown
    failing = {"status": "500", "delay_seconds": "0", "failure_percent": "0", "name": "Broken"}
    guest.post(f"{page}/settings", f"{page}/settings", **failing)
    call(product, "POST", "/events", event, organization_id)
    state = f"/deliveries?webhook_id={webhook['id']}&state=retrying"
    [row] = wait_for(lambda: call(product, "GET", state, None, organization_id)["data"])
    assert row["last_status"] == 500
