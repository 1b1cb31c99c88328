"""The wall clock goes a day forward and back."""

import time
from typing import Any

import pytest
from sqlalchemy import select, update

from app.domain.common.clock import now_ms
from app.models import Due, Organization, QueuedEmail, RetentionMark, TaskSchedule
from app.models.common.base import db
from app.runtime.context import runtime
from app.services.events import publishing as events
from app.services.maintenance import clock_steps, periodic
from app.services.maintenance.periodic import PeriodicTask
from app.store.transaction import write_transaction
from tests.services.publishing import draft, webhook

DAY = 86_400_000


def _ahead(delay: int | None, attempt: int, next_at: int) -> None:
    with write_transaction() as session:
        values = {"delay_ms": delay, "attempt": attempt, "next_at": next_at}
        session.execute(update(Due).values(values))


def _wait() -> int:
    """Milliseconds until the only delivery is due."""
    db.session.rollback()
    return db.session.scalars(select(Due.next_at)).one() - now_ms()


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("delay", "attempt", "expected"),
    [
        pytest.param(60_000, 3, 60_000, id="a retry"),
        pytest.param(None, 1, 0, id="a first attempt"),
        pytest.param(None, 2, DAY + 60_000, id="a retry that the previous release scheduled"),
    ],
)
def test_a_delivery_waits_no_longer_than_its_delay(
    organization: Any, delay: int | None, attempt: int, expected: int
) -> None:
    webhook(organization.id)
    events.publish(organization.id, draft())
    _ahead(delay, attempt, now_ms() + DAY + 60_000)
    assert clock_steps.correct(time.monotonic() + 1) is False
    assert expected - 10_000 < _wait() <= expected


@pytest.mark.usefixtures("app")
def test_a_retry_that_a_right_clock_scheduled_keeps_its_time(organization: Any) -> None:
    webhook(organization.id)
    events.publish(organization.id, draft())
    next_at = now_ms() + DAY
    _ahead(DAY, 2, next_at)
    clock_steps.correct(time.monotonic() + 1)
    db.session.rollback()
    assert db.session.scalars(select(Due.next_at)).one() == next_at


@pytest.mark.usefixtures("app")
def test_emails_and_data_retention_wait_no_longer_than_their_delay(organization: Any) -> None:
    ahead = now_ms() + DAY
    with write_transaction() as session:
        user_id = webhook_id = organization.id
        session.add(
            QueuedEmail(
                organization_id=organization.id, user_id=user_id, webhook_id=webhook_id,
                state="sending", counts={}, news=[], created_at=ahead, next_at=ahead, tries=1,
            )
        )  # fmt: skip
        session.add(RetentionMark(organization_id=organization.id, next_at=ahead))
        assert session.scalars(select(Organization.id)).all() == [organization.id]
    clock_steps.correct(time.monotonic() + 1)
    db.session.rollback()
    # Its first retry is due after a minute, but its lease is five.
    assert db.session.scalars(select(QueuedEmail.next_at)).one() <= now_ms() + 300_000
    assert db.session.scalars(select(RetentionMark.next_at)).one() <= now_ms()


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("is_cached", [True, False])
def test_a_periodic_task_waits_no_longer_than_its_pause(is_cached: bool) -> None:
    runs: list[float] = []

    def work(deadline: float) -> bool:
        runs.append(deadline)
        return False

    task, ahead = PeriodicTask("testing", 60.0, work), now_ms() + DAY
    with write_transaction() as session:
        session.add(TaskSchedule(name="testing", next_at=ahead))
    if is_cached:
        runtime().caches.periodic_due["testing"] = ahead
    for _ in range(3):
        periodic.do_due([task], 1.0)
    assert len(runs) == 1
