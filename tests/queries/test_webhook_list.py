"""The list of webhooks by state and in several orders."""

from typing import Any

import pytest
from flask import Flask

from app.domain.common.clock import now_ms
from app.domain.common.errors import Invalid
from app.domain.webhooks.states import SORTS, STATES
from app.queries import webhook_list
from app.queries.common.pages import encode_cursor
from app.queries.webhook_list import WebhookList
from app.services.accounts import organizations
from tests.queries.statistics.test_failing import set_state
from tests.services.maintenance.test_counters import tally
from tests.services.publishing import webhook


@pytest.fixture
def one_of_each(app: Flask, organization: Any) -> dict[str, str]:
    """{state: webhook id}, created in the order of the names."""
    now = now_ms()
    hooks = {
        "active": webhook(organization.id, name="b"),
        "disabled": webhook(organization.id, is_active=False, disabled_reason="Gone", name="D"),
        "failing": webhook(organization.id, name="c"),
        "failing by rate": webhook(organization.id, name="é"),
        "paused": webhook(organization.id, is_active=False, url="https://a.example.com/"),
        "suspended": webhook(organization.id, is_active=False, held=True, name="f"),
        "throttled": webhook(organization.id, name="g"),
    }
    set_state(hooks["active"], last_success_at=now)
    set_state(hooks["failing"], failing_since=now, consecutive_failures=3, last_failure_at=now)
    set_state(hooks["failing by rate"], last_failure_at=now)
    tally(organization.id, hooks["failing by rate"], now, succeeded=1, retrying=20)
    set_state(hooks["throttled"], window=2.0, last_success_at=now - 1)
    set_state(hooks["paused"], failing_since=now, consecutive_failures=9, last_failure_at=now)
    webhook(organization.id, deleted_at=1)
    webhook(organizations.create("Other").id)
    return hooks


def names_of(hooks: dict[str, str], rows: Any) -> list[str]:
    names = {id_: name for name, id_ in hooks.items()}
    return [names[row.id] for row in rows]


ORDERS = {
    "state": ["failing by rate", "failing", "disabled", "throttled", "active", "paused"],
    "name": ["paused", "active", "failing", "disabled", "suspended", "throttled"],
    "-success": ["active", "throttled", "suspended"],
    "success": ["suspended", "paused", "failing by rate"],
    "-created": ["throttled", "suspended", "paused", "failing by rate", "failing"],
}


def test_each_order_begins_with_what_it_is_for(
    organization: Any, one_of_each: dict[str, str]
) -> None:
    for sort, names in ORDERS.items():
        rows = WebhookList(organization.id).page((), sort).rows
        shown = names_of(one_of_each, rows)
        if sort == "name":
            # Where an accented letter belongs is up to the database.
            shown.remove("failing by rate")
        assert shown[: len(names)] == names, sort


def test_pages_of_each_order_are_contiguous(organization: Any, one_of_each: dict[str, str]) -> None:
    for sort in SORTS:
        whole = WebhookList(organization.id).page((), sort).rows
        ids: list[str] = []
        cursor = None
        for _ in range(4):
            page = WebhookList(organization.id).page((), sort, 2, cursor)
            ids += [row.id for row in page.rows]
            cursor = page.next_cursor
        assert cursor is None, sort
        assert ids == [row.id for row in whole], sort
        assert len(ids) == len(one_of_each)


def test_the_number_of_a_state_is_that_of_its_list(
    organization: Any, one_of_each: dict[str, str]
) -> None:
    counts = WebhookList(organization.id).counts()
    lists = {name: len(WebhookList(organization.id).page((name,)).rows) for name in STATES}
    assert counts.numbers == lists
    assert counts.numbers["failing"] == 2
    assert (counts.total, counts.is_all) == (7, True)


def test_states_are_combined_with_a_search(organization: Any, one_of_each: dict[str, str]) -> None:
    matching = WebhookList(organization.id, "A.EXAMPLE")
    rows = matching.page(("paused", "active"), "-created").rows
    assert names_of(one_of_each, rows) == ["paused"]
    assert matching.counts().numbers == {"paused": 1}


def test_more_webhooks_than_are_listed_are_said_to_be_more(
    organization: Any, one_of_each: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_list, "MAX_LISTED", 3)
    counts = WebhookList(organization.id).counts()
    assert (counts.total, counts.is_all) == (3, False)
    assert len(WebhookList(organization.id).page().rows) == 3
    assert len(WebhookList(organization.id).page((), "-created").rows) == 7


@pytest.mark.parametrize("sort", ["state", "name"])
def test_a_cursor_of_another_list_is_invalid(organization: Any, sort: str) -> None:
    id_ = organization.id
    for text in ("[]", '["a", "b"]', f'[{9**30}, "{id_}"]', f'[{{}}, "{id_}"]', "true", "x"):
        with pytest.raises(Invalid):
            WebhookList(id_).page((), sort, 2, encode_cursor(text))
    other = {"state": '"a"', "name": "1"}[sort]
    with pytest.raises(Invalid):
        WebhookList(id_).page((), sort, 2, encode_cursor(f'[{other}, "{id_}"]'))


@pytest.mark.parametrize("text", [r"\u0000", r"\ud800", r"a\udc00b"])
def test_a_cursor_with_text_that_no_database_takes_is_invalid(organization: Any, text: str) -> None:
    cursor = encode_cursor(f'["{text}", "{organization.id}"]')
    with pytest.raises(Invalid):
        WebhookList(organization.id).page((), "name", 2, cursor)
