"""Sign-in with OpenID Connect on each database: locks and constraints differ."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import create_app
from app.domain.common.clock import now_ms
from app.models.common.base import db
from app.queries.accounts import platform
from app.queries.accounts import users as accounts
from app.runtime.context import runtime
from app.services.accounts import organizations
from tests.conftest import settings_for
from tests.support.servers.hostile_issuer import CLIENT_ID, CLIENT_SECRET, HostileIssuer
from tests.web.accounts.oidc_flow import ADA, ORGANIZATION, is_signed_in, sign_in
from tests.web.visitor import Visitor


@pytest.fixture
def visitor(
    database_url: str, redis_url: str, tmp_path: Path, issuer: HostileIssuer
) -> Iterator[Visitor]:
    settings = settings_for(
        database_url,
        redis_url,
        tmp_path,
        OIDC_ISSUER=issuer.url,
        OIDC_CLIENT_ID=CLIENT_ID,
        OIDC_CLIENT_SECRET=CLIENT_SECRET,
        OIDC_EMAIL_DOMAINS=f"example.com={ORGANIZATION}",
        OIDC_ROLE_CLAIM="groups",
        OIDC_ROLES="ops=platform,staff=member",
    )
    app = create_app(settings)
    app.testing = True
    with app.app_context():
        organizations.create("Acme Video", ORGANIZATION)
        yield Visitor(app)
        runtime().key_usage.close()
        db.session.remove()
        db.engine.dispose()


def test_a_platform_owner_signs_in_enters_and_leaves(
    visitor: Visitor, issuer: HostileIssuer
) -> None:
    assert sign_in(visitor, issuer, **ADA, groups=["ops", "staff"]).status_code == 303
    assert is_signed_in(visitor)
    url = f"/platform/organizations/{ORGANIZATION}"
    assert visitor.post(url, f"{url}/enter").status_code == 303
    assert "as a platform owner" in visitor.get("/").text
    assert visitor.post("/", "/platform/leave").status_code == 303
    assert visitor.post(f"{url}/suspend").status_code == 303
    assert visitor.get("/").status_code == 403
    assert visitor.post(f"{url}/resume").status_code == 303
    visitor.post("/", "/sign-out")
    assert sign_in(visitor, issuer, **ADA, groups=["staff"]).status_code == 303
    user = accounts.user_by_email("ada@example.com")
    assert user is not None
    assert user.is_platform_owner, "the last one stays"


@pytest.mark.parametrize("sort", ["name", "created", "members", "webhooks", "deliveries"])
def test_the_list_of_organizations_is_sorted_and_counted(visitor: Visitor, sort: str) -> None:
    organizations.create("Zebra")
    lines, total = platform.page(now_ms(), sort=sort)
    assert total == 2
    assert {line.organization.name for line in lines} == {"Acme Video", "Zebra"}
    assert platform.reach(lines[0].organization).queued == 0
