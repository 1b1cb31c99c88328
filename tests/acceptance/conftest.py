"""An organization of the running product, driven over the API."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.product import Product
from tests.support.waiting import eventually


class Tenant:
    """An organization, with an API key."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.id = product.create_organization()
        path = f"/api/v1/organizations/{self.id}/api-keys"
        self.key: str = product.api("POST", path, {"name": "tests"}).json()["key"]

    def call(self, method: str, path: str, json: Any = None, **options: Any) -> Any:
        """Call the API; the call must succeed. Returns the parsed response."""
        response = self.product.api(method, f"/api/v1{path}", json, key=self.key, **options)
        assert response.status_code < 300, response.text
        return response.json()

    def webhook(self, **settings: Any) -> str:
        """Create a webhook; returns its id."""
        webhook_id: str = self.call("POST", "/webhooks", settings)["id"]
        return webhook_id

    def secret(self, webhook_id: str) -> str:
        secret: str = self.call("GET", f"/webhooks/{webhook_id}/secret")["secret"]
        return secret

    def publish(self, body: str) -> Any:
        """body: the event as JSON, sent byte for byte."""
        headers = {"Content-Type": "application/json"}
        return self.call("POST", "/events", data=body.encode(), headers=headers)

    def publish_many(self, count: int) -> None:
        events = [{"type": "encoding.started", "payload": {"n": n}} for n in range(count)]
        self.call("POST", "/events/batch", {"events": events})

    def deliveries(self, state: str) -> Iterator[Any]:
        params = {"limit": "200", "state": state}
        while True:
            page = self.call("GET", "/deliveries", params=params)
            yield from page["data"]
            if page["next_cursor"] is None:
                return
            params["cursor"] = page["next_cursor"]

    def wait_until_done(self, count: int, seconds: float = 40.0) -> list[Any]:
        """Return the succeeded deliveries once there are `count`; none may be open or failed."""
        succeeded: list[Any] = []

        def all_done() -> bool:
            succeeded[:] = self.deliveries("succeeded")
            return len(succeeded) >= count

        eventually(all_done, seconds, every=0.25)
        assert list(self.deliveries("pending,sending,retrying,failed")) == []
        return succeeded


@pytest.fixture
def tenant(product: Product) -> Tenant:
    return Tenant(product)
