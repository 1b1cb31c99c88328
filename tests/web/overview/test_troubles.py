"""What needs attention, above the figures."""

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as sql_events

from app.domain.common.clock import now_ms
from app.models import Delivery, Webhook, WebhookState, Worker
from app.models.common.base import db
from app.store.transaction import write_transaction
from tests.services.publishing import webhook
from tests.web.overview.test_pages import fail
from tests.web.records import delivery
from tests.web.visitor import Visitor

HOUR = 3_600_000


def troubles(visitor: Visitor) -> str:
    """The table and the line below it."""
    page = visitor.get("/").text
    return page.partition('class="list troubles"')[2].partition("</section>")[0]


def row_of(visitor: Visitor, name: str) -> str:
    rows = re.findall(r'<tr class="trouble.*?</tr>', troubles(visitor), re.DOTALL)
    [row] = [row for row in rows if f"<strong>{name}</strong>" in row]
    return row


def failing(organization: Any, name: str, failed: int = 0) -> str:
    id_ = webhook(organization.id, name=name)
    fail(id_)
    for _ in range(failed):
        delivery(organization.id, id_, "failed", [(None, "tls_expired")])
    return id_


def disabled(organization: Any, name: str) -> str:
    id_ = webhook(organization.id, name=name)
    gone = {"disabled_at": now_ms() - HOUR, "disabled_reason": "It answered 410."}
    fail(id_, is_active=False, **gone)
    return id_


def test_the_reason_names_the_status_of_the_response(owner: Visitor, organization: Any) -> None:
    id_ = webhook(organization.id, name="Partner")
    fail(id_)
    with write_transaction() as session:
        session.get_one(WebhookState, id_).last_failure_cause = "status"
    delivery(organization.id, id_, "failed", [(503, "status")])
    assert "failed: HTTP 503<" in row_of(owner, "Partner")
    assert "HTTP 503 Service Unavailable. Check" in owner.get(f"/webhooks/{id_}").text


def retried(organization: Any) -> str:
    """A webhook whose last attempt was a retry of its oldest delivery, with status 503."""
    id_ = webhook(organization.id, name="Partner")
    fail(id_)
    oldest = delivery(organization.id, id_, "retrying", [(503, "status")])
    delivery(organization.id, id_, "failed", [(500, "status")])
    resent = delivery(organization.id, id_, "pending", [(404, "status")])
    at = now_ms() + HOUR
    with write_transaction() as session:
        state = session.get_one(WebhookState, id_)
        state.last_failure_cause, state.last_failure_at = "status", at
        session.get_one(Delivery, oldest).updated_at = at
        session.get_one(Delivery, resent).updated_at = at + 1
    return id_


def test_the_status_is_that_of_the_last_attempt_on_every_page(
    owner: Visitor, organization: Any
) -> None:
    id_ = retried(organization)
    assert "failed: HTTP 503<" in row_of(owner, "Partner")
    assert "failed: HTTP 503" in owner.get("/webhooks").text
    page = owner.get(f"/webhooks/{id_}").text
    assert "HTTP 503 Service Unavailable. Check" in page
    last = page.partition("<dt>Last failure</dt>")[2].partition("</dd>")[0]
    assert last.endswith(": HTTP 503 Service Unavailable")


def test_the_last_failure_names_no_status_of_another_attempt(
    owner: Visitor, organization: Any
) -> None:
    id_ = retried(organization)
    with write_transaction() as session:
        session.get_one(WebhookState, id_).last_failure_at = now_ms()
    last = owner.get(f"/webhooks/{id_}").text.partition("<dt>Last failure</dt>")[2]
    assert last.partition("</dd>")[0].endswith(": HTTP error")


def test_a_redirect_is_not_given_the_status_of_another_failure(
    owner: Visitor, organization: Any
) -> None:
    id_ = retried(organization)
    with write_transaction() as session:
        session.get_one(WebhookState, id_).last_failure_cause = "redirect"
    page = owner.get(f"/webhooks/{id_}").text
    assert "Redirect not followed. Set" in page
    assert "Redirect not followed (HTTP" not in page


def test_the_failed_count_opens_as_many_deliveries(owner: Visitor, organization: Any) -> None:
    id_ = failing(organization, "Partner", failed=3)
    delivery(organization.id, id_, "succeeded", [(200, "ok")])
    failing(organization, "Other", failed=1)
    link = re.search(r'is-failed" href="([^"]+)">(\d+)<', row_of(owner, "Partner"))
    assert link
    assert link[2] == "3"
    assert owner.get(unescape(link[1])).text.count('<tr role="row" id="row-') == 3


@pytest.mark.parametrize(
    ("number", "words"), [(1, "1 failed delivery"), (2, "2 failed deliveries")]
)
def test_the_failed_count_says_of_what_where_columns_have_no_heads(
    owner: Visitor, organization: Any, number: int, words: str
) -> None:
    failing(organization, "Partner", failed=number)
    link = row_of(owner, "Partner").partition("is-failed")[2].partition("</a>")[0]
    assert " ".join(re.sub(r"<[^>]+>", " ", link.partition(">")[2]).split()) == words
    assert "visually-hidden" not in link


def test_a_failing_webhook_shows_why_and_what_happens_next(
    owner: Visitor, organization: Any
) -> None:
    id_ = failing(organization, "Partner")
    assert "No retry planned" in row_of(owner, "Partner")
    delivery(organization.id, id_, "retrying", next_at=now_ms() + HOUR)
    row = row_of(owner, "Partner")
    assert "Last 3 attempts failed: TLS: certificate expired" in row
    assert "Retrying, next <time" in row
    assert "Will be disabled on <time" in row
    assert 'class="spark"' in row


def test_the_buttons_of_a_row_work_without_scripts(owner: Visitor, organization: Any) -> None:
    id_ = failing(organization, "Partner", failed=2)
    row = row_of(owner, "Partner")
    for words in ("Send test", "Pause", "Resend failed"):
        assert words in row
    recover = re.search(r'href="(/webhooks/[^"]+/recover[^"]*)"', row)
    assert recover
    assert "2 failed deliveries" in owner.get(unescape(recover[1])).text
    assert owner.post("/", f"/webhooks/{id_}/pause").status_code == 303
    assert not db.session.get_one(Webhook, id_).is_active


def test_a_disabled_webhook_comes_first_and_can_be_enabled(
    owner: Visitor, organization: Any
) -> None:
    failing(organization, "Partner")
    id_ = disabled(organization, "Gone")
    table = troubles(owner)
    assert table.index("<strong>Gone") < table.index("<strong>Partner")
    row = row_of(owner, "Gone")
    assert "It answered 410." in row
    assert "sends again once enabled" in row
    assert f"/webhooks/{id_}/resume" in row
    assert "/pause" not in row


def test_a_viewer_gets_no_buttons(viewer: Visitor, organization: Any) -> None:
    failing(organization, "Partner", failed=1)
    row = row_of(viewer, "Partner")
    assert "<form" not in row
    assert "recover" not in row


@pytest.mark.parametrize(("number", "more"), [(2, ""), (3, "1 more"), (5, "3 more"), (7, "2 more")])
def test_rows_beyond_those_shown_are_a_link_to_their_list(
    owner: Visitor, organization: Any, number: int, more: str
) -> None:
    for index in range(number):
        failing(organization, f"Partner {index}")
    table = troubles(owner)
    assert table.count('<tr class="trouble') == min(number, 5)
    assert table.count("is-folded") == max(min(number, 5) - 2, 0)
    words = " ".join(table.split())
    assert more in words
    links = re.findall(r'<a href="(/webhooks\?[^"]+)">and', table)
    assert len(links) == (number > 2) + (number > 5)
    for link in links:
        assert owner.get(unescape(link)).text.count('id="webhook-') == number


def test_the_list_of_the_rest_has_only_their_states(owner: Visitor, organization: Any) -> None:
    for index in range(2):
        disabled(organization, f"Gone {index}")
    failing(organization, "Partner")
    assert '/webhooks?state=failing">and 1 more' in " ".join(troubles(owner).split())


def test_a_silent_worker_takes_the_first_row(owner: Visitor, organization: Any) -> None:
    id_ = failing(organization, "Partner")
    delivery(organization.id, id_, "pending", (), next_at=now_ms() - HOUR)
    table = troubles(owner)
    assert table.index("No delivery worker is running.") < table.index("Partner")
    assert "1 delivery is due" in table
    with write_transaction() as session:
        session.add(Worker(name="w", started_at=now_ms(), beat=1, seen_at=now_ms()))
    assert "Delivery backlog." in troubles(owner)


def test_more_troubles_take_no_more_statements(
    sqlite_app: Flask, owner: Visitor, organization: Any
) -> None:
    def statements() -> int:
        seen: list[str] = []

        def note(*arguments: Any) -> None:
            seen.append(arguments[2])

        engine = db.engine
        sql_events.listen(engine, "before_cursor_execute", note)
        try:
            owner.get("/")
        finally:
            sql_events.remove(engine, "before_cursor_execute", note)
        return len(seen)

    failing(organization, "Partner", failed=1)
    owner.get("/")
    before = statements()
    for index in range(4):
        failing(organization, f"Partner {index}", failed=1)
    # What is kept for a while is read again after a change.
    owner.get("/")
    assert statements() == before
