"""Test inboxes and the requests they received."""

from collections.abc import Sequence

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import defer

from app.domain.common.ids import canonical_id
from app.models import TestInbox, TestInboxRequest, Webhook
from app.models.common.base import db
from app.queries.common.pages import Page, cut, decode_cursor, next_cursor, taken


def listed(organization_id: str) -> Sequence[TestInbox]:
    """Newest first."""
    statement = select(TestInbox).where(TestInbox.organization_id == organization_id)
    return db.session.scalars(statement.order_by(TestInbox.id.desc())).all()


def get(organization_id: str, catcher_id: str) -> TestInbox | None:
    return db.session.scalar(
        select(TestInbox).where(
            TestInbox.id == canonical_id(catcher_id), TestInbox.organization_id == organization_id
        )
    )


def count(organization_id: str) -> int:
    statement = select(func.count()).where(TestInbox.organization_id == organization_id)
    return db.session.scalar(statement) or 0


def by_token(token: str) -> TestInbox | None:
    """In any organization: for requests to its URL."""
    return db.session.scalar(select(TestInbox).where(TestInbox.token == token))


def caught(
    organization_id: str, catcher_id: str, limit: int, cursor: str | None = None
) -> Page[TestInboxRequest]:
    """Received requests, newest first, without headers and bodies."""
    below = decode_cursor(cursor)
    statement = _caught(organization_id, catcher_id)
    if below is not None:
        statement = statement.where(TestInboxRequest.id < below)
    light = statement.options(defer(TestInboxRequest.head), defer(TestInboxRequest.body))
    rows = list(db.session.scalars(light.order_by(TestInboxRequest.id.desc()).limit(limit + 1)))
    stretch = taken(cut(rows, None, limit), limit)
    return Page(stretch.rows, next_cursor(stretch))


def request(organization_id: str, catcher_id: str, request_id: str) -> TestInboxRequest | None:
    """One request with headers and body."""
    statement = _caught(organization_id, catcher_id)
    request: TestInboxRequest | None = db.session.scalar(
        statement.where(TestInboxRequest.id == canonical_id(request_id))
    )
    return request


def _caught(organization_id: str, catcher_id: str) -> Select[TestInboxRequest]:
    return select(TestInboxRequest).where(
        TestInboxRequest.catcher_id == canonical_id(catcher_id),
        TestInboxRequest.organization_id == organization_id,
    )


def senders(organization_id: str, url: str) -> Sequence[Webhook]:
    """Webhooks that send to this inbox, with or without a query in their URL."""
    sends_here = or_(Webhook.url == url, Webhook.url.startswith(f"{url}?", autoescape=True))
    statement = select(Webhook).where(
        Webhook.organization_id == organization_id,
        Webhook.kind == "webhook",
        Webhook.deleted_at.is_(None),
        sends_here,
    )
    return db.session.scalars(statement.order_by(Webhook.id.desc()).limit(5)).all()


def sender(organization_id: str, webhook_id: object) -> Webhook | None:
    """A webhook by id, including hidden callback targets."""
    id_ = canonical_id(webhook_id)
    statement = select(Webhook).where(
        Webhook.id == id_,
        Webhook.organization_id == organization_id,
        Webhook.deleted_at.is_(None),
    )
    return None if id_ is None else db.session.scalar(statement)
