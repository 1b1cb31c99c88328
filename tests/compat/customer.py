"""An organization of the running product, as its own programs use it."""

import json
import time
from collections.abc import Callable
from typing import Any

import requests

from tests.support.product import Product

OCCURRED_AT = "2016-10-17T09:44:33.034Z"


class Customer:
    """An organization of the product, with a key of its own."""

    def __init__(self, product: Product) -> None:
        self._product = product
        organization_id = product.make_organization()
        path = f"/api/v1/organizations/{organization_id}/api-keys"
        key = product.api("POST", path, {"name": "tests"}).json()
        self.organization_id, self.url, self.key = organization_id, product.url, key["key"]
        self._auth = (key["id"], key["secret"])

    def __call__(self, method: str, path: str, **more: Any) -> Any:
        url = self._product.url + path
        answer = requests.request(method, url, auth=self._auth, timeout=30, **more)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def form_callback(self, url: str, **given: Any) -> str:
        webhook = {"url": url, "api_key": "a key&", **given}
        found: str = self("POST", "/webhooks.json", json={"webhook": webhook})["id"]
        return found

    def publish(self, type_: str, payload: Any, **more: Any) -> Any:
        """payload: a document, or its bytes."""
        event = {"type": type_, "occurred_at": OCCURRED_AT, **more}
        if not isinstance(payload, bytes):
            return self("POST", "/api/v1/events", json=event | {"payload": payload})
        body = b'%b,"payload":%b}' % (json.dumps(event).encode()[:-1], payload)
        kind = {"Content-Type": "application/json"}
        return self("POST", "/api/v1/events", data=body, headers=kind)

    def webhook(self, url: str, **given: Any) -> str:
        found: str = self("POST", "/api/v1/webhooks", json={"url": url, **given})["id"]
        return found

    def secret(self, webhook_id: str) -> str:
        found: str = self("GET", f"/api/v1/webhooks/{webhook_id}/secret")["secret"]
        return found

    def delivery(self, published: Any) -> Any:
        return self("GET", f"/api/v1/deliveries/{published['deliveries'][0]['id']}")


def eventually(condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
    return found
