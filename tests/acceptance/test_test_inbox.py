"""The whole loop with nothing else installed: producer, worker, and the catcher as the receiver."""

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
    """Somebody who came by a portal link, with a browser and no scripts."""

    def __init__(self, product: Product, organization_id: str) -> None:
        made = call(product, "POST", f"/organizations/{organization_id}/portal-links", {})
        self._session = requests.Session()
        self.base = self._session.get(made["url"], timeout=10).url.rstrip("/")

    def get(self, path: str) -> str:
        answer = self._session.get(self.base + path, timeout=10)
        assert answer.status_code == 200, answer.text
        return unescape(answer.text)

    def post(self, page: str, path: str, **fields: Any) -> requests.Response:
        token = TOKEN.search(self.get(page))
        assert token
        data = {"csrf_token": token[1], **fields}
        answer = self._session.post(self.base + path, data=data, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer


def call(product: Product, method: str, path: str, json: Any, org: str | None = None) -> Any:
    answer = product.api(method, f"/api/v1{path}", json, org)
    assert answer.ok, answer.text
    return answer.json()


def soon(look: Callable[[], Any], seconds: float = 20) -> Any:
    until = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < until, "It did not come to pass."
        time.sleep(0.05)
    return found


@pytest.mark.timeout(120)
def test_a_catcher_is_called_although_nothing_private_may_be(tmp_path: Any) -> None:
    product = Product(tmp_path, ALLOWED_PRIVATE_NETWORKS="")
    product.start()
    try:
        _walk(product)
    finally:
        product.stop()


def _walk(product: Product) -> None:
    organization_id = product.make_organization()
    guest = Guest(product, organization_id)
    page = guest.post("/test-inbox", "/test-inbox").url.removeprefix(guest.base)
    url = re.search(r'id="inbox-url">([^<]+)<', guest.get(page))
    assert url
    given = {"url": url[1], "preset": "encoding", "event_types": ["encoding.finished"]}
    webhook = call(product, "POST", "/webhooks", given, organization_id)
    event = {"type": "encoding.finished", "payload": {"media_id": "42"}}
    call(product, "POST", "/events", event, organization_id)
    shown = soon(lambda: "Signature valid" in (text := guest.get(page)) and text)
    assert "media_id" in shown
    answer = {"status": "500", "delay_seconds": "0", "failure_percent": "0", "name": "Broken"}
    guest.post(f"{page}/settings", f"{page}/settings", **answer)
    call(product, "POST", "/events", event, organization_id)
    state = f"/deliveries?webhook_id={webhook['id']}&state=retrying"
    [row] = soon(lambda: call(product, "GET", state, None, organization_id)["data"])
    assert row["last_status"] == 500
