"""Documents of dialects that show a secret of the receiver are recorded in the audit log."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.models import AuditEntry
from app.models.common.base import db
from app.services.accounts.actor import SYSTEM
from app.services.webhooks import service

ACTION = "webhook.reveal_secret"


def entries() -> list[AuditEntry]:
    db.session.rollback()
    rows = select(AuditEntry).where(AuditEntry.action == ACTION).order_by(AuditEntry.id)
    return list(db.session.scalars(rows))


@pytest.mark.parametrize("is_list", [False, True])
def test_reading_a_token_is_recorded_once_and_a_head_never(
    sqlite_app: Flask, organization: Any, api_key: Any, is_list: bool
) -> None:
    fields = {"url": "https://example.com/", "preset": "asset", "secret_token": "s3cret"}
    webhook = service.create(organization.id, fields, SYSTEM)
    path = f"/api/v1/{organization.id}/webhooks" + ("" if is_list else f"/{webhook.id}")
    client, headers = sqlite_app.test_client(), {"Authorization": f"Token {api_key.key}"}
    assert client.head(path, headers=headers).status_code == 200
    assert entries() == []
    for _ in range(2):
        assert "s3cret" in client.get(path, headers=headers).text
    (entry,) = entries()
    assert entry.subject_id == (None if is_list else webhook.id)
