"""The assembled application: client addresses behind trusted proxies."""

from pathlib import Path

import pytest
from flask import request

from app import create_app
from app.models.common.base import db
from app.runtime.context import runtime_of
from app.services.accounts import api_keys, organizations
from app.services.accounts.actor import SYSTEM
from tests.conftest import settings_for

FORWARDED = {"X-Forwarded-For": "198.51.100.9, 203.0.113.5", "X-Forwarded-Host": "evil.test"}


@pytest.mark.parametrize(
    ("proxies", "address"), [("0", "127.0.0.1"), ("1", "203.0.113.5"), ("2", "198.51.100.9")]
)
def test_only_as_many_proxies_are_trusted_as_configured(
    sqlite_url: str, redis_url: str, tmp_path: Path, proxies: str, address: str
) -> None:
    app = create_app(settings_for(sqlite_url, redis_url, tmp_path, TRUSTED_PROXIES=proxies))
    app.add_url_rule("/address", view_func=lambda: f"{request.remote_addr} {request.host}")
    assert app.test_client().get("/address", headers=FORWARDED).text == f"{address} localhost"
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(("proxies", "status"), [("0", 403), ("1", 200), ("2", 403)])
def test_the_networks_of_a_key_count_behind_trusted_proxies_only(
    sqlite_url: str, redis_url: str, tmp_path: Path, proxies: str, status: int
) -> None:
    app = create_app(settings_for(sqlite_url, redis_url, tmp_path, TRUSTED_PROXIES=proxies))
    with app.app_context():
        organization = organizations.create("Acme Video")
        networks = ["203.0.113.0/24"]
        new = api_keys.create(organization.id, "site", allowed_networks=networks, actor=SYSTEM)
        headers = FORWARDED | {"Authorization": f"Bearer {new.key}"}
        assert app.test_client().get("/api/v1/webhooks", headers=headers).status_code == status
        runtime_of(app).key_usage.close()
        db.session.remove()
        db.engine.dispose()
