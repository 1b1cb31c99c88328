"""Sending a webhook what it missed: events that it wants, as it is now, and that it had no delivery
of, because it was made or changed later, and those that were skipped while it was switched off.

Whoever asks twice has nothing sent twice: what has a delivery by then is not missed.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from app.domain.common.clock import iso, now_ms
from app.domain.common.errors import Conflict
from app.domain.common.ids import new_id
from app.domain.deliveries.states import SKIPPED
from app.domain.deliveries.tallies import Tallies
from app.domain.events.event import EventFacts
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.matching import choose
from app.domain.webhooks.rows import facts_from_row
from app.models.base import db
from app.queries.common.scans import Span, span_of
from app.queries.deliveries.missed import Missed, step, without_delivery
from app.runtime.context import runtime
from app.runtime.expressions import verdicts_of
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.services.deliveries.bulk import Progress
from app.services.deliveries.resending import send_again
from app.services.events.rows import DELIVERIES
from app.services.webhooks.changes import get_webhook, lock_webhook
from app.store import bulk
from app.store import key_order as ordering
from app.store.deadlocks import retry_on_deadlock
from app.store.sessions import WriteSession
from app.store.tallies import append
from app.store.transaction import write_transaction


@dataclass(slots=True)
class _Walk:
    """Through the events since a time, the oldest first, until a time of the monotonic clock."""

    organization_id: str
    webhook_id: str
    span: Span
    stop: float | None
    after: str | None = None
    is_done: bool = False

    def ask(self) -> tuple[WebhookFacts, list[Missed], str | None]:
        """The webhook as it is now, and what it missed in the next step. NotFound, Conflict."""
        webhook = _wants(self.organization_id, self.webhook_id)
        looked = step(webhook, self.span.above(self.after))
        # A filter may be judged in the sandbox.
        db.session.commit()
        missed = [m for m in looked.missed if m.delivery_id or self._matches(webhook, m.event)]
        return webhook, missed, looked.edge

    def _matches(self, webhook: WebhookFacts, event: EventFacts) -> bool:
        verdicts = verdicts_of(self.organization_id, event, [webhook])
        return choose(webhook, event, verdicts) is None

    def go_on(self, edge: str | None) -> bool:
        """Whether there is more to look at, and time for it."""
        # No transaction is left open between two steps.
        db.session.commit()
        self.after, self.is_done = edge, edge is None
        return not self.is_done and (self.stop is None or time.monotonic() < self.stop)


def count_missed(
    organization_id: str, webhook_id: str, since: int, *, seconds: float | None = None
) -> Progress:
    """How many events since then (milliseconds since the epoch) it missed; seconds: stop counting
    after about so many. Conflict: it is good for one event only. NotFound."""
    walk = _walk(organization_id, webhook_id, since, None, seconds)
    number = 0
    while True:
        _, missed, edge = walk.ask()
        number += len(missed)
        if not walk.go_on(edge):
            return Progress(number, walk.after)


def send_missed(
    organization_id: str,
    webhook_id: str,
    since: int,
    actor: Actor,
    *,
    after: str | None = None,
    seconds: float | None = None,
) -> Progress:
    """Have it sent what it missed since then, from the event id `after` on; stop after about
    `seconds`, if given. What happens from now on is no part of it. Conflict, NotFound."""
    walk = _walk(organization_id, webhook_id, since, after, seconds)
    number = 0
    while True:
        webhook, missed, edge = walk.ask()
        made = retry_on_deadlock(partial(_send, webhook, missed)) if missed else 0
        if made is None:
            # It was changed since it was asked: ask it again.
            continue
        number += made
        if not walk.go_on(edge):
            break
    _record(organization_id, webhook_id, actor, since, number)
    return Progress(number, walk.after)


def _walk(
    organization_id: str, webhook_id: str, since: int, after: str | None, seconds: float | None
) -> _Walk:
    span = span_of(since, now_ms() + 1)
    stop = None if seconds is None else time.monotonic() + seconds
    return _Walk(organization_id, webhook_id, span, stop, after)


def _wants(organization_id: str, webhook_id: str) -> WebhookFacts:
    """As if it were active, for `matching.choose`."""
    row = get_webhook(organization_id, webhook_id)
    if row.once:
        raise Conflict("It is good for one event, the first that it matches: it misses none.")
    return replace(facts_from_row(row.columns(), None, 0), is_active=True)


def _send(webhook: WebhookFacts, missed: Sequence[Missed]) -> int | None:
    """How many are due now; None: the webhook is not any more what they were chosen for."""
    with write_transaction() as session:
        ordering.lock_organizations(session, [webhook.organization_id], shared=True)
        # Whoever else sends what it missed waits here, and then finds it done.
        row = lock_webhook(session, webhook.organization_id, webhook.id)
        if row.version != webhook.version:
            return None
        now = now_ms()
        made = _make(session, webhook, [m.event.id for m in missed if not m.delivery_id], now)
        skipped = [m.delivery_id for m in missed if m.delivery_id]
        sent = send_again(session, webhook.organization_id, [*made, *skipped], now)
    runtime().wake_up.notify()
    return len(sent)


def _make(
    session: WriteSession, webhook: WebhookFacts, event_ids: list[str], now: int
) -> list[str]:
    """Ids of deliveries, skipped until they are sent like the others."""
    found = without_delivery(webhook, event_ids)
    rows = [
        (
            new_id(),
            webhook.organization_id,
            webhook.id,
            event_id,
            event_type,
            source,
            None,
            SKIPPED,
            0,
            now,
            now,
        )
        for event_id, event_type, source in found
    ]
    bulk.insert(session, (DELIVERIES, rows))
    tallies = Tallies()
    tallies.add(webhook.organization_id, webhook.id, "deliveries", len(rows))
    # They are sent for the first time, which `send_again` cannot know.
    tallies.add(webhook.organization_id, webhook.id, "resent", -len(rows))
    append(session, tallies, now)
    return [row[0] for row in rows]


def _record(organization_id: str, webhook_id: str, actor: Actor, since: int, number: int) -> None:
    after = {"count": number, "since": iso(since)}
    with write_transaction() as session:
        audit.record(
            session, organization_id, actor, "webhook.send_missed", webhook_id, after=after
        )
