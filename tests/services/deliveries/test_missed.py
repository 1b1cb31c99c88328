from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, NotFound
from app.domain.common.ids import new_id
from app.models import AuditEntry, Event, Tally
from app.models.common.base import db
from app.queries.deliveries import missed as query
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.deliveries.missed import count_missed, send_missed
from app.services.events.publishing import publish_batch
from app.services.webhooks import service as webhooks
from app.store.transaction import write_transaction
from tests.services.publishing import delivery_rows, draft, due_rows, webhook


def published(organization: Any, *drafts: Any) -> list[str]:
    """Ids of events, in the order of acceptance."""
    return [event.id for event in publish_batch(organization.id, list(drafts))]


def sent(organization: Any, webhook_id: str, since: int = 0) -> int:
    return send_missed(organization.id, webhook_id, since, SYSTEM).number


def test_events_from_before_the_webhook_existed_are_sent(organization: Any) -> None:
    ids = published(organization, draft(source="a"), draft(source="b"))
    late = webhook(organization.id)
    assert count_missed(organization.id, late, 0).number == 2
    assert delivery_rows() == []
    assert sent(organization, late) == 2
    rows = delivery_rows()
    assert [(row.event_id, row.webhook_id, row.state, row.source) for row in rows] == [
        (ids[0], late, "pending", "a"),
        (ids[1], late, "pending", "b"),
    ]
    due = due_rows()
    assert [row.delivery_id for row in due] == [row.id for row in rows]
    assert [(row.attempt, row.run_start, row.bytes) for row in due] == [(1, 1, 2)] * 2
    assert due[0].next_at <= now_ms()


def test_sending_missed_events_twice_sends_each_once(organization: Any) -> None:
    published(organization, draft(), draft())
    late = webhook(organization.id)
    assert sent(organization, late) == 2
    assert sent(organization, late) == 0
    assert count_missed(organization.id, late, 0).number == 0
    assert len(due_rows()) == 2


def test_concurrent_calls_send_each_missed_event_once(app: Flask, organization: Any) -> None:
    published(organization, *(draft() for _ in range(20)))
    late = webhook(organization.id)

    def ask(_: int) -> int:
        with app.app_context():
            return sent(organization, late)

    with ThreadPoolExecutor(3) as threads:
        assert sum(threads.map(ask, range(3))) == 20
    assert len(delivery_rows()) == len(due_rows()) == 20


def test_deliveries_skipped_during_a_pause_are_sent_in_order(organization: Any) -> None:
    before = published(organization, draft())
    wanted = webhook(organization.id, is_active=False, ordered=True)
    during = published(organization, draft(), draft())
    webhooks.resume(organization.id, wanted, SYSTEM)
    after = published(organization, draft())
    assert sent(organization, wanted) == 3
    assert [row.event_id for row in due_rows()] == after + before + during
    assert [row.head for row in due_rows()] == [True, False, False, False]


def test_only_matching_events_are_sent(organization: Any) -> None:
    wanted_id, *_ = published(
        organization,
        draft("a", b'{"n":1}', source="s"),
        draft("b", b'{"n":1}', source="s"),
        draft("a", b'{"n":2}', source="s"),
        draft("a", b'{"n":1}', source="t"),
    )
    late = webhook(organization.id, event_types=["a"], sources=["s"], filter="payload.n == `1`")
    assert count_missed(organization.id, late, 0).number == 1
    sent(organization, late)
    assert [row.event_id for row in delivery_rows()] == [wanted_id]


def test_a_form_callback_misses_only_events_with_its_fields(organization: Any) -> None:
    form = b'{"callback_id": 1, "callback_value": "https://cdn/x", "callback_format": "video"}'
    published(organization, draft(payload=form), draft())
    late = webhook(organization.id, preset="form_callback", body_format="form_callback")
    assert sent(organization, late) == 1


def test_system_events_are_missed_only_if_named(organization: Any) -> None:
    published(organization, draft("webhook.disabled"))
    assert sent(organization, webhook(organization.id)) == 0
    assert sent(organization, webhook(organization.id, event_types=["webhook.disabled"])) == 1


def test_older_and_expired_events_are_excluded(organization: Any) -> None:
    expired, _ = published(organization, draft(), draft())
    late = webhook(organization.id)
    with write_transaction() as session:
        session.get_one(Event, expired).payload = None
    assert sent(organization, late, now_ms() + 1000) == 0
    assert sent(organization, late) == 1


def test_events_with_a_delivery_are_not_missed(organization: Any) -> None:
    wanted = webhook(organization.id)
    published(organization, draft(), draft())
    with write_transaction():
        delivery_rows()[0].state = "failed"
    assert sent(organization, wanted) == 0


def test_many_missed_events_are_sent_in_steps_and_can_be_continued(
    organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query, "EXAMINED", 2)
    ids = published(organization, *(draft() for _ in range(5)))
    late = webhook(organization.id)
    first = send_missed(organization.id, late, 0, SYSTEM, seconds=0)
    assert (first.number, first.after) == (2, ids[1])
    rest = send_missed(organization.id, late, 0, SYSTEM, after=first.after)
    assert (rest.number, rest.after) == (3, None)
    assert [row.event_id for row in due_rows()] == ids


def test_a_one_time_webhook_misses_nothing(organization: Any) -> None:
    with pytest.raises(Conflict):
        sent(organization, webhook(organization.id, once=True))


def test_another_organizations_events_and_webhooks_are_not_touched(organization: Any) -> None:
    other = organizations.create("Other")
    published(organization, draft())
    foreign, mine = webhook(other.id), webhook(organization.id)
    assert sent(other, foreign) == 0
    for webhook_id in (mine, new_id(), "nonsense"):
        with pytest.raises(NotFound):
            sent(other, webhook_id)


def test_sending_missed_events_is_counted_and_audited(organization: Any) -> None:
    published(organization, draft())
    late = webhook(organization.id)
    sent(organization, late, since=1000)
    deltas = [tuple(d) for row in db.session.scalars(select(Tally)) for d in row.deltas]
    mine = [(metric, n) for _, webhook_id, metric, n in deltas if webhook_id == late]
    assert sorted(mine) == [("deliveries", 1), ("resent", -1), ("resent", 1)]
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.subject_id) == ("webhook.send_missed", late)
    assert entry.after == {"count": 1, "since": "1970-01-01T00:00:01.000Z"}
