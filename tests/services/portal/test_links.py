"""Portal links: signed, opened, over, ended."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.common import clock
from app.domain.common.errors import Forbidden, NotFound, Unauthorized
from app.domain.common.ids import new_id
from app.domain.portal.links import check_terms
from app.models import AuditEntry
from app.models.common.base import db
from app.runtime.context import runtime_of
from app.services.accounts import api_keys, organizations
from app.services.accounts.actor import SYSTEM, Actor
from app.services.accounts.api_keys import Principal
from app.services.portal import links as portal
from app.services.portal.links import NewLink
from app.services.sign_in import signed_links as links


def link(organization: Any, **terms: Any) -> NewLink:
    return portal.create(organization.id, check_terms(terms), SYSTEM)


def token(new_link: NewLink) -> str:
    return new_link.url.rpartition("/")[2]


def test_a_link_carries_its_terms(app: Flask, organization: Any) -> None:
    new_link = link(organization, role="viewer", visitor="ada", allowed_origins=["https://a.test"])
    visit = portal.read(token(new_link))
    assert visit == new_link.visit
    assert new_link.url.startswith(f"http://127.0.0.1:8000/portal/{organization.id}/enter/")
    assert portal.is_valid(visit)


def test_opening_a_link_is_audited_with_the_visitor(app: Flask, organization: Any) -> None:
    new_link = link(organization, visitor="ada")
    assert portal.enter(new_link.visit, "192.0.2.1").id == organization.id
    wanted = select(AuditEntry).where(AuditEntry.subject_id == new_link.visit.link_id)
    created, opened = db.session.scalars(wanted.order_by(AuditEntry.id))
    assert (created.action, created.after["role"]) == ("portal_link.create", "member")
    assert (opened.action, opened.actor_kind) == ("portal_link.open", "portal")
    assert (opened.actor_id, opened.actor_name) == (new_link.visit.link_id, "ada")


def test_a_link_expires(
    sqlite_app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_link = link(organization, expires_in=60)
    later = clock.now_ms() + 60_001
    monkeypatch.setattr(portal, "now_ms", lambda: later)
    assert not portal.is_valid(new_link.visit)
    with pytest.raises(Unauthorized):
        portal.enter(new_link.visit, None)


def test_revoking_affects_all_links_of_the_organization_and_no_others(
    app: Flask, organization: Any
) -> None:
    foreign = link(organizations.create("Other"))
    for _ in range(2):
        new_link = link(organization)
        assert portal.is_valid(new_link.visit)
        portal.revoke_all(organization.id, SYSTEM)
        assert not portal.is_valid(new_link.visit)
    assert portal.is_valid(link(organization).visit)
    assert portal.is_valid(foreign.visit)


@pytest.mark.parametrize(
    "document",
    [None, [], {}, {"role": "owner"}, {"origins": 7}, {"origins": []}, "text"],
)
def test_a_token_for_another_purpose_is_rejected(sqlite_app: Flask, document: object) -> None:
    assert portal.visit_of(document) is None
    assert portal.read(links.sign("invitation", document)) is None


def test_a_modified_link_is_rejected(sqlite_app: Flask, organization: Any) -> None:
    text = token(link(organization))
    # Not the last character, whose lowest bits carry nothing.
    middle = len(text) // 2
    other = "A" if text[middle] != "A" else "B"
    assert portal.read(text[:middle] + other + text[middle + 1 :]) is None
    assert portal.read("") is None


def test_a_signed_link_with_the_owner_role_is_rejected(
    sqlite_app: Flask, organization: Any
) -> None:
    forged = link(organization).visit.document() | {"role": "owner"}
    assert portal.read(links.sign(portal.PURPOSE, forged)) is None


def test_a_link_needs_an_organization(sqlite_app: Flask) -> None:
    with pytest.raises(NotFound):
        portal.create(new_id(), check_terms({}), SYSTEM)
    with pytest.raises(NotFound):
        portal.revoke_all(new_id(), SYSTEM)


@pytest.mark.parametrize(
    ("scopes", "role", "may"),
    [
        (None, "member", True),
        (("webhooks:manage", "deliveries:read"), "member", False),
        (("webhooks:manage", "deliveries:read"), "viewer", True),
        (("webhooks:manage",), "viewer", False),
    ],
)
def test_a_link_cannot_exceed_the_scopes_of_the_key(
    scopes: tuple[str, ...] | None, role: str, *, may: bool
) -> None:
    principal = Principal("api_key", new_id(), new_id(), scopes, "a")
    if may:
        portal.check_reach(principal, role)
    else:
        with pytest.raises(Forbidden):
            portal.check_reach(principal, role)


def test_a_link_ends_when_the_key_that_created_it_is_revoked(app: Flask, organization: Any) -> None:
    key = api_keys.create(organization.id, "Shop", actor=SYSTEM)
    actor = Actor("api_key", key.id, "Shop")
    by_key = portal.create(organization.id, check_terms({}), actor).visit
    by_person = link(organization).visit
    assert portal.is_valid(by_key)
    api_keys.revoke(organization.id, key.id, SYSTEM)
    assert not portal.is_valid(by_key)
    assert portal.is_valid(by_person)
    with pytest.raises(Unauthorized):
        portal.enter(by_key, None)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "api_key.revoke"))
    assert entry.one().after["its_portal_links"] == "revoked"


def test_a_link_expires_no_later_than_the_key_that_created_it(
    sqlite_app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    expires_at = clock.now_ms() + 90_000
    key = api_keys.create(organization.id, "Shop", expires_at=expires_at, actor=SYSTEM)
    actor = Actor("api_key", key.id, "Shop")
    visit = portal.create(organization.id, check_terms({"expires_in": 3600}), actor).visit
    assert visit.until == expires_at
    assert portal.is_valid(visit)
    monkeypatch.setattr(portal, "now_ms", lambda: expires_at)
    assert not portal.is_valid(visit)


def test_a_link_ends_when_the_platform_key_of_the_environment_changes(
    sqlite_app: Flask, organization: Any
) -> None:
    visit = portal.create(
        organization.id, check_terms({}), Actor("api_key", None, "platform")
    ).visit
    assert portal.is_valid(visit)
    runtime = runtime_of(sqlite_app)
    runtime.settings = replace(runtime.settings, platform_api_key="another-platform-key-0123456789")
    assert not portal.is_valid(visit)
