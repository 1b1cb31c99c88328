"""The page with the quotas, and forms beyond them."""

from typing import Any

from flask import Flask

from app.services.accounts import quotas
from app.services.accounts.actor import SYSTEM
from tests.services.publishing import webhook
from tests.web.guests import guest_of
from tests.web.visitor import Visitor
from tests.web.webhook_forms import filled

URL = "https://receiver.example.com/hook"
REFUSED = "This organization has 1 webhooks; its quota is 1."


def choose(organization: Any, **document: int) -> None:
    quotas.choose(organization.id, document, SYSTEM)


def test_a_viewer_sees_what_is_used_and_whose_limit_it_is(
    viewer: Visitor, organization: Any
) -> None:
    webhook(organization.id)
    choose(organization, webhooks=1234)
    page = viewer.get("/settings/quotas")
    assert page.status_code == 200
    row = page.text.partition("Webhooks<p")[2].partition("</tr>")[0]
    assert "1 of 1,234" in row
    assert "Set for this organization" in row


def test_the_form_says_that_the_quota_is_reached_and_keeps_what_was_typed(
    owner: Visitor, organization: Any
) -> None:
    webhook(organization.id)
    choose(organization, webhooks=1)
    values = filled(owner) | {"url": URL, "name": "kept"}
    response = owner.send("/webhooks/new", **values)
    assert response.status_code == 409
    assert REFUSED in response.text
    assert 'value="kept"' in response.text


def test_a_portal_visitor_cannot_exceed_it_either(sqlite_app: Flask, organization: Any) -> None:
    webhook(organization.id)
    choose(organization, webhooks=1)
    guest, path = guest_of(sqlite_app, organization), f"/portal/{organization.id}/webhooks/new"
    values = filled(guest, f"{path}?preset=standard") | {"url": URL}
    response = guest.send(path, **values)
    assert response.status_code == 409
    assert REFUSED in response.text


def test_an_event_sent_by_hand_beyond_the_quota_says_why(owner: Visitor, organization: Any) -> None:
    for _ in range(2):
        webhook(organization.id)
    choose(organization, deliveries_per_event=1)
    response = owner.post("/events/new", "/events/new", type="a.b", payload="{}")
    assert response.status_code == 409
    assert "2 deliveries" in response.text
