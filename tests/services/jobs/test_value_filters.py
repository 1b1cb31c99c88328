"""Jobs and other bulk actions on the deliveries of events with a value."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.common.errors import Conflict
from app.models import Job
from app.models.common.base import db
from app.queries import jobs as queries
from app.queries.deliveries.filters import DeliveryFilter
from app.queries.events import by_value
from app.services.accounts.actor import Actor
from app.services.deliveries import bulk
from app.services.deliveries.actions import cancel_many
from app.services.events.publishing import publish
from app.services.jobs import running, service
from tests.services.publishing import delivery_rows, draft, webhook

ADA = Actor("user", None, "ada@example.com")
FILTERS = DeliveryFilter(value="asset-0001")
ACTIONS: dict[str, Callable[..., Any]] = {
    "job": partial(service.start_matching, verb="cancel"),
    "at once": partial(bulk.act_on_set, verb="cancel"),
    "count": partial(cancel_many, dry_run=True),
}


def post(organization: Any, asset: str) -> str:
    payload = f'{{"asset_id":"{asset}"}}'.encode()
    return publish(organization.id, draft(payload=payload)).id


def test_a_job_cancels_only_the_deliveries_of_events_with_the_value(
    sqlite_app: Flask, organization: Any
) -> None:
    webhook(organization.id)
    wanted, _ = post(organization, "asset-0001"), post(organization, "asset-0002")
    service.start_matching(organization.id, FILTERS, ADA, "cancel")
    running.run_all()
    job = db.session.scalars(select(Job)).one()
    assert (job.state, job.done) == ("completed", 1)
    cancelled = [row.event_id for row in delivery_rows() if row.state == "cancelled"]
    assert cancelled == [wanted]


@pytest.mark.parametrize("action", ACTIONS)
def test_more_events_of_a_value_than_are_listed_are_refused(
    sqlite_app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    webhook(organization.id)
    for _ in range(2):
        post(organization, "asset-0001")
    monkeypatch.setattr(by_value, "LISTED", 1)
    with pytest.raises(Conflict, match="Nothing was changed"):
        ACTIONS[action](organization.id, FILTERS, ADA)
    assert {row.state for row in delivery_rows()} == {"pending"}
    assert queries.open_count(organization.id) == 0
