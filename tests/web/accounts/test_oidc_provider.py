"""Sign-in at a real OpenID provider, a process of its own."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app import create_app
from app.models.common.base import db
from app.queries.accounts import users as accounts
from app.runtime.context import runtime
from app.services.accounts import organizations
from tests.conftest import settings_for
from tests.support.servers import oidc as oidc_provider
from tests.support.servers.oidc import OidcProvider
from tests.web.accounts.oidc_flow import ORGANIZATION
from tests.web.visitor import Visitor

CALLBACK = "http://127.0.0.1:8000/sign-in/oidc/callback"
ADA = {"email": "ada@example.com", "email_verified": True, "name": "Ada"}


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    with oidc_provider.running() as running:
        running.person("ada", **ADA, groups=["staff"])
        yield running


@pytest.fixture
def visitor(
    sqlite_url: str, redis_url: str, tmp_path: Path, provider: OidcProvider
) -> Iterator[Visitor]:
    client = provider.register(CALLBACK)
    settings = settings_for(
        sqlite_url,
        redis_url,
        tmp_path,
        OIDC_ISSUER=provider.issuer,
        OIDC_CLIENT_ID=client["client_id"],
        OIDC_CLIENT_SECRET=client["client_secret"],
        OIDC_EMAIL_DOMAINS=f"example.com={ORGANIZATION}",
        OIDC_ROLE_CLAIM="groups",
        OIDC_ROLES="staff=member",
    )
    app = create_app(settings)
    app.testing = True
    with app.app_context():
        organizations.create("Acme Video", ORGANIZATION)
        yield Visitor(app)
        runtime().key_usage.close()
        db.session.remove()
        db.engine.dispose()


def came_back(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def test_a_person_signs_in_and_gets_the_role_of_their_group(
    visitor: Visitor, provider: OidcProvider
) -> None:
    there = visitor.get("/sign-in/oidc?next=/deliveries").location
    back = visitor.get(came_back(provider.authorize(there, "ada")))
    assert (back.status_code, back.location) == (303, "/deliveries")
    assert visitor.get("/deliveries").status_code == 200
    user = accounts.user_by_email("ada@example.com")
    assert user is not None
    membership = accounts.membership(ORGANIZATION, user.id)
    assert membership is not None
    assert membership.role == "member"


def test_a_used_code_is_refused_by_the_provider(visitor: Visitor, provider: OidcProvider) -> None:
    first = provider.authorize(visitor.get("/sign-in/oidc").location, "ada")
    code = first.partition("code=")[2].partition("&")[0]
    assert visitor.get(came_back(first)).status_code == 303
    visitor.post("/settings", "/sign-out")
    again = provider.authorize(visitor.get("/sign-in/oidc").location, "ada")
    state = again.partition("state=")[2].partition("&")[0]
    response = visitor.get(f"/sign-in/oidc/callback?code={code}&state={state}")
    assert (response.status_code, "already used" in response.text) == (502, True)


def test_a_person_who_denies_is_told_so(visitor: Visitor, provider: OidcProvider) -> None:
    there = visitor.get("/sign-in/oidc").location
    response = visitor.get(came_back(provider.authorize(there, None)))
    assert (response.status_code, "You cancelled the sign-in" in response.text) == (403, True)
