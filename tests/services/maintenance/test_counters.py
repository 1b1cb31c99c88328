import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.domain.common.clock import now_ms
from app.domain.common.ids import new_id
from app.domain.deliveries.spans import DAY, HOUR, KEPT, MINUTE, start_of
from app.domain.deliveries.tallies import Tallies
from app.models import Counter, Tally
from app.models.common.base import db
from app.services.accounts.actor import SYSTEM
from app.services.deliveries import actions as deliveries
from app.services.events.publishing import publish, publish_batch
from app.services.maintenance import counters as counting
from app.services.webhooks import service as webhooks
from app.store import tallies as tally_rows
from app.store.transaction import write_transaction
from tests.services.events.test_group_commit import together
from tests.services.publishing import draft, webhook

Sums = dict[tuple[str, str], int]


def tally(organization_id: str, webhook_id: str | None, at: int, **numbers: int) -> None:
    tallies = Tallies()
    for metric, number in numbers.items():
        tallies.add(organization_id, webhook_id, metric, number)
    with write_transaction() as session:
        tally_rows.append(session, tallies, at)


def counted(span: int) -> Sums:
    """{(subject, metric): sum over all starts}"""
    columns = (Counter.subject_id, Counter.metric)
    rows = db.session.execute(
        select(*columns, func.sum(Counter.value)).where(Counter.span == span).group_by(*columns)
    )
    return {(row[0], row[1]): int(row[2]) for row in rows}


def waiting() -> int:
    return db.session.scalar(select(func.count()).select_from(Tally)) or 0


def add_all_up() -> None:
    assert counting.add_up(time.monotonic() + 60) is False


def test_every_span_has_totals_of_the_webhook_and_the_organization(
    app: Flask, organization: Any
) -> None:
    own, first, second, at = organization.id, new_id(), new_id(), now_ms()
    tally(own, first, at, succeeded=3, failed=1)
    tally(own, second, at, succeeded=2)
    tally(own, None, at, events=9)
    add_all_up()
    expected = {
        (first, "succeeded"): 3,
        (first, "failed"): 1,
        (second, "succeeded"): 2,
        (own, "succeeded"): 5,
        (own, "failed"): 1,
        (own, "events"): 9,
    }
    assert [counted(span) for span in KEPT] == [expected] * 4
    assert waiting() == 0


def test_later_tallies_are_added_to_existing_counters(app: Flask, organization: Any) -> None:
    hook, at = new_id(), start_of(now_ms(), DAY)
    tally(organization.id, hook, at, failed=1)
    add_all_up()
    tally(organization.id, hook, at + 3_600_000, failed=2)
    add_all_up()
    starts = select(Counter.start, Counter.value).where(Counter.subject_id == hook)
    by_hour = starts.where(Counter.span == HOUR).order_by(Counter.start)
    assert list(db.session.execute(by_hour)) == [(at, 1), (at + 3_600_000, 2)]
    assert list(db.session.execute(starts.where(Counter.span == DAY))) == [(at, 3)]


def test_more_than_a_batch_is_added_up_in_several(
    app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "AT_ONCE", 2)
    for _ in range(5):
        tally(organization.id, None, now_ms(), events=1)
    assert counting.add_up_some(2) is True
    assert waiting() == 3
    assert counting.add_up(time.monotonic()) is True
    assert waiting() == 1
    add_all_up()
    assert counted(DAY) == {(organization.id, "events"): 5}


def test_sums_beyond_one_transaction_become_tallies_again(
    app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "SUMS_AT_ONCE", 3)
    hooks = [new_id() for _ in range(4)]
    for minutes in (0, 1, 0):
        for hook in hooks:
            tally(organization.id, hook, now_ms() - minutes * 60_000, failed=1)
    assert counting.add_up_some(100) is True
    # Eight sums: three were added up, the others stand in a tally for each minute.
    assert waiting() == 2
    add_all_up()
    expected = {(hook, "failed"): 3 for hook in hooks}
    assert counted(DAY) == expected | {(organization.id, "failed"): 12}


def test_each_tally_counts_once_with_several_workers(
    app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = [new_id() for _ in range(3)]
    for n in range(60):
        tally(organization.id, hooks[n % 3], now_ms() + n * 20_000, succeeded=1)

    monkeypatch.setattr(counting, "SUMS_AT_ONCE", 4)

    def work(_index: int) -> None:
        # Smaller batches than usual, so that they meet more often.
        for _ in range(60):
            counting.add_up_some(7)

    assert together(app, work, 4) == [None] * 4
    assert waiting() == 0
    expected = {(hook, "succeeded"): 20 for hook in hooks}
    for span in KEPT:
        assert counted(span) == expected | {(organization.id, "succeeded"): 60}


def test_nothing_is_lost_while_tallies_keep_coming(app: Flask, organization: Any) -> None:
    done = threading.Event()

    def work(index: int) -> None:
        if index == 0:
            while not done.is_set():
                counting.add_up_some(5)
        else:
            for _ in range(30):
                tally(organization.id, None, now_ms(), events=1)
            done.set()

    assert together(app, work, 2) == [None] * 2
    add_all_up()
    assert counted(DAY) == {(organization.id, "events"): 30}


def test_a_tally_that_another_worker_added_is_left_alone(
    app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        tally(organization.id, None, now_ms(), events=1)
    summed = counting._summed

    def meanwhile(rows: Any) -> Any:
        monkeypatch.setattr(counting, "_summed", summed)
        assert together(app, lambda _: counting.add_up_some(1), 1) == [True]
        return summed(rows)

    monkeypatch.setattr(counting, "_summed", meanwhile)
    assert counting.add_up_some(9) is False
    add_all_up()
    assert counted(DAY) == {(organization.id, "events"): 3}


def test_old_counters_are_deleted_and_longer_spans_stay(app: Flask, organization: Any) -> None:
    own = organization.id
    for span, seconds in KEPT.items():
        tally(own, None, now_ms() - (seconds - span) * 1000, events=1)
    tally(own, None, now_ms() - (KEPT[DAY] + DAY) * 1000, events=1)
    add_all_up()
    assert counting.prune(time.monotonic() + 60) is False
    counts = {span: counted(span)[own, "events"] for span in KEPT}
    assert list(counts.values()) == [1, 2, 3, 4]


def test_pruning_continues_after_its_deadline(
    app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "REMOVED_AT_ONCE", 2)
    tally(organization.id, None, 0, a=1, b=1, c=1, d=1, e=1)
    add_all_up()
    assert counting.prune(time.monotonic()) is True
    assert len(counted(MINUTE)) == 3
    assert counting.prune(time.monotonic() + 60) is False
    assert (counted(MINUTE), counted(DAY)) == ({}, {})


@pytest.fixture
def sums(app: Flask) -> Callable[[], Sums]:
    def all_up() -> Sums:
        add_all_up()
        return counted(MINUTE)

    return all_up


def test_publishing_counts_events_and_deliveries_in_one_row(
    organization: Any, sums: Callable[[], Sums]
) -> None:
    own, hook = organization.id, webhook(organization.id)
    paused = webhook(organization.id, is_active=False)
    publish_batch(own, [draft(), draft(), draft()])
    assert waiting() == 1
    assert sums() == {
        (own, "events"): 3,
        (own, "deliveries"): 6,
        (hook, "deliveries"): 3,
        (own, "skipped"): 3,
        (paused, "deliveries"): 3,
        (paused, "skipped"): 3,
    }


def test_a_repeated_event_is_not_counted_again(organization: Any, sums: Callable[[], Sums]) -> None:
    for _ in range(2):
        publish(organization.id, draft(producer_id="once"))
    assert sums() == {(organization.id, "events"): 1}


def test_cancelling_and_resending_are_counted(organization: Any, sums: Callable[[], Sums]) -> None:
    hook = webhook(organization.id)
    delivery_id = publish(organization.id, draft()).deliveries[0].id
    deliveries.cancel(organization.id, delivery_id, SYSTEM)
    deliveries.resend(organization.id, delivery_id, SYSTEM)
    deliveries.resend(organization.id, delivery_id, SYSTEM)
    counts = sums()
    assert (counts[hook, "cancelled"], counts[hook, "resent"]) == (1, 1)


def test_deliveries_of_a_deleted_webhook_count_as_cancelled(
    organization: Any, sums: Callable[[], Sums]
) -> None:
    hook = webhook(organization.id)
    publish_batch(organization.id, [draft(), draft()])
    webhooks.delete(organization.id, hook, SYSTEM)
    assert sums()[hook, "cancelled"] == 2
