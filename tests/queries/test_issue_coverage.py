"""Which failures an acknowledgement covers, on both databases."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.domain.common.clock import now_ms
from app.domain.issues.coverage import FAILURE, HOUR, RESOLVED, TIME
from app.models import Acknowledgement, WebhookState
from app.models.common.base import db
from app.queries import issues as issue_queries
from app.queries.issues import Issue
from app.services.accounts.actor import SYSTEM
from app.services.issues import acknowledgements, outlasted
from app.services.maintenance.periodic import do_due
from app.store.transaction import write_transaction
from tests.queries.test_issues import MINUTE, failed
from tests.services.publishing import webhook


def succeeded(hook: str, ago: int) -> None:
    """The webhook's last success was so many milliseconds ago."""
    with write_transaction() as session:
        row = session.get(WebhookState, hook)
        if row is None:
            raise AssertionError(hook)
        row.last_success_at = now_ms() - ago


def the_issue(organization_id: str) -> Issue:
    [issue] = issue_queries.page(organization_id).groups
    return issue


@pytest.mark.parametrize(
    ("lasts", "until", "success", "is_open"),
    [
        (FAILURE, None, None, True),
        (TIME, HOUR, None, False),
        (TIME, -MINUTE, None, True),
        (RESOLVED, None, None, False),
        (RESOLVED, None, 20 * MINUTE, False),
        (RESOLVED, None, 8 * MINUTE, True),
        (RESOLVED, None, 3 * MINUTE, False),
    ],
)
def test_a_later_failure_reopens_an_issue_only_as_acknowledged(  # noqa: PLR0917 -- a table
    app: Flask,
    organization: Any,
    lasts: str,
    until: int | None,
    success: int | None,
    is_open: bool,
) -> None:
    own, hook, now = organization.id, webhook(organization.id), now_ms()
    failed(own, hook, 503, "status", 30 * MINUTE)
    acknowledgements.acknowledge(own, hook, "status", 503, SYSTEM, lasts=lasts, until=now)
    with write_transaction() as session:
        session.execute(
            update(Acknowledgement).values(
                at=now - 10 * MINUTE, until=None if until is None else now + until
            )
        )
    failed(own, hook, 503, "status", 5 * MINUTE)
    if success is not None:
        succeeded(hook, success)
    assert bool(the_issue(own).fresh) is is_open
    assert issue_queries.open_number(own) == int(is_open)


def test_an_issue_resolves_itself_and_fails_again(app: Flask, organization: Any) -> None:
    own, hook = organization.id, webhook(organization.id)
    failed(own, hook, 503, "status", 30 * MINUTE)
    assert the_issue(own).is_open
    succeeded(hook, 20 * MINUTE)
    assert the_issue(own).is_resolved
    assert issue_queries.open_number(own) == 0
    assert issue_queries.page(own).open == issue_queries.page(own).acknowledged == []
    failed(own, hook, 503, "status", 0)
    issue = the_issue(own)
    assert (issue.is_open, issue.has_failed_again) == (True, True)


def test_a_later_success_does_not_hide_a_failure_that_reopened_the_issue(
    app: Flask, organization: Any
) -> None:
    own, hook = organization.id, webhook(organization.id)
    failed(own, hook, 503, "status", 30 * MINUTE)
    acknowledgements.acknowledge(own, hook, "status", 503, SYSTEM, lasts=RESOLVED)
    with write_transaction() as session:
        session.execute(update(Acknowledgement).values(at=now_ms() - 25 * MINUTE))
    succeeded(hook, 20 * MINUTE)
    do_due([outlasted.ENDING], 5)
    first = db.session.scalar(select(Acknowledgement.until))
    failed(own, hook, 503, "status", 2 * MINUTE)
    assert (the_issue(own).is_open, the_issue(own).fresh) == (True, 1)
    succeeded(hook, MINUTE)
    outlasted.end(0)
    db.session.rollback()
    assert db.session.scalar(select(Acknowledgement.until)) == first
    assert (the_issue(own).is_open, the_issue(own).fresh) == (True, 1)


def test_failures_are_counted_by_the_hour(app: Flask, organization: Any) -> None:
    own, hook = organization.id, webhook(organization.id)
    for ago in (0, 0, 61 * MINUTE, 5 * HOUR):
        failed(own, hook, 503, "status", ago)
    start = now_ms() - 3 * HOUR + MINUTE
    assert issue_queries.by_hour(own, start) == {(hook, "status", 503): {2: 2, 1: 1}}
