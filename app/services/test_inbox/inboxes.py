"""Create, change, clear and delete test inboxes."""

from collections.abc import Mapping

from sqlalchemy import delete as sql_delete
from sqlalchemy import select

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, NotFound
from app.domain.common.ids import canonical_id, new_id
from app.domain.test_inbox.responses import ResponseSettings, check_response_settings, new_token
from app.models import TestInbox, TestInboxRequest
from app.queries import test_inbox as test_inbox_queries
from app.services.accounts.actor import Actor
from app.services.accounts.locking import lock_organization
from app.services.audit import log as audit
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

# Each keeps up to 200 requests of 64 KiB.
MAX_INBOXES = 20


def create(organization_id: str, fields: Mapping[str, object], actor: Actor) -> TestInbox:
    """fields: as `check_response_settings` takes them; all are optional. Invalid. Conflict: too
    many test inboxes. NotFound: no such organization."""
    manner = check_response_settings(fields)
    with write_transaction() as session:
        # Concurrent calls cannot exceed the maximum.
        lock_organization(session, organization_id)
        if test_inbox_queries.count(organization_id) >= MAX_INBOXES:
            raise Conflict(f"There are already {MAX_INBOXES} test inboxes. Delete one first.")
        row = TestInbox(id=new_id(), organization_id=organization_id, token=new_token())
        row.created_at, row.received = now_ms(), 0
        _apply(manner, row)
        session.add(row)
        session.flush()
        audit.record(session, organization_id, actor, "catcher.create", row.id, after=_shown(row))
    return row


def update(
    organization_id: str, catcher_id: str, fields: Mapping[str, object], actor: Actor
) -> TestInbox:
    """Change its response settings. Invalid, NotFound."""
    manner = check_response_settings(fields)
    with write_transaction() as session:
        row = _locked(session, organization_id, catcher_id)
        before = _shown(row)
        _apply(manner, row)
        audit.record(session, organization_id, actor, "catcher.update", row.id, before, _shown(row))
    return row


def clear(organization_id: str, catcher_id: str, actor: Actor) -> None:
    """Delete received requests. NotFound."""
    with write_transaction() as session:
        row = _locked(session, organization_id, catcher_id)
        _delete_requests(session, row.id)
        audit.record(session, organization_id, actor, "catcher.clear", row.id, name=row.name)


def delete(organization_id: str, catcher_id: str, actor: Actor) -> None:
    """Its URL responds with 404 from now on. NotFound."""
    with write_transaction() as session:
        row = _locked(session, organization_id, catcher_id)
        before = _shown(row)
        _delete_requests(session, row.id)
        session.delete(row)
        audit.record(session, organization_id, actor, "catcher.delete", row.id, before=before)


def _apply(manner: ResponseSettings, row: TestInbox) -> None:
    row.name, row.status = manner.name, manner.status
    row.delay_ms, row.failure_percent = manner.delay_ms, manner.failure_percent


def _shown(row: TestInbox) -> dict[str, object]:
    """Without the token, which is a secret."""
    return {
        "name": row.name,
        "status": row.status,
        "delay_seconds": row.delay_ms / 1000,
        "failure_percent": row.failure_percent,
    }


def _locked(session: WriteSession, organization_id: str, catcher_id: str) -> TestInbox:
    row: TestInbox | None = session.scalar(
        select(TestInbox)
        .where(
            TestInbox.id == canonical_id(catcher_id), TestInbox.organization_id == organization_id
        )
        .with_for_update()
    )
    if row is None:
        raise NotFound
    return row


def _delete_requests(session: WriteSession, catcher_id: str) -> None:
    session.execute(sql_delete(TestInboxRequest).where(TestInboxRequest.catcher_id == catcher_id))
