"""Nobody but platform owners reaches a page below /platform, and every route is walked."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.domain.portal.links import check_terms
from app.models import AuditEntry, Organization, UserSession
from app.models.common.base import db
from app.services.accounts.actor import SYSTEM
from app.services.portal import links
from tests.web.conftest import visitor_as
from tests.web.visitor import Visitor


def routes(app: Flask, organization_id: str) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/platform"):
            path = re.sub(r"<[^>]+>", organization_id, rule.rule)
            for method in sorted((rule.methods or set()) - {"OPTIONS"}):
                yield method, path


def footprint() -> tuple[Any, ...]:
    tables = (AuditEntry, Organization)
    counts = [db.session.scalar(select(func.count()).select_from(table)) for table in tables]
    suspended = db.session.scalars(select(Organization.suspended_at)).all()
    return (*counts, suspended, db.session.scalars(select(UserSession.entered_id)).all())


@pytest.mark.parametrize("role", ["owner", "member", "viewer", "stranger", "portal", "operator"])
def test_only_platform_owners_reach_the_routes(
    sqlite_app: Flask, organization: Any, request: pytest.FixtureRequest, role: str
) -> None:
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    prefix, expected = "", {403}
    if role == "stranger":
        visitor, expected = Visitor(sqlite_app), {303}
    elif role == "portal":
        link = links.create(organization.id, check_terms({"role": "member"}), SYSTEM)
        prefix, expected = f"/portal/{organization.id}", {404}
        visitor = Visitor(sqlite_app)
        visitor.get(link.url.removeprefix("http://127.0.0.1:8000"))
    elif role == "operator":
        visitor, expected = request.getfixturevalue("operator"), {200, 303, 422}
    else:
        visitor = visitor_as(sqlite_app, organization, role)
    walked = list(routes(sqlite_app, organization.id))
    assert len(walked) >= 20
    before = footprint()
    for method, path in walked:
        with sqlite_app.app_context():
            response = visitor.client.open(prefix + path, method=method)
        assert response.status_code in expected, f"{method} {path}: {response.status}"
        if role == "stranger":
            assert "/sign-in" in response.location
    if role != "operator":
        assert footprint() == before
