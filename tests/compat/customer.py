"""An organization of the running product, as its own programs use it."""

import json
import time
from collections.abc import Callable
from typing import Any

import requests

from tests.support.product import Product

OCCURRED_AT = "2016-10-17T09:44:33.034Z"


class Customer:
    """An organization of the product with its own API key."""

    def __init__(self, product: Product) -> None:
        self._product = product
        organization_id = product.create_organization()
        path = f"/api/v1/organizations/{organization_id}/api-keys"
        key = product.api("POST", path, {"name": "tests"}).json()
        self.organization_id, self.url, self.key = organization_id, product.url, key["key"]
        self._auth = (key["id"], key["secret"])

    def __call__(self, method: str, path: str, **more: Any) -> Any:
        url = self._product.url + path
        response = requests.request(method, url, auth=self._auth, timeout=45, **more)
        assert response.status_code < 300, response.text
        return response.json()

    def form_callback(self, url: str, **fields: Any) -> str:
        document = {"webhook": {"url": url, "api_key": "a key&", **fields}}
        webhook_id: str = self("POST", "/webhooks.json", json=document)["id"]
        return webhook_id

    def publish(self, type_: str, payload: Any, **more: Any) -> Any:
        """payload: a document, or its bytes."""
        event = {"type": type_, "occurred_at": OCCURRED_AT, **more}
        if not isinstance(payload, bytes):
            return self("POST", "/api/v1/events", json=event | {"payload": payload})
        body = b'%b,"payload":%b}' % (json.dumps(event).encode()[:-1], payload)
        headers = {"Content-Type": "application/json"}
        return self("POST", "/api/v1/events", data=body, headers=headers)

    def webhook(self, url: str, **fields: Any) -> str:
        webhook_id: str = self("POST", "/api/v1/webhooks", json={"url": url, **fields})["id"]
        return webhook_id

    def secret(self, webhook_id: str) -> str:
        secret: str = self("GET", f"/api/v1/webhooks/{webhook_id}/secret")["secret"]
        return secret

    def delivery(self, published: Any) -> Any:
        return self("GET", f"/api/v1/deliveries/{published['deliveries'][0]['id']}")


def eventually(condition: Callable[[], Any], seconds: float = 45.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
    return result
