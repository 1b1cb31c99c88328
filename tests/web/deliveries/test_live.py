"""What a list is told of since it was shown."""

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import update

from app.models import Delivery
from app.queries.deliveries import sources as delivery_sources
from app.services.accounts import organizations
from app.store.transaction import write_transaction
from app.web.common.live_rows import Live
from tests.services.publishing import webhook
from tests.web.records import delivery
from tests.web.visitor import Visitor


def asks(page: str) -> str:
    """Where the page asks what has changed."""
    match = re.search(r'id="live-now" hx-get="([^"]+)"', page)
    assert match
    return unescape(match[1])


def test_an_unchanged_list_returns_204(owner: Visitor, organization: Any) -> None:
    delivery(organization.id, webhook(organization.id))
    assert owner.get(asks(owner.get("/deliveries").text)).status_code == 204


def test_a_changed_row_is_replaced(owner: Visitor, organization: Any) -> None:
    hook = webhook(organization.id)
    still, moved = delivery(organization.id, hook), delivery(organization.id, hook)
    page = owner.get("/deliveries?state=failed").text
    with write_transaction() as session:
        session.execute(update(Delivery).where(Delivery.id == moved).values(state="succeeded"))
    response = owner.get(asks(page)).text
    assert f'id="row-{moved}" hx-swap-oob="true"' in response
    assert "Succeeded" in response
    assert still not in response
    assert owner.get(asks(response)).status_code == 204


def test_new_deliveries_are_announced(owner: Visitor, organization: Any) -> None:
    hook = webhook(organization.id)
    empty = asks(owner.get("/deliveries?status=5xx").text)
    assert owner.get(empty).status_code == 204
    delivery(organization.id, hook)
    first = owner.get(empty).text
    assert "1 new delivery<" in first
    assert 'href="/deliveries?status=5xx"' in first
    delivery(organization.id, hook, "succeeded", [(200, "ok")])
    assert owner.get(asks(first)).status_code == 204
    delivery(organization.id, hook)
    assert "2 new deliveries" in owner.get(asks(first)).text


def test_an_older_page_announces_no_new_deliveries(owner: Visitor, organization: Any) -> None:
    hook = webhook(organization.id)
    ids = [delivery(organization.id, hook, "failed", ()) for _ in range(51)]
    older = unescape(re.search(r'rel="next" href="([^"]+)"', owner.get("/deliveries").text)[1])
    page = owner.get(older).text
    assert "newest=" not in asks(page)
    delivery(organization.id, hook)
    assert owner.get(asks(page)).status_code == 204
    assert ids[0] in page


def test_examined_rows_are_not_examined_again(
    owner: Visitor, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_sources, "EXAMINED", 2)
    hook = webhook(organization.id)
    before = asks(owner.get("/deliveries?status=404").text)
    for _ in range(3):
        delivery(organization.id, hook)
    after = asks(owner.get(before).text)
    newest = re.compile(r"newest=([0-9a-f-]+)")
    assert newest.search(after)[1] > newest.search(before)[1]


def test_another_organizations_rows_are_not_updated(owner: Visitor) -> None:
    other = organizations.create("Other")
    id_ = delivery(other.id, webhook(other.id))
    rows = Live(((id_, "AAAA"),), None).packed
    assert owner.get(f"/deliveries/live?rows={rows}").status_code == 204


@pytest.mark.parametrize("query", ["rows=x", "rows=" + "é" * 80, "rows=" + "A" * 9000, "new=x", ""])
def test_unreadable_parameters_are_ignored(owner: Visitor, query: str) -> None:
    assert owner.get(f"/deliveries/live?{query}").status_code in (200, 204)
