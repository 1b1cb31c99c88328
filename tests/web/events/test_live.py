"""What a list of events is told of since it was shown."""

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import update

from app.models import Delivery
from app.queries.events import listing
from app.services.accounts import organizations
from app.services.events.publishing import publish
from app.store.transaction import write_transaction
from app.web.common.live_rows import Live
from tests.services.publishing import draft, webhook
from tests.web.records import delivery, event
from tests.web.visitor import Visitor


def asks(page: str) -> str:
    """Where the page asks what has changed."""
    match = re.search(r'id="live-now" hx-get="([^"]+)"', page)
    assert match
    return unescape(match[1])


def test_an_unchanged_list_returns_204(owner: Visitor, organization: Any) -> None:
    event(organization.id)
    assert owner.get(asks(owner.get("/events").text)).status_code == 204


def test_new_events_are_announced_on_an_empty_list(owner: Visitor, organization: Any) -> None:
    empty = asks(owner.get("/events").text)
    event(organization.id)
    first = owner.get(empty).text
    assert "1 new event<" in first
    assert owner.get(asks(first)).status_code == 204
    event(organization.id)
    assert "2 new events" in owner.get(asks(first)).text


def test_new_events_obey_the_filters(owner: Visitor, organization: Any) -> None:
    about_one = asks(owner.get("/events?source=media/1").text)
    of_callboard = asks(owner.get("/events?system=yes").text)
    event(organization.id, source="media/2")
    assert owner.get(about_one).status_code == 204
    event(organization.id, source="media/1")
    response = owner.get(about_one).text
    assert "1 new event<" in response
    assert 'href="/events?source=media/1"' in response
    assert owner.get(of_callboard).status_code == 204
    event(organization.id, type="webhook.failing")
    assert "1 new event<" in owner.get(of_callboard).text


def test_new_events_are_found_by_an_id_in_their_payload(owner: Visitor, organization: Any) -> None:
    page = asks(owner.get("/events?value=asset-77").text)
    publish(organization.id, draft(payload=b'{"asset": "asset-78"}'))
    assert owner.get(page).status_code == 204
    publish(organization.id, draft(payload=b'{"asset": "asset-77"}'))
    assert "1 new event<" in owner.get(page).text


def test_a_flood_of_events_is_counted_up_to_99(
    owner: Visitor, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.common.live_rows.MAX_NEW", 2)
    page = asks(owner.get("/events").text)
    for _ in range(5):
        event(organization.id)
    assert "new=3" in asks(owner.get(page).text)


def test_examined_events_are_not_examined_again(
    owner: Visitor, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "EXAMINED", 2)
    before = asks(owner.get("/events?type=never.sent").text)
    for _ in range(3):
        event(organization.id)
    after = asks(owner.get(before).text)
    newest = re.compile(r"newest=([0-9a-f-]+)")
    assert newest.search(after)[1] > newest.search(before)[1]


def test_the_states_of_its_deliveries_are_updated(owner: Visitor, organization: Any) -> None:
    moved = delivery(organization.id, webhook(organization.id))
    other = event(organization.id)
    page = owner.get("/events").text
    with write_transaction() as session:
        session.execute(update(Delivery).where(Delivery.id == moved).values(state="succeeded"))
    response = owner.get(asks(page)).text
    assert 'hx-swap-oob="true"' in response
    assert 'title="1 succeeded"' in response
    assert f"row-{other}" not in response
    assert owner.get(asks(response)).status_code == 204


def test_an_older_page_announces_no_new_events(owner: Visitor, organization: Any) -> None:
    for _ in range(51):
        event(organization.id)
    older = unescape(re.search(r'rel="next" href="([^"]+)"', owner.get("/events").text)[1])
    page = owner.get(older).text
    assert "newest=" not in asks(page)
    assert "data-follow" not in page
    event(organization.id)
    assert owner.get(asks(page)).status_code == 204


def test_the_list_is_reloaded_by_a_link_without_scripts(owner: Visitor) -> None:
    page = owner.get("/events?source=media/1").text
    assert '<a class="small live-idle" href="/events?source=media/1">Refresh</a>' in page


def test_another_organizations_events_are_not_shown(owner: Visitor) -> None:
    other = organizations.create("Other")
    rows = Live(((event(other.id), "AAAA"),), None).packed
    response = owner.get(f"/events/live?rows={rows}")
    assert "row-" not in response.text


@pytest.mark.parametrize(
    "query", ["rows=x", "rows=" + "é" * 80, "new=x", "", "range=never", "newest=1&rows=x"]
)
def test_unreadable_parameters_are_ignored(owner: Visitor, query: str) -> None:
    assert owner.get(f"/events/live?{query}").status_code in (200, 204)
