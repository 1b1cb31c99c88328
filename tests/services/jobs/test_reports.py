"""Reports are jobs that read one organization after the other."""

from typing import Any

import pytest
from flask import Flask

from app.domain.common.errors import NotFound
from app.domain.jobs.kinds import DELIVERY_COUNTS, EVENT_TYPES
from app.models import Job
from app.models.common.base import db
from app.queries import jobs as queries
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.jobs import reports, running, service
from app.services.jobs.arguments import Subjects
from tests.services.publishing import webhook
from tests.web.records import delivery


def stored(job: Job) -> Job:
    db.session.rollback()
    row = queries.of_any_kind(None, job.id)
    assert row is not None
    return row


def test_a_report_counts_the_deliveries_of_each_organization(
    sqlite_app: Flask, organization: Any
) -> None:
    other = organizations.create("Other")
    for _ in range(3):
        delivery(organization.id, webhook(organization.id))
    job = service.start_report(None, DELIVERY_COUNTS, Subjects(None, 0, 2**42), SYSTEM)
    running.run_all()
    row = stored(job)
    assert (row.state, row.done) == ("completed", 2)
    assert row.result is not None
    assert {r["id"]: r["number"] for r in row.result["rows"]} == {organization.id: 3, other.id: 0}


def test_a_report_continues_behind_the_last_step(
    sqlite_app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    everyone = {organization.id} | {organizations.create(f"Other {n}").id for n in range(4)}
    monkeypatch.setattr(reports, "AT_ONCE", 2)
    monkeypatch.setattr(reports, "STEP_SECONDS", 0)
    # Every step is a turn of its own, and reads what the last one stored.
    monkeypatch.setattr(running, "TURN_SECONDS", 0)
    job = service.start_report(None, EVENT_TYPES, Subjects(), SYSTEM)
    running.run_all()
    row = stored(job)
    assert (row.state, row.done) == ("completed", 5)
    assert row.result is not None
    ids = [each["id"] for each in row.result["rows"]]
    assert len(ids) == 5
    assert set(ids) == everyone


def test_a_report_on_too_many_organizations_fails_with_the_reason(
    sqlite_app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "MAX_ORGANIZATIONS", 0)
    job = service.start_report(None, EVENT_TYPES, Subjects(), SYSTEM)
    running.run_all()
    row = stored(job)
    assert row.state == "failed"
    assert row.problem == "There are more than 0 organizations: name them."


def test_a_report_is_not_among_the_jobs_that_act_on_deliveries(
    sqlite_app: Flask, organization: Any
) -> None:
    own = Subjects((organization.id,))
    job = service.start_report(organization.id, EVENT_TYPES, own, SYSTEM)
    assert queries.page(organization.id, 10).rows == []
    assert queries.get(organization.id, job.id) is None
    with pytest.raises(NotFound):
        service.stop(organization.id, job.id, SYSTEM)
