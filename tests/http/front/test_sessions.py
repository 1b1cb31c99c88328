"""A dialect that a signed-in person reads in the browser: in the process that serves pages."""

import requests
from flask import Flask

from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.webhooks import service as webhooks
from tests.http.front.serving import serving
from tests.services.people import PASSWORD, person
from tests.web.visitor import Visitor


def test_a_signed_in_person_reads_a_dialect_of_pages(sqlite_app: Flask) -> None:
    organization = organizations.create("A")
    webhooks.create(organization.id, {"url": "https://example.com/hook"}, SYSTEM)
    person("ada@example.com", organization.id, "owner", PASSWORD)
    visitor = Visitor(sqlite_app)
    visitor.has_signed_in("ada@example.com", PASSWORD)
    cookie = visitor.client.get_cookie("callboard")
    assert cookie is not None
    with serving(sqlite_app) as front:
        url = f"{front.url}/webhooks.json"
        response = requests.get(url, cookies={"callboard": cookie.value}, timeout=30)
        assert [row["url"] for row in response.json()] == ["https://example.com/hook"]
        assert requests.get(url, timeout=30).status_code == 401
