"""Ending the time in which the secret before a rotation is valid, too."""

from typing import Any

import pytest
from sqlalchemy import select

from app.domain.common.errors import Conflict
from app.models import AuditEntry
from app.models.common.base import db
from app.services.accounts.actor import SYSTEM
from app.services.webhooks import rotation
from app.services.webhooks import service as webhooks


def test_an_overlap_can_be_ended_once(sqlite_app: Any, organization: Any) -> None:
    row = webhooks.create(organization.id, {"url": "https://example.com/"}, SYSTEM)
    current = rotation.rotate_secret(organization.id, row.id, SYSTEM)
    rotation.end_overlap(organization.id, row.id, SYSTEM)
    secrets = webhooks.secrets_of(organization.id, row.id)
    assert (secrets.current, secrets.previous, secrets.previous_until) == (current, None, None)
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert entry.action == "webhook.end_secret_overlap"
    assert "previous_secret_valid_until" in entry.after
    with pytest.raises(Conflict):
        rotation.end_overlap(organization.id, row.id, SYSTEM)
