"""Listeners, and the webhooks behind them."""

from collections.abc import Sequence

from sqlalchemy import Row, func, select

from app.domain.common.ids import canonical_id
from app.models import Listener, Webhook
from app.models.common.base import db


def count(organization_id: str) -> int:
    own = select(func.count()).select_from(Listener)
    return db.session.scalar(own.where(Listener.organization_id == organization_id)) or 0


def listed(organization_id: str) -> list[tuple[Listener, Webhook]]:
    """Newest first."""
    statement = (
        select(Listener, Webhook)
        .join(Webhook, Webhook.id == Listener.id)
        .where(Listener.organization_id == organization_id)
        .order_by(Listener.id.desc())
    )
    return [(row[0], row[1]) for row in db.session.execute(statement)]


def get(organization_id: str, listener_id: str) -> Listener | None:
    return db.session.scalar(
        select(Listener).where(
            Listener.id == canonical_id(listener_id), Listener.organization_id == organization_id
        )
    )


def by_id(listener_id: str) -> Listener | None:
    """For requests to its URL, which name no organization."""
    return db.session.get(Listener, listener_id)


def silent(before: int, limit: int) -> Sequence[Row[str, str]]:
    """(organization id, id) of those that have not asked for callbacks since `before`, in
    milliseconds since the epoch."""
    return db.session.execute(
        select(Listener.organization_id, Listener.id)
        .where(Listener.seen_at < before)
        .order_by(Listener.seen_at)
        .limit(limit)
    ).all()
