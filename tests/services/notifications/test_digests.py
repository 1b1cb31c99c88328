"""Digests: what happens to a webhook becomes one system event at a time, for chats."""

import json
import time
from typing import Any

import pytest
from sqlalchemy import select, update

from app.domain.common.clock import now_ms
from app.domain.notifications.system_events import DIGEST, DISABLED, FAILED, FAILING, PACE_MS
from app.models import Event, Notice, NoticeDigest
from app.models.common.base import db
from app.services.accounts.actor import SYSTEM
from app.services.notifications import digests, notices
from app.services.webhooks import service as webhooks
from app.store.transaction import write_transaction
from tests.services.notifications.test_notices import failed_delivery, notice
from tests.services.publishing import due_rows, webhook


def publish() -> None:
    assert notices.work(time.monotonic() + 5) is False


def pass_time(ms: int) -> None:
    """As if the digests were planned and sent that much earlier."""
    times = {"next_at": NoticeDigest.next_at - ms, "sent_at": NoticeDigest.sent_at - ms}
    with write_transaction() as session:
        session.execute(update(NoticeDigest).values(times))


def rows() -> list[NoticeDigest]:
    statement = select(NoticeDigest).execution_options(populate_existing=True)
    return list(db.session.scalars(statement))


def events() -> list[dict[str, Any]]:
    statement = select(Event.payload).where(Event.type == DIGEST).order_by(Event.id)
    return [json.loads(payload) for payload in db.session.scalars(statement)]


@pytest.fixture
def chat_id(organization: Any) -> str:
    return webhook(organization.id, preset="slack", body_format="slack", event_types=[DIGEST])


def test_many_notices_become_one_event_after_half_a_minute(
    app: Any, organization: Any, chat_id: str
) -> None:
    hook = webhook(organization.id, event_types=["a"], name="Encoder")
    failed = [failed_delivery(organization, hook, "a") for _ in range(30)]
    for delivery_id in failed:
        notice(organization, hook, FAILED, delivery_id=delivery_id)
    notice(organization, hook, FAILING)
    publish()
    assert digests.work(0) is False
    assert events() == []
    pass_time(30_000)
    assert digests.work(0) is False
    publish()
    (payload,) = events()
    assert payload["counts"] == {FAILED: 30, FAILING: 1}
    assert payload["last"] == FAILING
    assert payload["deliveries"] == failed[-20:]
    assert payload["webhook"]["name"] == "Encoder"
    assert payload["link"].endswith(f"/webhooks/{hook}")
    assert [row.webhook_id for row in due_rows()] == [chat_id]


def test_the_next_event_about_a_webhook_is_a_quarter_of_an_hour_away(
    sqlite_app: Any, organization: Any, chat_id: str
) -> None:
    hook = webhook(organization.id, event_types=["a"])
    notice(organization, hook)
    publish()
    pass_time(30_000)
    digests.work(0)
    publish()
    notice(organization, hook)
    publish()
    (row,) = rows()
    assert row.next_at is not None
    assert row.next_at - now_ms() > PACE_MS - 60_000
    notice(organization, hook, DISABLED)
    publish()
    (row,) = rows()
    assert row.next_at - now_ms() <= 30_000


def test_nothing_is_gathered_while_no_webhook_selects_digests(
    sqlite_app: Any, organization: Any, chat_id: str
) -> None:
    webhooks.pause(organization.id, chat_id, SYSTEM)
    notice(organization, webhook(organization.id, event_types=["a"]))
    publish()
    assert rows() == []


def test_a_failed_system_event_is_in_no_digest(
    sqlite_app: Any, organization: Any, chat_id: str
) -> None:
    hook = webhook(organization.id, event_types=[FAILING])
    about = failed_delivery(organization, hook, FAILING)
    notice(organization, hook, FAILED, delivery_id=about)
    publish()
    assert rows() == []


def test_a_digest_that_delays_no_later_one_is_deleted(
    sqlite_app: Any, organization: Any, chat_id: str
) -> None:
    notice(organization, webhook(organization.id, event_types=["a"]))
    publish()
    pass_time(30_000)
    digests.work(0)
    assert len(rows()) == 1
    pass_time(PACE_MS + 1)
    digests.work(0)
    assert rows() == []
    assert db.session.scalar(select(Notice.kind)) == DIGEST


def test_a_digest_planned_before_the_clock_was_set_back_is_due(
    sqlite_app: Any, organization: Any, chat_id: str
) -> None:
    notice(organization, webhook(organization.id, event_types=["a"]))
    publish()
    pass_time(-10 * PACE_MS)
    digests.work(0)
    assert db.session.scalar(select(Notice.kind)) == DIGEST
