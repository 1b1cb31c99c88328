"""Gather notices into digests, system events for chats: one for each webhook, like an email.

A digest that is due becomes a notice, which is published as every other.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import delete, select

from app.domain.common.clock import now_ms
from app.domain.notifications.system_events import DIGEST, FAILED, MAX_LISTED, send_at
from app.models import Notice, NoticeDigest
from app.queries import notifications as notification_queries
from app.services.maintenance.periodic import PeriodicTask
from app.services.notifications.grouping import Item
from app.services.webhooks.cache import webhook_cache
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

# Per transaction.
AT_ONCE = 100


def work(_: float) -> bool:
    """Returns whether more digests are due."""
    return _publish(now_ms()) == AT_ONCE


DIGEST_TASK = PeriodicTask("digesting", 5.0, work, notification_queries.digests)


def _publish(now: int) -> int:
    with write_transaction() as session:
        session.execute(delete(NoticeDigest).where(notification_queries.is_past(now)))
        digests = session.scalars(
            select(NoticeDigest)
            .where(notification_queries.is_due_digest(now))
            .order_by(NoticeDigest.next_at)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        ).all()
        for digest in digests:
            session.add(
                Notice(
                    organization_id=digest.organization_id,
                    kind=DIGEST,
                    webhook_id=digest.webhook_id,
                    at=now,
                    detail=digest.detail | {"counts": digest.counts},
                )
            )
            digest.counts, digest.detail = {}, {}
            digest.next_at, digest.sent_at = None, now
        return len(digests)


def add_to_digests(session: WriteSession, items: Sequence[Item], now: int) -> None:
    """In the caller's transaction: add items to the digests of organizations that read them."""
    listening = _listening({item.organization_id for item in items})
    by_webhook: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.organization_id in listening:
            by_webhook[item.webhook_id].append(item)
    if not by_webhook:
        return
    existing = select(NoticeDigest).where(NoticeDigest.webhook_id.in_(by_webhook))
    digests = {row.webhook_id: row for row in session.scalars(existing.with_for_update())}
    for webhook_id in sorted(by_webhook):
        added = by_webhook[webhook_id]
        digest = digests.get(webhook_id)
        if digest is None:
            organization_id = added[0].organization_id
            digest = NoticeDigest(webhook_id=webhook_id, organization_id=organization_id)
            digest.counts, digest.detail = {}, {}
            session.add(digest)
        _join(digest, added)
        at = send_at(digest.counts, now, digest.sent_at)
        # Later items do not delay a digest that is already waiting.
        digest.next_at = at if digest.next_at is None else min(at, digest.next_at)


def _listening(organization_ids: Collection[str]) -> set[str]:
    """Those with an active webhook that selects digests."""
    versions = notification_queries.webhook_versions(organization_ids)
    cache = webhook_cache()
    return {
        organization_id
        for organization_id, version in versions.items()
        if any(
            candidate.active
            for (name, _), candidates in cache.get(organization_id, version).index.items()
            if name == DIGEST
            for candidate in candidates
        )
    }


def _join(digest: NoticeDigest, items: Sequence[Item]) -> None:
    # New objects, because SQLAlchemy does not track changes inside a JSON value.
    counts: dict[str, int] = dict(digest.counts)
    detail: dict[str, Any] = dict(digest.detail)
    deliveries: list[str] = list(detail.get("deliveries", ()))
    for item in items:
        counts[item.kind] = counts.get(item.kind, 0) + 1
        if item.kind != FAILED:
            detail["last"] = item.kind
        detail |= {name: value for name, value in item.detail.items() if value is not None}
        if item.delivery_id is not None:
            deliveries.append(item.delivery_id)
    digest.counts = counts
    digest.detail = detail | {"deliveries": deliveries[-MAX_LISTED:]}
