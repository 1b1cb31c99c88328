"""The columns of the list of deliveries, absolute times, and counts on the states."""

import re
from typing import Any

import pytest

from tests.services.publishing import webhook
from tests.web.records import delivery
from tests.web.visitor import Visitor

LIST = re.compile(r'<table class="list.*?</table>', re.DOTALL)
STATES = re.compile(r'<ul class="tabs" id="states".*?</ul>', re.DOTALL)
COUNTED = re.compile(
    r'href="([^"]+)"[^>]*>(?:(?!</a>).)*?tab-count number">([\d\u2009+]+)', re.DOTALL
)


def titles(page: str) -> list[str]:
    table = LIST.search(page)
    assert table
    heads = re.findall(r"<th[^>]*>(.*?)</th>", table[0], re.DOTALL)
    return [re.sub(r"<[^>]+>", "", head).strip() for head in heads][1:-1]


@pytest.fixture
def delivery_id(organization: Any) -> str:
    return delivery(organization.id, webhook(organization.id, name="Ingest"))


@pytest.mark.usefixtures("delivery_id")
def test_the_list_shows_how_long_the_last_attempt_took(owner: Visitor) -> None:
    page = owner.get("/deliveries").text
    assert "Duration" in titles(page)
    assert '<td class="cell-more number nowrap" role="cell">50 ms</td>' in page


@pytest.mark.usefixtures("delivery_id")
def test_chosen_columns_are_remembered_in_the_browser(owner: Visitor) -> None:
    path = "/deliveries/columns?state=failed"
    chosen = {"column": ["state", "id"], "times": "absolute"}
    response = owner.post("/deliveries", path, **chosen)
    assert response.headers["Location"] == "/deliveries?state=failed"
    page = owner.get("/deliveries").text
    assert titles(page) == ["State", "Event", "ID"]
    assert "data-stamp" not in page
    owner.post("/deliveries", path, column=["created"], times="absolute")
    assert re.search(
        r"data-stamp>\d+ \w{3}, \d\d:\d\d:\d\d UTC</time>", owner.get("/deliveries").text
    )


@pytest.mark.usefixtures("delivery_id")
def test_no_chosen_column_means_the_default_ones(owner: Visitor) -> None:
    owner.post("/deliveries", "/deliveries/columns", column=["id"])
    owner.post("/deliveries", "/deliveries/columns")
    assert "Webhook" in titles(owner.get("/deliveries").text)


@pytest.mark.usefixtures("delivery_id")
def test_columns_in_the_url_come_first_and_stay_in_links(owner: Visitor) -> None:
    owner.post("/deliveries", "/deliveries/columns", column=["id"])
    page = owner.get("/deliveries?columns=state,created&times=absolute").text
    assert titles(page) == ["State", "Event", "Created"]
    assert "/deliveries?state=failed&amp;columns=state,created&amp;times=absolute" in page
    assert re.search(r"/deliveries/live\?[^\"]*columns=state,created", page)


@pytest.mark.usefixtures("delivery_id")
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("columns=state,price", "There is no column price."),
        ("columns=" + "x," * 900, "There is no column x."),
        ("columns=%00", "There is no column"),
        ("times=roman", "Times are relative or absolute."),
    ],
)
def test_an_unknown_column_is_named_above_the_list(owner: Visitor, query: str, words: str) -> None:
    page = owner.get(f"/deliveries?{query}").text
    assert words in page
    assert 'href="/deliveries">Show the columns of this browser</a>' in page
    assert "row-link" in page


def test_an_unreadable_cookie_means_the_default(owner: Visitor, delivery_id: str) -> None:
    owner.client.set_cookie("columns", "price.x", path="/deliveries")
    owner.client.set_cookie("times", "roman", path="/deliveries")
    assert delivery_id in owner.get("/deliveries").text
    assert "Webhook" in titles(owner.get("/deliveries").text)


@pytest.mark.parametrize("query", ["", "?source=media/1", "?range=24h&status=5xx", "?state=failed"])
def test_each_state_has_the_number_of_deliveries_that_its_list_shows(
    owner: Visitor, organization: Any, query: str
) -> None:
    hook = webhook(organization.id)
    states = ("failed", "failed", "succeeded", "skipped", "cancelled")
    for state in states:
        delivery(organization.id, hook, state)
    for state in ("pending", "retrying"):
        delivery(organization.id, hook, state, next_at=1)
    tabs = STATES.search(owner.get(f"/deliveries{query}").text)
    assert tabs
    counted = COUNTED.findall(tabs[0])
    assert len(counted) == 8
    for url, number in counted:
        shown = owner.get(url.replace("&amp;", "&")).text.count("row-link")
        assert (url, int(number)) == (url, shown)


def test_a_search_in_payloads_counts_no_states(owner: Visitor, delivery_id: str) -> None:
    assert delivery_id in owner.get("/deliveries").text
    assert "tab-count" not in owner.get("/deliveries?q=nobody-wrote-this").text


def test_a_delivery_links_to_those_within_five_minutes(owner: Visitor, delivery_id: str) -> None:
    page = owner.get(f"/deliveries/{delivery_id}").text
    url = re.search(r'href="([^"]+)">± 5 min around', page)
    assert url
    assert f"row-{delivery_id}" in owner.get(url[1].replace("&amp;", "&")).text
