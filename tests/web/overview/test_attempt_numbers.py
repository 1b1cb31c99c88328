"""A number that links to a list of attempts is the number of rows of that list."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import update

from app.domain.deliveries import lateness
from app.engine.dispatcher import Dispatcher
from app.models import Due
from app.runtime.context import runtime_of
from app.services.accounts.actor import SYSTEM
from app.services.deliveries import actions
from app.services.events import publishing
from app.store.transaction import write_transaction
from tests.services.publishing import delivery_rows, draft, webhook
from tests.support.dispatchers import dispatcher_of
from tests.support.servers.receiver import Receiver
from tests.web.visitor import Visitor

LINKS = {
    "totals": r'<a id="total-[a-z]+" href="(?P<url>/attempts[^"]+)">\w+\s*<strong>(?P<n>[\d ]+)<',
    "rates": r'<a class="tile" href="(?P<url>[^"]+)" id="tile-rate".*?data-listed>(?P<n>\d+)',
    "attempts": r'<a class="tile" href="(?P<url>[^"]+)" id="tile-attempts".*?number">(?P<n>\d+)<',
    "cells": r'<td><a href="(?P<url>[^"]*/attempts[^"]+)">(?P<n>\d+)</a>',
    "breakdowns": r'<a class="clip" href="(?P<url>/attempts[^"]+)".*?"number">(?P<n>\d+)<',
    "failed types": r'href="(?P<url>/attempts[^"]+)"\s+id="[^"]+-failed"\s+aria-label="(?P<n>\d+) ',
}
TWICE = {"kind": "schedule", "delays_seconds": [600]}


@pytest.fixture
def dispatcher(sqlite_app: Flask) -> Iterator[Dispatcher]:
    running = dispatcher_of(runtime_of(sqlite_app))
    yield running
    running.close()


@pytest.fixture(params=["found by deliveries", "found by their time"])
def webhook_id(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    dispatcher: Dispatcher,
    receiver: Receiver,
) -> str:
    """Its attempts succeeded, failed, were retried, resent and sent as a test."""
    if request.param == "found by their time":
        monkeypatch.setattr(lateness, "LATEST_MS", lateness.SOONEST_MS)
    organization, owner = (request.getfixturevalue(name) for name in ("organization", "owner"))
    id_ = webhook(organization.id, url=receiver.url, retry_policy=TWICE)
    webhook(organization.id, url="http://127.0.0.1:1/", event_types=["a.b"])
    for status in (200, 200, 500, 500, 404, 302):
        receiver.respond(status, times=1)
    for number in range(6):
        publishing.publish(organization.id, draft(type_=("a.b", "c.d")[number % 2]))
    dispatcher.run(30, linger=0)
    for status in (200, 503):
        receiver.respond(status, times=1)
    receiver.respond(204)
    make_due()
    dispatcher.run(30, linger=0)
    failed = [row.id for row in delivery_rows() if row.state == "failed"]
    actions.resend(organization.id, failed[0], SYSTEM)
    dispatcher.run(30, linger=0)
    owner.post(f"/webhooks/{id_}", f"/webhooks/{id_}/test")
    return id_


def make_due() -> None:
    with write_transaction() as session:
        session.execute(update(Due).values(next_at=0))


def listed(owner: Visitor, url: str) -> int:
    number = 0
    next_url: str | None = unescape(url)
    while next_url:
        page = owner.get(next_url).text
        number += page.count('<tr role="row" id="row-')
        more = re.search(r'rel="next" href="([^"]+)"', page)
        next_url = unescape(more[1]) if more else None
    return number


@pytest.mark.parametrize("range_", ["1h", "24h"])
def test_each_number_of_attempts_opens_as_many(
    owner: Visitor, webhook_id: str, range_: str
) -> None:
    for path in ("/", f"/webhooks/{webhook_id}"):
        page = owner.get(f"{path}?range={range_}").text
        kinds = set()
        for kind, pattern in LINKS.items():
            for link in re.finditer(pattern, page, re.DOTALL):
                assert listed(owner, link["url"]) == int(link["n"]), (kind, link["url"])
                kinds.add(kind)
        assert kinds == set(LINKS) - ({"attempts"} if path == "/" else set())


def test_each_bar_opens_the_attempts_that_it_shows(owner: Visitor, webhook_id: str) -> None:
    for path in ("/", f"/webhooks/{webhook_id}"):
        page = owner.get(f"{path}?range=1h").text
        bars = re.findall(r'<a class="bar" href="([^"]+)"([^>]*)>', page)
        shown = {
            url: sum(map(int, re.findall(r'data-(?:succeeded|retrying|failed)="(\d+)"', rest)))
            for url, rest in bars
        }
        assert sum(shown.values()) > 8
        assert {url: listed(owner, url) for url, number in shown.items() if number} == {
            url: number for url, number in shown.items() if number
        }


def test_a_response_time_opens_the_responses_that_took_longer(
    owner: Visitor, webhook_id: str
) -> None:
    page = owner.get(f"/webhooks/{webhook_id}").text
    [median] = re.findall(r'<a class="tile" href="([^"]+slower[^"]+)" id="tile-p50"', page)
    assert 0 < listed(owner, median) < listed(owner, f"/attempts?webhook_id={webhook_id}")
