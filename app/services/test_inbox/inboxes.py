"""Catchers: made, told how to answer, emptied, deleted."""

from collections.abc import Mapping

from sqlalchemy import delete as sql_delete
from sqlalchemy import select

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, NotFound
from app.domain.common.ids import canonical_id, new_id
from app.domain.test_inbox.responses import ResponseSettings, check_response_settings, new_token
from app.models import Organization, TestInbox, TestInboxRequest
from app.queries import test_inbox as catchers
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

# Each keeps up to 200 requests of 64 KiB.
MOST_CATCHERS = 20


def create(organization_id: str, given: Mapping[str, object], actor: Actor) -> TestInbox:
    """given: as `check_response_settings` takes it; nothing at all will do. Invalid, Conflict
    when there are too many, NotFound: the organization."""
    manner = check_response_settings(given)
    with write_transaction() as session:
        # Locked, so that two at once cannot go beyond the most that there may be.
        if session.get(Organization, organization_id, with_for_update=True) is None:
            raise NotFound
        if catchers.count(organization_id) >= MOST_CATCHERS:
            raise Conflict(f"There are {MOST_CATCHERS} catchers already. Delete one first.")
        row = TestInbox(id=new_id(), organization_id=organization_id, token=new_token())
        row.created_at, row.received = now_ms(), 0
        _apply(manner, row)
        session.add(row)
        session.flush()
        audit.record(session, organization_id, actor, "catcher.create", row.id, after=_shown(row))
    return row


def update(
    organization_id: str, catcher_id: str, given: Mapping[str, object], actor: Actor
) -> TestInbox:
    """Answers this way from now on. Invalid, NotFound."""
    manner = check_response_settings(given)
    with write_transaction() as session:
        row = _locked(session, organization_id, catcher_id)
        before = _shown(row)
        _apply(manner, row)
        audit.record(session, organization_id, actor, "catcher.update", row.id, before, _shown(row))
    return row


def clear(organization_id: str, catcher_id: str, actor: Actor) -> None:
    """Forget what it caught. NotFound."""
    with write_transaction() as session:
        row = _locked(session, organization_id, catcher_id)
        _forget(session, row.id)
        audit.record(session, organization_id, actor, "catcher.clear", row.id)


def delete(organization_id: str, catcher_id: str, actor: Actor) -> None:
    """Its URL answers 404 from now on. NotFound."""
    with write_transaction() as session:
        row = _locked(session, organization_id, catcher_id)
        before = _shown(row)
        _forget(session, row.id)
        session.delete(row)
        audit.record(session, organization_id, actor, "catcher.delete", row.id, before=before)


def _apply(manner: ResponseSettings, row: TestInbox) -> None:
    row.name, row.status = manner.name, manner.status
    row.delay_ms, row.failure_percent = manner.delay_ms, manner.failure_percent


def _shown(row: TestInbox) -> dict[str, object]:
    """Without the token, which opens it."""
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


def _forget(session: WriteSession, catcher_id: str) -> None:
    session.execute(sql_delete(TestInboxRequest).where(TestInboxRequest.catcher_id == catcher_id))
