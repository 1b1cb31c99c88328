"""The page of a delivery says who resent it."""

from typing import Any

import pytest
from sqlalchemy import select

from app.domain.common.clock import now_ms
from app.domain.jobs.kinds import RESEND
from app.models import Attempt, Delivery, Due, Resend
from app.models.common.base import db
from app.queries.deliveries.filters import DeliveryFilter
from app.services.accounts.actor import Actor
from app.services.deliveries import actions
from app.services.deliveries.bulk import act_on_some
from app.services.jobs import running
from app.services.jobs import service as jobs
from app.store.transaction import write_transaction
from tests.services.publishing import webhook
from tests.web.records import delivery
from tests.web.visitor import Visitor

MARA = Actor("user", None, "mara@example.com")
BACKEND = Actor("api_key", None, "Backend")


@pytest.fixture
def failed_id(organization: Any) -> str:
    twice = [(503, "status"), (503, "status")]
    return delivery(organization.id, webhook(organization.id), "failed", twice)


def text_of(visitor: Visitor, delivery_id: str) -> str:
    return " ".join(visitor.get(f"/deliveries/{delivery_id}").text.split())


def test_a_retry_is_automatic(owner: Visitor, failed_id: str) -> None:
    page = text_of(owner, failed_id)
    assert page.count("automatic retry") == 1
    assert "resent by" not in page


@pytest.mark.parametrize(
    ("actor", "words"),
    [
        (MARA, "resent by mara@example.com"),
        (BACKEND, "resent by the API key Backend"),
        (Actor("portal", None, "secret"), "resent by a visitor of the portal"),
        (Actor("system", None, "Command line"), "resent by Command line"),
    ],
)
def test_a_resend_says_by_whom(
    owner: Visitor, organization: Any, failed_id: str, actor: Actor, words: str
) -> None:
    actions.resend(organization.id, failed_id, actor)
    assert words in text_of(owner, failed_id)


def test_only_the_last_resend_before_an_attempt_counts(
    owner: Visitor, organization: Any, failed_id: str
) -> None:
    actions.resend(organization.id, failed_id, MARA)
    act_on_some(organization.id, [failed_id], BACKEND, "resend")
    page = text_of(owner, failed_id)
    assert "the API key Backend" in page
    assert "mara@example.com" not in page


def test_a_past_resend_stays_at_its_attempt(
    owner: Visitor, organization: Any, failed_id: str
) -> None:
    actions.resend(organization.id, failed_id, MARA)
    with write_transaction() as session:
        row = session.get_one(Delivery, failed_id)
        last = session.scalars(select(Attempt).where(Attempt.number == 2)).one()
        columns = (c.name for c in Attempt.__table__.columns if c.name not in ("id", "number"))
        session.add(Attempt(number=3, **{name: getattr(last, name) for name in columns}))
        row.state, row.attempts = "failed", 3
        session.delete(session.scalars(select(Due)).one())
    actions.resend(organization.id, failed_id, BACKEND)
    numbers = select(Resend.number, Resend.actor_name).order_by(Resend.number)
    assert db.session.execute(numbers).all() == [(3, "mara@example.com"), (4, "Backend")]
    assert "resent by mara@example.com" in text_of(owner, failed_id)


def test_a_job_is_linked(owner: Visitor, organization: Any, failed_id: str) -> None:
    filter_ = DeliveryFilter(states=("failed",), until=now_ms() + 1)
    job = jobs.start_matching(organization.id, filter_, MARA, RESEND)
    running.run_all()
    page = text_of(owner, failed_id)
    assert f'resent by mara@example.com with a <a href="/jobs/{job.id}">job</a>' in page


def test_closed_attempts_show_the_time_of_day(owner: Visitor, failed_id: str) -> None:
    page = text_of(owner, failed_id)
    assert page.count("data-stamp") == 2
