from typing import Any

from sqlalchemy import select

from app.models import AuditEntry
from app.models.common.base import db
from app.store.overruns import disable
from app.store.transaction import write_transaction
from tests.services.publishing import webhook


def test_disabling_a_webhook_is_recorded_once(app: Any, organization: Any) -> None:
    webhook_id = webhook(organization.id, name="Player")
    for expected in (organization.id, None):
        with write_transaction() as session:
            assert disable(session.connection(), webhook_id, "410 Gone", 1) == expected
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "webhook.disable")
    ).one()
    assert (entry.actor_kind, entry.actor_name) == ("system", "Callboard")
    assert (entry.subject_id, entry.subject_name) == (webhook_id, "Player")
    assert entry.after == {"reason": "410 Gone"}
