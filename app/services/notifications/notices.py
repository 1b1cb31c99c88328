"""Publish workers' notices as system events, and add them to emails.

A notice is deleted in the same transaction, so that it is published exactly once. Sending the
emails is up to `webhook_email_task`.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import delete, select

from app.domain.common.clock import now_ms
from app.domain.common.errors import CallboardError, Unavailable
from app.domain.common.json_text import compact_json
from app.domain.events.event import EventDraft
from app.domain.notifications import system_events as rules
from app.models import Delivery, Notice, Webhook
from app.queries import notifications as notification_queries
from app.runtime.context import runtime
from app.services.events.drafts import Evaluation, Prepared, prepare
from app.services.events.intake import Result, accept
from app.services.events.judging import Unjudged, judged
from app.services.events.publishing import after_commit
from app.services.events.receipts import Accepted
from app.services.maintenance.periodic import PeriodicTask
from app.services.notifications.digests import add_to_digests
from app.services.notifications.grouping import Item, add_to_emails
from app.services.webhooks.cache import webhook_cache
from app.store.deadlocks import retry_on_deadlock
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

_log = logging.getLogger(__name__)

# Per transaction: some tens of milliseconds.
AT_ONCE = 100


def work(deadline: float) -> bool:
    """Returns whether there are more notices than could be published until `deadline`."""
    number = AT_ONCE
    while number and notification_queries.has_notices():
        if time.monotonic() >= deadline:
            return True
        number, results = _Publisher(now_ms()).publish()
        after_commit([result for result in results if isinstance(result, Accepted)])
        for result in results:
            if isinstance(result, CallboardError):
                _log.warning("system event was not published: %s", result.detail)
    return False


NOTICE_TASK = PeriodicTask("noticing", 1.0, work, notification_queries.notices)


@dataclass(frozen=True, slots=True)
class _Known:
    """Existing rows by id."""

    webhooks: dict[str, Webhook]
    deliveries: dict[str, Delivery]


@dataclass(slots=True)
class _Publisher:
    """Publishes some notices in one transaction, with verdicts of filters that ran before it.
    postponed: organizations whose filters are too busy; their notices wait."""

    now: int
    evaluations: dict[str | None, Evaluation] = field(default_factory=dict)
    postponed: set[str] = field(default_factory=set)

    def publish(self) -> tuple[int, list[Result]]:
        """Returns how many were published; 0 if another worker has locked them all."""
        while True:
            try:
                return retry_on_deadlock(self._publish)
            except _Unjudged as unjudged:
                self._judge(unjudged.items)

    def _judge(self, items: Sequence[tuple[Prepared, Unjudged]]) -> None:
        for item, unjudged in items:
            try:
                evaluation = judged(item, unjudged.webhooks[0]).evaluation
            except Unavailable:
                self.postponed.add(item.organization_id)
            else:
                assert evaluation is not None
                self.evaluations[item.draft.producer_id] = evaluation

    def _publish(self) -> tuple[int, list[Result]]:
        with write_transaction() as session:
            return _publish_some(session, self)

    def prepared(self, notice: Notice, known: _Known) -> Prepared | None:
        item = _prepared(notice, known)
        if item is None:
            return None
        return replace(item, evaluation=self.evaluations.get(item.draft.producer_id))


class _Unjudged(Exception):
    """Nothing was published: filters of these must run first."""

    def __init__(self, items: Sequence[tuple[Prepared, Unjudged]]) -> None:
        super().__init__("filters were not judged")
        self.items = items


def _publish_some(session: WriteSession, publisher: _Publisher) -> tuple[int, list[Result]]:
    # Skips notices that another worker has locked.
    notices = session.scalars(
        select(Notice)
        .where(Notice.organization_id.not_in(publisher.postponed))
        .order_by(Notice.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    known = _Known(
        notification_queries.webhooks_of(notices), notification_queries.deliveries_of(notices)
    )
    current = [notice for notice in notices if notice.webhook_id in known.webhooks]
    prepared = [item for n in current if (item := publisher.prepared(n, known)) is not None]
    results = accept(session.connection(), webhook_cache(), prepared) if prepared else []
    pairs = zip(prepared, results, strict=True)
    unjudged = [(item, result) for item, result in pairs if isinstance(result, Unjudged)]
    if unjudged:
        raise _Unjudged(unjudged)
    items = [_item(notice, known) for notice in current if notice.kind in rules.KINDS]
    if runtime().settings.smtp_url is not None:
        add_to_emails(session, items, publisher.now)
    add_to_digests(session, [item for item in items if item.is_published], publisher.now)
    session.execute(delete(Notice).where(Notice.id.in_([notice.id for notice in notices])))
    return len(notices), results


def _prepared(notice: Notice, known: _Known) -> Prepared | None:
    """The system event of a notice; None if its kind is not published."""
    webhook, delivery = known.webhooks[notice.webhook_id], _delivery(notice, known)
    if not rules.is_published(notice.kind, delivery.event_type if delivery else None):
        return None
    named = {"id": webhook.id, "name": webhook.name, "url": webhook.url}
    about = (
        None
        if delivery is None
        else {
            "id": delivery.id,
            "attempts": delivery.attempts,
            "event_id": delivery.event_id,
            "event_type": delivery.event_type,
        }
    )
    payload = rules.payload(notice.kind, named, notice.detail, about, _link(notice, about))
    draft = EventDraft(
        type=notice.kind,
        payload=compact_json(payload),
        source=webhook.id,
        occurred_at=notice.at,
        producer_id=f"callboard.notice.{notice.id}",
    )
    return prepare(notice.organization_id, draft, runtime().guard, runtime().tracing)


def _link(notice: Notice, delivery: Mapping[str, object] | None) -> str:
    path = f"webhooks/{notice.webhook_id}"
    if delivery is not None and notice.kind == rules.FAILED:
        path = f"deliveries/{delivery['id']}"
    return f"{runtime().settings.public_url.rstrip('/')}/{path}"


def _delivery(notice: Notice, known: _Known) -> Delivery | None:
    return known.deliveries.get(notice.delivery_id or "")


def _item(notice: Notice, known: _Known) -> Item:
    delivery = _delivery(notice, known)
    return Item(
        notice.organization_id,
        notice.webhook_id,
        notice.kind,
        notice.at,
        notice.detail,
        notice.delivery_id if notice.kind == rules.FAILED else None,
        delivery.event_type if delivery and notice.kind == rules.FAILED else None,
        rules.is_published(notice.kind, delivery.event_type if delivery else None),
    )
