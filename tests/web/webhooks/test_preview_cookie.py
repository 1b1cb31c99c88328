"""A preview may arrive after the response that saved the form: it never sets the cookie."""

from typing import Any

from flask import Flask

from tests.services.people import PASSWORD, person
from tests.web.visitor import Visitor
from tests.web.webhook_forms import filled


def test_no_preview_and_no_poll_sets_the_session(sqlite_app: Flask, organization: Any) -> None:
    person("ada@example.com", organization.id, "owner", PASSWORD)
    visitor = Visitor(sqlite_app)
    fields = {"email": "ada@example.com", "password": PASSWORD, "remember": "y"}
    assert visitor.post("/sign-in", **fields).status_code == 303
    values = filled(visitor) | {"url": "https://example.com/", "action": "preview"}
    headers = {"HX-Request": "true"}
    response = visitor.client.post("/webhooks/new?preset=standard", data=values, headers=headers)
    assert response.status_code == 200
    assert 'id="preview"' in response.text
    assert "Set-Cookie" not in response.headers
    assert "Set-Cookie" not in visitor.get("/deliveries", headers=headers).headers
