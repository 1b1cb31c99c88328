"""Jobs: what they act on, and that they go on where another process stopped."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, NotFound
from app.models import AuditEntry, Delivery, Job, Webhook
from app.models.common.base import db
from app.queries import jobs as queries
from app.queries.deliveries.filters import DeliveryFilter
from app.runtime.context import runtime
from app.services.accounts.actor import SYSTEM, Actor
from app.services.deliveries import bulk
from app.services.jobs import running, service, steps
from app.services.maintenance.periodic import do_due
from app.store.transaction import write_transaction
from app.worker.tasks import PERIODIC_TASKS
from tests.services.publishing import due_rows, webhook
from tests.web.records import delivery, event

ADA = Actor("user", None, "ada@example.com")
FAILED = DeliveryFilter(states=("failed",))


@pytest.fixture
def failed(organization: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(steps, "AT_ONCE", 2)
    hook = webhook(organization.id)
    return [delivery(organization.id, hook) for _ in range(5)]


def change(model: Any, id_: str, **values: Any) -> None:
    with write_transaction() as session:
        row = session.get_one(model, id_)
        for name, value in values.items():
            setattr(row, name, value)


def stored(job: Job) -> Job:
    db.session.rollback()
    row = queries.get(job.organization_id, job.id)
    assert row is not None
    return row


def actions() -> list[tuple[str, str, Any]]:
    rows = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(r.action, r.actor_name, r.after) for r in rows if r.action.startswith("job.")]


def resend(organization: Any, filters: DeliveryFilter = FAILED) -> Job:
    return service.start_matching(organization.id, filters, ADA, "resend")


def test_a_job_resends_everything_that_matched_at_its_start(
    app: Flask, organization: Any, failed: list[str]
) -> None:
    job = resend(organization)
    late = delivery(organization.id, webhook(organization.id))
    running.run_all()
    assert {row.delivery_id for row in due_rows()} == set(failed) - {late}
    row = stored(job)
    assert (row.state, row.done, row.total, row.total_is_exact) == ("completed", 5, 5, True)
    assert queries.counts(organization.id, job.id) == [("pending", True, 5)]
    start, end = actions()
    assert start[:2] == ("job.start", "ada@example.com")
    assert start[2]["filter"]["state"] == ["failed"]
    assert end == ("job.complete", "ada@example.com", {"kind": "resend", "count": 5})


def test_a_job_cancels(app: Flask, organization: Any, failed: list[str]) -> None:
    resend(organization)
    running.run_all()
    job = service.start_matching(organization.id, DeliveryFilter(), ADA, "cancel")
    running.run_all()
    assert due_rows() == []
    assert queries.counts(organization.id, job.id) == [("cancelled", True, 5)]


def test_a_job_sends_missed_events(app: Flask, organization: Any) -> None:
    hook = webhook(organization.id)
    for _ in range(3):
        event(organization.id)
    job = service.start_sending_missed(organization.id, hook, 0, ADA)
    running.run_all()
    assert len(due_rows()) == 3
    assert stored(job).done == 3


def test_another_process_continues_behind_the_last_step(
    sqlite_app: Flask, organization: Any, failed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = resend(organization)
    act, calls = bulk.resend_deliveries, []

    def dies_at_the_second(*arguments: Any, **named: Any) -> set[str]:
        calls.append(1)
        if len(calls) == 2:
            raise SystemExit
        return act(*arguments, **named)

    monkeypatch.setattr(bulk, "resend_deliveries", dies_at_the_second)
    with pytest.raises(SystemExit):
        running.run_all()
    assert len(due_rows()) == 2
    running.run_all()  # Its lease holds: nobody else runs it yet.
    assert stored(job).done == 2
    assert db.session.scalar(queries.runnable(now_ms(), running.LEASE_MS)) is None
    change(Job, job.id, lease_until=now_ms() - 1)
    assert db.session.scalar(queries.runnable(now_ms(), running.LEASE_MS)) == job.id
    running.run_all()
    assert (stored(job).state, stored(job).done) == ("completed", 5)
    assert len(due_rows()) == 5


def test_a_lease_from_a_clock_that_was_set_back_is_free(
    sqlite_app: Flask, organization: Any, failed: list[str]
) -> None:
    job = resend(organization)
    change(Job, job.id, state="running", lease_until=now_ms() + 86_400_000)
    running.run_all()
    assert stored(job).state == "completed"


def test_a_stopped_job_changes_nothing_more(
    sqlite_app: Flask, organization: Any, failed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = resend(organization)
    read = steps.ids_above

    def stopped_meanwhile(*arguments: Any, **options: Any) -> Any:
        stretch = read(*arguments, **options)
        if stored(job).done == 2 and stored(job).state == "running":
            service.stop(organization.id, job.id, ADA)
        return stretch

    monkeypatch.setattr(steps, "ids_above", stopped_meanwhile)
    running.run_all()
    assert (stored(job).state, stored(job).done) == ("stopped", 2)
    assert len(due_rows()) == 2
    assert actions()[-1] == ("job.stop", "ada@example.com", {"kind": "resend", "count": 2})
    with pytest.raises(Conflict):
        service.stop(organization.id, job.id, ADA)


def test_jobs_take_turns(
    sqlite_app: Flask, organization: Any, failed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "TURN_SECONDS", 0)
    turns, turn = [], running._turn
    monkeypatch.setattr(running, "_turn", lambda job: (turns.append(job.id), turn(job)))
    first, other = resend(organization), resend(organization)
    change(Job, first.id, touched_at=1)
    change(Job, other.id, touched_at=2)
    running.run_all()
    assert turns[:3] == [first.id, other.id, first.id]
    assert {stored(job).state for job in (first, other)} == {"completed"}


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (("shell", {}), "Unknown kind of job"),
        (("resend", {"states": "failed"}), "arguments cannot be read"),
        (("resend", {"states": ["burnt"]}), "states cannot be read"),
        (("resend", {"webhook_id": "x"}), "ID in its arguments"),
        (("resend", []), "arguments cannot be read"),
        (("send_missed", {"webhook_id": 7}), "arguments cannot be read"),
    ],
)
def test_a_damaged_job_fails_with_its_reason(
    sqlite_app: Flask, organization: Any, failed: list[str], damage: Any, problem: str
) -> None:
    job, good = resend(organization), resend(organization)
    change(Job, job.id, kind=damage[0], arguments=damage[1])
    running.run_all()
    assert stored(job).state == "failed"
    assert problem in stored(job).problem
    assert stored(good).state == "completed"


def test_a_job_of_a_deleted_webhook_fails(sqlite_app: Flask, organization: Any) -> None:
    hook = webhook(organization.id)
    job = service.start_sending_missed(organization.id, hook, 0, ADA)
    change(Webhook, hook, deleted_at=now_ms())
    running.run_all()
    assert (stored(job).state, stored(job).problem) == ("failed", "The webhook was deleted.")


def test_a_job_fails_after_unexpected_errors(
    sqlite_app: Flask,
    organization: Any,
    failed: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    job = resend(organization)
    monkeypatch.setattr(bulk, "resend_deliveries", lambda *_, **__: 1 / 0)
    for _ in range(running.MAX_ERRORS):
        assert stored(job).state in ("queued", "running")
        running.run_all()
        change(Job, job.id, lease_until=0)
    assert (stored(job).state, stored(job).problem) == ("failed", running.UNEXPECTED)
    assert caplog.text.count(f"job {job.id} failed") == running.MAX_ERRORS


def test_an_organization_has_a_limit_of_open_jobs(sqlite_app: Flask, organization: Any) -> None:
    jobs = [resend(organization) for _ in range(10)]
    with pytest.raises(Conflict, match="10 jobs are open"):
        resend(organization)
    service.stop(organization.id, jobs[0].id, SYSTEM)
    resend(organization)


def test_other_organizations_can_neither_see_nor_stop_a_job(
    sqlite_app: Flask, organization: Any, failed: list[str]
) -> None:
    from app.services.accounts import organizations

    other = organizations.create("Other")
    foreign = delivery(other.id, webhook(other.id))
    job = resend(organization)
    assert queries.get(other.id, job.id) is None
    assert queries.page(other.id, 10).rows == []
    with pytest.raises(NotFound):
        service.stop(other.id, job.id, ADA)
    running.run_all()
    assert db.session.get(Delivery, foreign).state == "failed"
    assert queries.counts(other.id, job.id) == []


def test_workers_look_for_jobs_before_any_task_that_may_have_a_backlog(
    sqlite_app: Flask, organization: Any, failed: list[str]
) -> None:
    resend(organization)
    do_due(PERIODIC_TASKS[:1], 60.0)
    runtime().background.wait(running.THREAD)
    assert len(due_rows()) == 5


def test_old_jobs_are_deleted(sqlite_app: Flask, organization: Any, failed: list[str]) -> None:
    old, new = resend(organization), resend(organization)
    running.run_all()
    change(Job, old.id, ended_at=now_ms() - 31 * 86_400_000)
    running.expire(0)
    assert [row.id for row in queries.page(organization.id, 10).rows] == [new.id]
