"""Add notices to waiting emails: one email for each member and webhook."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, tuple_

from app.domain.notifications.system_events import MAX_LISTED, send_at
from app.models import QueuedEmail
from app.queries import notifications
from app.queries.notifications import MAX_PAIRS, Pair
from app.store.sessions import WriteSession


@dataclass(frozen=True, slots=True)
class Item:
    """A notice as an email shows it. delivery_id, event_type: of a failed delivery. is_published:
    it is a system event, too."""

    organization_id: str
    webhook_id: str
    kind: str
    at: int
    detail: Mapping[str, Any]
    delivery_id: str | None
    event_type: str | None
    is_published: bool = True

    def document(self) -> dict[str, Any]:
        about = {"delivery_id": self.delivery_id, "event_type": self.event_type}
        return {"kind": self.kind, "at": self.at, **self.detail, **about}


def add_to_emails(session: WriteSession, items: Sequence[Item], now: int) -> None:
    """In the caller's transaction: add items to the emails of members who are notified of them."""
    organizations = {item.organization_id for item in items}
    recipients = notifications.recipients_of(organizations) if organizations else {}
    for organization_id in sorted(organizations):
        items_by_pair: dict[Pair, list[Item]] = defaultdict(list)
        for recipient in recipients.get(organization_id, ()):
            for item in items:
                if item.organization_id == organization_id and item.kind in recipient.kinds:
                    items_by_pair[recipient.user.id, item.webhook_id].append(item)
        if items_by_pair:
            _put(session, organization_id, items_by_pair, now)


def _put(
    session: WriteSession, organization_id: str, items_by_pair: dict[Pair, list[Item]], now: int
) -> None:
    pairs = sorted(items_by_pair)
    waiting = _lock_waiting(session, organization_id, pairs)
    last = notifications.last_sent(organization_id, pairs)
    for pair in pairs:
        mail = waiting.get(pair)
        if mail is None:
            mail = _new(organization_id, pair, now)
            session.add(mail)
        _join(mail, items_by_pair[pair])
        at = send_at(mail.counts, now, last.get(pair))
        # Later items do not delay an email that is already waiting.
        mail.next_at = at if mail.next_at is None else min(at, mail.next_at)


def _new(organization_id: str, pair: Pair, now: int) -> QueuedEmail:
    user_id, webhook_id = pair
    return QueuedEmail(
        organization_id=organization_id,
        user_id=user_id,
        webhook_id=webhook_id,
        state="waiting",
        counts={},
        news=[],
        created_at=now,
        tries=0,
    )


def _join(mail: QueuedEmail, items: Sequence[Item]) -> None:
    # New objects, because SQLAlchemy does not track changes inside a JSON value.
    counts, news = dict(mail.counts), list(mail.news)
    for item in items:
        counts[item.kind] = counts.get(item.kind, 0) + 1
        if item.delivery_id is None or sum(1 for n in news if n["delivery_id"]) < MAX_LISTED:
            news.append(item.document())
    # Only the latest states of a webhook that keeps failing and recovering.
    mail.counts, mail.news = counts, news[-3 * MAX_LISTED :]


def _lock_waiting(
    session: WriteSession, organization_id: str, pairs: Sequence[Pair]
) -> dict[Pair, QueuedEmail]:
    """Lock the emails that are still waiting."""
    emails: dict[Pair, QueuedEmail] = {}
    for start in range(0, len(pairs), MAX_PAIRS):
        rows = session.scalars(
            select(QueuedEmail)
            .where(
                QueuedEmail.organization_id == organization_id,
                tuple_(QueuedEmail.user_id, QueuedEmail.webhook_id).in_(
                    pairs[start : start + MAX_PAIRS]
                ),
                QueuedEmail.state == "waiting",
            )
            .with_for_update()
        )
        emails |= {(row.user_id, row.webhook_id): row for row in rows}
    return emails
