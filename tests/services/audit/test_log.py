from typing import Any

from flask import Flask

from app.models import AuditEntry
from app.models.common.base import db
from app.services.accounts.actor import SYSTEM, Actor
from app.services.audit import log as audit
from app.store.transaction import write_transaction


def test_only_changed_fields_are_stored(app: Flask, organization: Any) -> None:
    before, after = {"url": "a", "name": "x", "gone": 1}, {"url": "b", "name": "x", "new": None}
    with write_transaction() as session:
        audit.record(session, organization.id, SYSTEM, "webhook.update", "1", before, after)
    entry = db.session.query(AuditEntry).filter_by(action="webhook.update").one()
    assert (entry.before, entry.after) == ({"url": "a", "gone": 1}, {"url": "b", "new": None})


def test_long_names_and_addresses_are_truncated(app: Flask) -> None:
    actor = Actor("portal", None, "n" * 300, "f" * 60)
    with write_transaction() as session:
        audit.record(session, None, actor, "test")
    entry = db.session.query(AuditEntry).one()
    assert (len(entry.actor_name), len(entry.address or "")) == (254, 45)
