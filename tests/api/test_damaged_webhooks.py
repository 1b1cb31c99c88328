"""A webhook whose settings cannot be read can be seen, repaired and deleted, and disturbs nothing.

SQLite stores any text; PostgreSQL refuses what is not JSON or not a number.
"""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.store.transaction import write_transaction
from tests.services.publishing import delivery_rows, webhook

pytestmark = pytest.mark.usefixtures("sqlite_app")

DAMAGES = {
    "max_in_flight": "many",
    "rate_limit_per_second": "many",
    "timeout_seconds": "long",
    "headers": "{",
    "success_statuses": "none",
    "retry_policy": "[]",
    "sources": "x",
}


@pytest.fixture
def headers(api_key: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {api_key.key}"}


def _damage(organization_id: str, column: str) -> str:
    bad = webhook(organization_id, name="Bad")
    webhook(organization_id, name="Good")
    with write_transaction() as session:
        session.execute(
            text(f"UPDATE webhooks SET {column} = :v WHERE id = :id"),
            {"v": DAMAGES[column], "id": bad},
        )
        session.execute(text("UPDATE organizations SET webhooks_version = webhooks_version + 1"))
    return bad


@pytest.mark.parametrize("column", DAMAGES)
def test_a_damaged_webhook_is_shown_as_disabled_and_gets_skipped_deliveries(
    client: FlaskClient, organization: Any, headers: dict[str, str], column: str
) -> None:
    bad = _damage(organization.id, column)
    posted = client.post("/api/v1/events", json={"type": "a.b", "payload": {}}, headers=headers)
    assert posted.status_code == 202
    assert {(row.webhook_id == bad, row.state) for row in delivery_rows()} == {
        (True, "skipped"),
        (False, "pending"),
    }
    listed = client.get("/api/v1/webhooks", headers=headers)
    assert listed.status_code == 200
    [reason] = [w["disabled_reason"] for w in listed.json["data"] if w["id"] == bad]
    assert column in reason
    assert client.get(f"/api/v1/webhooks/{bad}", headers=headers).status_code == 200


@pytest.mark.parametrize("column", DAMAGES)
def test_a_damaged_webhook_is_repaired_by_a_change(
    client: FlaskClient, organization: Any, headers: dict[str, str], column: str
) -> None:
    bad = _damage(organization.id, column)
    changed = client.patch(
        f"/api/v1/webhooks/{bad}", json={"is_active": True, "timeout_seconds": 7}, headers=headers
    )
    assert changed.status_code == 200
    shown = client.get(f"/api/v1/webhooks/{bad}", headers=headers).json
    assert (shown["is_active"], shown["disabled_reason"]) == (True, None)
    assert shown["timeout_seconds"] == 7


@pytest.mark.parametrize("column", DAMAGES)
def test_a_damaged_webhook_is_deleted(
    client: FlaskClient, organization: Any, headers: dict[str, str], column: str
) -> None:
    bad = _damage(organization.id, column)
    assert client.delete(f"/api/v1/webhooks/{bad}", headers=headers).status_code == 204
    assert client.get(f"/api/v1/webhooks/{bad}", headers=headers).status_code == 404
