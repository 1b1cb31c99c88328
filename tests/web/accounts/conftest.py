"""An installation with an OpenID issuer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import create_app
from app.models.common.base import db
from app.queries.accounts import users as accounts
from app.runtime.context import runtime
from app.services.accounts import organizations
from tests.conftest import settings_for
from tests.support.servers.hostile_issuer import CLIENT_ID, CLIENT_SECRET, HostileIssuer
from tests.web.accounts.oidc_flow import ORGANIZATION, Start
from tests.web.visitor import Visitor


@pytest.fixture
def issuer() -> Iterator[HostileIssuer]:
    running = HostileIssuer()
    yield running
    running.close()


@pytest.fixture
def start(
    sqlite_url: str, redis_url: str, tmp_path: Path, issuer: HostileIssuer
) -> Iterator[Start]:
    """`start(OIDC_ROLE_CLAIM=..., ...)`: a browser at an installation with these settings, and with
    an organization for addresses at example.com."""
    apps: list[Any] = []

    def begin(**more: str) -> Visitor:
        settings = {
            "OIDC_ISSUER": issuer.url,
            "OIDC_CLIENT_ID": CLIENT_ID,
            "OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "OIDC_NAME": "Example ID",
            "OIDC_EMAIL_DOMAINS": f"example.com={ORGANIZATION},partner.example",
        }
        app = create_app(settings_for(sqlite_url, redis_url, tmp_path, **settings | more))
        app.testing = True
        context = app.app_context()
        context.push()
        apps.append(context)
        if accounts.organization(ORGANIZATION) is None:
            organizations.create("Acme Video", ORGANIZATION)
        return Visitor(app)

    yield begin
    for context in reversed(apps):
        runtime().key_usage.close()
        db.session.remove()
        db.engine.dispose()
        context.pop()
