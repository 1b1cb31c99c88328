"""Record in the audit log who read secrets or exported data."""

from collections.abc import Mapping
from typing import Any

from app.runtime.context import runtime
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.store.transaction import write_transaction


def record_read(  # noqa: PLR0917 - in the order of a sentence
    organization_id: str,
    actor: Actor,
    action: str,
    subject_id: str | None = None,
    name: str = "",
    after: Mapping[str, Any] | None = None,
) -> None:
    """A transaction of its own: what was read is not changed."""
    with write_transaction() as session:
        audit.record(session, organization_id, actor, action, subject_id, after=after, name=name)


def record_read_once(
    organization_id: str, actor: Actor, action: str, subject_id: str | None = None, name: str = ""
) -> None:
    """Like `record_read`, but for documents that programs read again and again: at most once an
    hour for each actor and object in this process."""
    key = (organization_id, actor.kind, actor.id, actor.name, action, subject_id)

    def record() -> bool:
        record_read(organization_id, actor, action, subject_id, name)
        return True

    runtime().caches.recorded_reads.get(key, record)
