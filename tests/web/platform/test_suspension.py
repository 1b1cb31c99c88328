"""What people see of a suspension."""

from typing import Any

from flask import Flask

from app.domain.common.clock import now_ms
from app.domain.portal.links import check_terms
from app.models import Membership
from app.queries.accounts import users as accounts
from app.services.accounts import organizations, suspension
from app.services.accounts.actor import SYSTEM
from app.services.portal import links
from app.services.test_inbox import inboxes
from app.services.webhooks import service as webhooks
from app.store.transaction import write_transaction
from tests.services.publishing import webhook
from tests.web.conftest import visitor_as
from tests.web.platform.listing import names, url_of
from tests.web.visitor import Visitor


def test_suspending_asks_first_and_says_what_will_happen(
    operator: Visitor, organization: Any, api_key: Any
) -> None:
    webhook(organization.id)
    page = operator.get(f"{url_of(organization)}/suspend").text
    for words in ("<strong>1 API key</strong>", "<strong>1 webhook</strong>", "none is lost"):
        assert words in page
    assert operator.get("/platform?state=suspended").text.count("No matches")
    operator.post(f"{url_of(organization)}/suspend")
    assert names(operator.get("/platform?state=suspended").text) == ["Acme Video"]
    assert "<strong>1 webhook</strong>" in operator.get(f"{url_of(organization)}/resume").text
    operator.post(f"{url_of(organization)}/resume")
    assert names(operator.get("/platform?state=active").text) == ["Acme Video"]


def test_members_of_a_suspended_organization_get_a_clear_refusal(
    sqlite_app: Flask, organization: Any
) -> None:
    member = visitor_as(sqlite_app, organization, "owner")
    suspension.suspend(organization.id, SYSTEM)
    for path in ("/", "/webhooks", "/settings", "/settings/audit"):
        response = member.get(path)
        assert response.status_code == 403
        assert "Acme Video is suspended" in response.text
        assert "Sign out" in response.text
    suspension.resume(organization.id, SYSTEM)
    assert member.get("/webhooks").status_code == 200


def test_members_of_two_organizations_keep_the_other(sqlite_app: Flask, organization: Any) -> None:
    other = organizations.create("Zebra")
    member = visitor_as(sqlite_app, organization, "owner")
    with write_transaction() as session:
        user = accounts.user_by_email("owner@example.com")
        assert user is not None
        session.add(
            Membership(
                organization_id=other.id, user_id=user.id, role="member", created_at=now_ms()
            )
        )
    suspension.suspend(organization.id, SYSTEM)
    page = member.get("/").text
    assert "Acme Video (suspended)" in page
    refused = member.post("/", f"/organization/{organization.id}")
    assert (refused.status_code, "Acme Video is suspended" in refused.text) == (403, True)


def test_the_portal_of_a_suspended_organization_refuses_too(
    sqlite_app: Flask, organization: Any
) -> None:
    link = links.create(organization.id, check_terms({"role": "viewer"}), SYSTEM)
    path = link.url.removeprefix("http://127.0.0.1:8000")
    guest = Visitor(sqlite_app)
    guest.get(path)
    inside = path.partition("/enter")[0]
    assert guest.get(f"{inside}/deliveries").status_code == 200
    suspension.suspend(organization.id, SYSTEM)
    response = guest.get(f"{inside}/deliveries")
    assert (response.status_code, "is suspended" in response.text) == (403, True)


def test_a_test_inbox_stores_nothing_meanwhile(sqlite_app: Flask, organization: Any) -> None:
    inbox = inboxes.create(organization.id, {}, SYSTEM)
    client = sqlite_app.test_client()
    assert client.post(f"/catch/{inbox.token}", data=b"{}").status_code == 200
    suspension.suspend(organization.id, SYSTEM)
    refused = client.post(f"/catch/{inbox.token}", data=b"{}")
    assert (refused.status_code, "is suspended" in refused.text) == (403, True)


def test_held_webhooks_are_marked(operator: Visitor, organization: Any) -> None:
    held, paused = webhook(organization.id, name="Held"), webhook(organization.id, name="Paused")
    webhooks.pause(organization.id, paused, SYSTEM)
    suspension.suspend(organization.id, SYSTEM)
    operator.post(url_of(organization), f"{url_of(organization)}/enter")
    assert "<span>Suspended</span>" in operator.get(f"/webhooks/{held}").text
    assert "<span>Paused</span>" in operator.get(f"/webhooks/{paused}").text
