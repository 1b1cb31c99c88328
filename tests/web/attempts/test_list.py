"""The list of attempts."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.models import Attempt
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.webhooks import service as webhooks
from app.store.transaction import write_transaction
from tests.queries.searches import examine
from tests.services.publishing import webhook
from tests.web.conftest import visitor_as
from tests.web.guests import guest_of
from tests.web.records import delivery
from tests.web.visitor import Visitor

ROW = '<tr role="row" id="row-'


@pytest.fixture
def delivery_id(organization: Any) -> str:
    hook = webhook(organization.id, name="Partner", url="https://example.com/hook")
    ends = [(503, "status"), (None, "dns"), (200, "ok")]
    id_ = delivery(organization.id, hook, "succeeded", ends)
    with write_transaction() as session:
        mine = update(Attempt).where(Attempt.cause != "ok")
        session.execute(mine.values(retried=True))
    return id_


def rows_at(visitor: Visitor, query: str) -> int:
    page = visitor.get(f"/attempts?{query}")
    assert page.status_code == 200
    return page.text.count(ROW)


def test_a_row_says_what_was_sent_and_what_came_back(owner: Visitor, delivery_id: str) -> None:
    page = owner.get("/attempts").text
    assert page.count(ROW) == 3
    first = page.partition(ROW)[2].partition("</tr>")[0]
    for words in ("Succeeded", "encoding.finished", "Partner", "example.com", ">200<", "40 ms"):
        assert words in first
    assert re.findall(
        r'cell-end" role="cell"><span class="chip.*?<span>(\w+)</span>', page, re.DOTALL
    ) == ["Succeeded", "Retried", "Retried"]


def test_a_row_opens_its_attempt_on_the_page_of_the_delivery(
    owner: Visitor, delivery_id: str
) -> None:
    [url] = re.findall(
        r'row-link clip"[^>]*href="([^"]+attempt=2[^"]*)"', owner.get("/attempts").text
    )
    assert url == f"/deliveries/{delivery_id}?attempt=2#attempt-2"
    opened = owner.get(url).text
    assert re.search(r'<details class="attempt" id="attempt-2" open', opened)


def test_a_row_names_its_outcome_as_the_tab_that_lists_it(
    owner: Visitor, organization: Any
) -> None:
    delivery(organization.id, webhook(organization.id), "failed", [(503, "status")] * 2)
    with write_transaction() as session:
        session.execute(update(Attempt).where(Attempt.number == 1).values(retried=True))
    for outcome, label in (("retried", "Retried"), ("final", "Not retried")):
        page = owner.get(f"/attempts?outcome={outcome}").text
        assert re.search(rf'aria-current="true">\s*<svg.*?</svg>{label}</a>', page, re.DOTALL)
        rows = page.partition("<tbody")[2].partition("</tbody>")[0]
        assert rows.count("<tr") == rows.count(label) == 1


@pytest.mark.parametrize("path", ["/attempts", "/deliveries"])
def test_a_phone_shows_why_a_row_failed_under_its_event(
    owner: Visitor, organization: Any, path: str
) -> None:
    """The column with the response is not shown there."""
    delivery(organization.id, webhook(organization.id, name="Partner"), "failed", [(503, "status")])
    row = owner.get(path).text.partition(ROW)[2].partition("</tr>")[0]
    under = row.partition('<td class="cell-under"')[2].partition("</td>")[0]
    assert re.search(r'Partner\s*<span class="cell-label">.*503.*</span>', under, re.DOTALL)


def test_an_early_attempt_of_many_is_opened_too(owner: Visitor, organization: Any) -> None:
    ends = [(503, "status")] * 60
    delivery(organization.id, webhook(organization.id), "failed", ends)
    page = owner.get("/attempts?until=2999-01-01T00:00").text
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older
    urls = re.findall(
        r'row-link clip"[^>]*href="([^"]+)"', owner.get(older[1].replace("&amp;", "&")).text
    )
    assert len(urls) == 10
    opened = owner.get(urls[-1].replace("&amp;", "&")).text
    assert re.search(r'<details class="attempt" id="attempt-1" open', opened)


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("outcome=succeeded", 1),
        ("outcome=failed", 2),
        ("outcome=retried", 2),
        ("outcome=final", 0),
        ("status=503", 1),
        ("status=5xx", 1),
        ("status=none", 1),
        ("cause=dns", 1),
        ("event_type=encoding.finished", 3),
        ("event_type=other", 0),
        ("source=media/1&test=no", 3),
        ("test=yes", 0),
        ("slower=40", 2),
        ("slower=40.5", 0),
        ("slower=2147483", 0),
        ("range=24h", 3),
        ("until=2000-01-01T00:00", 0),
        ("webhook_id=01890000-0000-7000-8000-000000000000", 0),
    ],
)
def test_each_filter_selects(owner: Visitor, delivery_id: str, query: str, number: int) -> None:
    assert rows_at(owner, query) == number


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("outcome=lost", "Unknown outcome. Use succeeded, failed, retried, final."),
        ("status=teapot", "Enter a status code such as 503"),
        ("cause=weather", "Unknown failure reason."),
        ("slower=long", "Enter a response time in milliseconds"),
        ("slower=nan", "Enter a response time in milliseconds"),
        ("slower=-1", "Enter a response time in milliseconds"),
        ("slower=2147484", "Enter a response time in milliseconds"),
        ("test=maybe", "Enter yes for test sends"),
        ("webhook_id=7", "Enter an ID"),
        ("since=yesterday", "Enter a time"),
        ("range=2h", "Unknown time range."),
        ("event_type=" + "x" * 600, "Enter at most 512 characters."),
    ],
)
def test_a_filter_that_cannot_be_read_is_explained(
    owner: Visitor, delivery_id: str, query: str, words: str
) -> None:
    page = owner.get(f"/attempts?{query}").text
    assert words in page
    assert '<a class="btn" href="/attempts">Clear filters</a>' in page
    assert ROW not in page


def test_a_malformed_cursor_is_explained(owner: Visitor, delivery_id: str) -> None:
    page = owner.get("/attempts?cursor=x")
    assert page.status_code == 422
    assert "Invalid cursor." in page.text


def test_a_search_says_how_far_back_it_went_and_goes_on(
    owner: Visitor, delivery_id: str, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        delivery(organization.id, webhook(organization.id), "succeeded", [(204, "ok")])
    examine(monkeypatch, 2)
    page = owner.get("/attempts?status=200").text
    assert "No matches since" in page
    number = 0
    while older := re.search(r'rel="next" href="([^"]+)"', page):
        page = owner.get(older[1].replace("&amp;", "&")).text
        number += page.count(ROW)
    assert number == 1


def test_the_filter_of_a_deleted_webhook_says_that_its_attempts_are_listed(
    owner: Visitor, organization: Any
) -> None:
    hook = webhook(organization.id, name="Partner")
    delivery(organization.id, hook)
    webhooks.delete(organization.id, hook, SYSTEM)
    page = owner.get(f"/attempts?webhook_id={hook}").text
    assert "The webhook Partner was deleted. Its attempts are listed until they expire." in page


def test_without_attempts_the_page_says_so(owner: Visitor) -> None:
    assert "No attempts yet" in owner.get("/attempts").text
    assert "No attempts match these filters." in owner.get("/attempts?status=200").text


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_each_role_sees_the_list(
    sqlite_app: Flask, organization: Any, delivery_id: str, role: str
) -> None:
    assert rows_at(visitor_as(sqlite_app, organization, role), "") == 3


def test_a_portal_visitor_sees_those_of_the_customer(
    sqlite_app: Flask, organization: Any, delivery_id: str
) -> None:
    other = organizations.create("Other")
    delivery(other.id, webhook(other.id), "succeeded", [(200, "ok")])
    base = f"/portal/{organization.id}"
    page = guest_of(sqlite_app, organization).get(f"{base}/attempts").text
    assert page.count(ROW) == 3
    assert f'href="{base}/deliveries/{delivery_id}?attempt=2#attempt-2"' in page


def test_another_organizations_attempts_are_not_listed(owner: Visitor, delivery_id: str) -> None:
    other = organizations.create("Other")
    hook = webhook(other.id)
    delivery(other.id, hook, "succeeded", [(200, "ok")])
    assert rows_at(owner, "") == 3
    assert rows_at(owner, f"webhook_id={hook}") == 0
