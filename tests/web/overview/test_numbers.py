"""A number that links to a list of deliveries is the number of rows of that list."""

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import delete, update

from app.domain.deliveries.tallies import Tallies
from app.models import Delivery, Due
from app.models.common.base import db
from app.services.events import publishing
from app.store.tallies import append
from app.store.transaction import write_transaction
from tests.services.publishing import delivery_rows, draft, webhook
from tests.web.visitor import Visitor

TILE = re.compile(
    r'<a class="tile[^"]*" href="(?P<url>/deliveries[^"]*)"[^>]*>.*?tile-name">'
    r"(?:<svg.*?</svg>)?(?P<name>[^<]+)<"
    r'.*?tile-number">(?P<number>\d+)<',
    re.DOTALL,
)
CREATED = re.compile(r'<td><a href="(?P<url>[^"]*/deliveries[^"]+)">(?P<number>\d+)<')
REASON = re.compile(
    r'<a class="clip" href="(?P<url>/deliveries[^"]+)"[^>]*>(?P<name>[^<]+)</a>.*?'
    r'<td class="number">(?P<number>\d+)',
    re.DOTALL,
)
STATES = {
    "succeeded": (4, None),
    "failed": (3, "dns"),
    "retrying": (2, "status"),
    "pending": (5, None),
    "cancelled": (1, "connect"),
}


@pytest.fixture
def webhook_id(organization: Any) -> str:
    """Its deliveries are in several states after several attempts each."""
    id_ = webhook(organization.id)
    for _ in range(sum(number for number, _ in STATES.values())):
        publishing.publish(organization.id, draft())
    rows = iter(delivery_rows())
    tallies = Tallies()
    with write_transaction() as session:
        for state, (number, cause) in STATES.items():
            for _ in range(number):
                row = next(rows)
                mine = Delivery.id == row.id
                values = {"state": state, "last_cause": cause, "attempts": 3}
                session.execute(update(Delivery).where(mine).values(values))
                if state not in ("pending", "retrying"):
                    session.execute(delete(Due).where(Due.delivery_id == row.id))
                tallies.add(organization.id, id_, "retrying", 2)
                tallies.add(organization.id, id_, f"cause:{cause or 'ok'}", 3)
        # One failed before it was resent and succeeded.
        tallies.add(organization.id, id_, "failed", 4)
        append(session, tallies, row.created_at)
    db.session.commit()
    return id_


def rows_at(owner: Visitor, url: str) -> int:
    return owner.get(unescape(url)).text.count('<tr role="row" id="row-')


@pytest.mark.parametrize("range_", ["1h", "24h", "7d", "30d"])
def test_each_tile_of_the_overview_opens_as_many_deliveries(
    owner: Visitor, webhook_id: str, range_: str
) -> None:
    tiles = list(TILE.finditer(owner.get(f"/?range={range_}").text))
    numbers = {tile["name"]: int(tile["number"]) for tile in tiles}
    assert numbers == {"Deliveries": 15, "Failed": 3, "Retrying": 2, "Queued": 5}
    opened = {tile["name"]: rows_at(owner, tile["url"]) for tile in tiles}
    assert opened == numbers


def test_each_number_of_created_deliveries_opens_as_many(owner: Visitor, webhook_id: str) -> None:
    for page in ("/", f"/webhooks/{webhook_id}"):
        created = list(CREATED.finditer(owner.get(page).text))
        assert sum(int(link["number"]) for link in created) == 15
        assert all(rows_at(owner, link["url"]) == int(link["number"]) for link in created)


def test_each_failure_reason_opens_as_many_deliveries(owner: Visitor, webhook_id: str) -> None:
    for page in ("/", f"/webhooks/{webhook_id}"):
        [reason] = REASON.finditer(owner.get(page).text)
        assert (reason["name"], reason["number"]) == ("DNS lookup failed", "3")
        assert rows_at(owner, reason["url"]) == 3


def test_no_number_of_attempts_links_to_a_list_of_deliveries(
    owner: Visitor, webhook_id: str
) -> None:
    for page in ("/", f"/webhooks/{webhook_id}"):
        urls = re.findall(r'href="(/deliveries\?[^"]+)"', owner.get(page).text)
        assert urls
        assert not [url for url in urls if "status=" in url or "event_type=" in url]
