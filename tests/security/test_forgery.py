"""Nobody makes the product call something inside."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.sending.addresses import saving
from app.services.accounts import organizations
from tests.security.forgery import call_inside
from tests.security.installation import strict_app
from tests.support.servers.names import NameServer


@pytest.fixture
def name_server() -> Iterator[NameServer]:
    server = NameServer()
    yield server
    server.close()


@pytest.mark.timeout(300)
def test_no_surface_and_no_worker_calls_something_inside(
    sqlite_url: str,
    redis_url: str,
    tmp_path: Path,
    name_server: NameServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A busy machine takes longer to look a name up; without a result a URL is saved.
    monkeypatch.setattr(saving, "LONGEST_SECONDS", 30.0)
    with strict_app(sqlite_url, redis_url, tmp_path, name_server) as app:
        organization_id = organizations.create("Attacker").id
        rows = call_inside(app, organization_id, name_server)
    passed = [text for row in rows for text in row.passed]
    assert passed == [], "\n".join(passed)
    assert min(row.tried for row in rows) > 50
