"""The pages of platform owners."""

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict
from app.domain.deliveries.spans import HOUR, start_of
from app.models import AuditEntry, Counter, Organization
from app.models.common.base import db
from app.queries.accounts import platform
from app.services.accounts import organizations, platform_owners, suspension
from app.services.accounts.actor import SYSTEM
from app.store.transaction import write_transaction
from tests.services.people import PASSWORD, person
from tests.services.publishing import webhook
from tests.web.platform.listing import names, url_of
from tests.web.visitor import Visitor


def entries(organization_id: str | None) -> list[tuple[str, str]]:
    matches = select(AuditEntry).where(AuditEntry.organization_id == organization_id)
    rows = db.session.scalars(matches.order_by(AuditEntry.id))
    return [(row.action, row.actor_name) for row in rows]


def test_a_platform_owner_without_an_organization_lands_on_the_list(operator: Visitor) -> None:
    assert operator.get("/").location == "/platform"
    assert operator.get("/platform").status_code == 200


def test_organizations_are_found_by_name_id_and_state(operator: Visitor, organization: Any) -> None:
    other = organizations.create("50% Ünlimited")
    suspension.suspend(other.id, SYSTEM)
    assert names(operator.get("/platform").text) == ["50% Ünlimited", "Acme Video"]
    assert names(operator.get("/platform?q=acme").text) == ["Acme Video"]
    assert names(operator.get("/platform?q=50%25").text) == ["50% Ünlimited"]
    assert names(operator.get(f"/platform?q={organization.id}").text) == ["Acme Video"]
    assert names(operator.get("/platform?state=suspended").text) == ["50% Ünlimited"]
    assert names(operator.get("/platform?state=active").text) == ["Acme Video"]
    assert "No matches" in operator.get("/platform?q=nothing").text


def test_organizations_are_sorted_by_their_numbers(operator: Visitor, organization: Any) -> None:
    busy = organizations.create("Busy")
    for _ in range(2):
        webhook(busy.id)
    person("ada@example.com", organization.id)
    hour = start_of(now_ms(), HOUR)
    counter = Counter(
        subject_id=busy.id,
        organization_id=busy.id,
        span=HOUR,
        start=hour,
        metric="deliveries",
        value=42,
    )
    with write_transaction() as session:
        session.add(counter)
    expected = {
        "name": ["Acme Video", "Busy"],
        "created": ["Busy", "Acme Video"],
        "members": ["Acme Video", "Busy"],
        "webhooks": ["Busy", "Acme Video"],
        "deliveries": ["Busy", "Acme Video"],
        "nonsense": ["Acme Video", "Busy"],
    }
    for sort, order in expected.items():
        assert names(operator.get(f"/platform?sort={sort}").text) == order
    assert ">42<" in operator.get("/platform").text


def test_a_long_list_has_pages(operator: Visitor) -> None:
    with write_transaction() as session:
        for number in range(55):
            id_ = f"0198c1f0-6e1f-7c3a-9b1e-{number:012d}"
            session.add(Organization(id=id_, name=f"Org {number:02d}", created_at=1))
    first, second = operator.get("/platform").text, operator.get("/platform?page=2").text
    assert names(first)[0] == "Org 00"
    assert (len(names(first)), len(names(second))) == (50, 5)
    assert "page 2 of 2" in second
    for number in ("0", "-1", "x", "99999999999999999999"):
        assert operator.get(f"/platform?page={number}").status_code == 200


def test_a_new_organization_comes_with_a_link_for_its_owner(
    sqlite_app: Flask, operator: Visitor
) -> None:
    page = operator.post(
        "/platform/organizations/new", name="Nova", email="Nova.Owner@example.com"
    ).text
    link = re.search(r"http://127.0.0.1:8000(/invitations/[^<\s]+)", page)
    assert link
    [row] = db.session.scalars(select(Organization)).all()
    actor = "ops@example.com"
    assert entries(row.id) == [("organization.create", actor), ("invitation.create", actor)]
    newcomer = Visitor(sqlite_app)
    newcomer.post(unescape(link[1]), name="Nova", password=PASSWORD)
    assert newcomer.get("/settings/members").status_code == 200
    assert "Owner" in newcomer.get("/settings/members").text


def test_wrong_input_is_shown_at_its_field_and_creates_nothing(operator: Visitor) -> None:
    response = operator.post("/platform/organizations/new", name="Nova", email="nobody")
    assert response.status_code == 422
    assert "Not an email address." in response.text
    assert 'value="Nova"' in response.text
    assert db.session.scalars(select(Organization)).all() == []


def test_entering_is_recorded_shown_on_every_page_and_ended_by_a_button(
    operator: Visitor, organization: Any
) -> None:
    hook = webhook(organization.id)
    response = operator.post(url_of(organization), f"{url_of(organization)}/enter")
    assert response.location == "/"
    for path in ("/", "/webhooks", f"/webhooks/{hook}", "/settings/members", "/settings/audit"):
        page = operator.get(path).text
        assert "as a platform owner" in page, path
        assert 'action="/platform/leave"' in page, path
    operator.post(f"/webhooks/{hook}", f"/webhooks/{hook}/pause")
    assert operator.post("/", "/platform/leave").location == "/platform"
    assert operator.get("/webhooks").location == "/platform"
    inside = "ops@example.com (platform owner)"
    assert entries(organization.id)[-3:] == [
        ("organization.enter", "ops@example.com"),
        ("webhook.pause", inside),
        ("organization.leave", inside),
    ]


def test_an_organization_that_requires_two_factor_authentication_is_closed_without_it(
    operator: Visitor, organization: Any
) -> None:
    with write_transaction() as session:
        stored = session.get(type(organization), organization.id)
        assert stored
        stored.requires_two_factor = True
    response = operator.post(url_of(organization), f"{url_of(organization)}/enter")
    assert response.location == url_of(organization)
    assert "requires two-factor authentication" in operator.get(url_of(organization)).text
    assert "organization.enter" not in db.session.scalars(select(AuditEntry.action)).all()


def test_a_suspended_organization_can_be_entered_but_not_changed(
    operator: Visitor, organization: Any
) -> None:
    hook = webhook(organization.id)
    suspension.suspend(organization.id, SYSTEM)
    operator.post(url_of(organization), f"{url_of(organization)}/enter")
    assert "you can look, but change nothing" in operator.get("/webhooks").text
    response = operator.post(f"/webhooks/{hook}", f"/webhooks/{hook}/resume")
    assert response.status_code == 403


def test_signing_out_leaves_and_a_former_platform_owner_is_outside_at_once(
    sqlite_app: Flask, operator: Visitor, organization: Any
) -> None:
    person("second@example.com")
    platform_owners.grant("second@example.com", SYSTEM)
    operator.post(url_of(organization), f"{url_of(organization)}/enter")
    platform_owners.revoke("ops@example.com", SYSTEM)
    assert operator.get("/webhooks").status_code == 403
    assert operator.get("/platform").status_code == 403
    platform_owners.grant("ops@example.com", SYSTEM)
    operator.post("/webhooks", "/sign-out")
    assert entries(organization.id)[-1][0] == "organization.leave"


def test_who_operates_the_installation_is_listed_and_recorded(operator: Visitor) -> None:
    assert "ops@example.com" in operator.get("/platform/owners").text
    assert "Platform owner added" in operator.get("/platform/audit").text


def test_the_last_platform_owner_cannot_be_removed(operator: Visitor) -> None:
    with pytest.raises(Conflict):
        platform_owners.revoke("ops@example.com", SYSTEM)
    assert [user.email for user in platform.owners()] == ["ops@example.com"]
