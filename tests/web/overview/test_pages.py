import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text, update

from app.domain.common.clock import now_ms
from app.domain.deliveries.spans import RANGES
from app.models import Attempt, Webhook, WebhookState
from app.store.transaction import write_transaction
from tests.services.maintenance.test_counters import tally
from tests.services.publishing import webhook
from tests.web.records import delivery
from tests.web.visitor import Visitor

MINUTE = 60_000


def fail(webhook_id: str, **columns: object) -> None:
    with write_transaction() as session:
        state = session.get_one(WebhookState, webhook_id)
        state.failing_since, state.last_failure_cause = now_ms() - MINUTE, "tls_expired"
        state.consecutive_failures = 3
        for name, value in columns.items():
            setattr(session.get_one(Webhook, webhook_id), name, value)


@pytest.mark.parametrize("name", RANGES)
def test_each_range_includes_current_figures(owner: Visitor, organization: Any, name: str) -> None:
    hook = webhook(organization.id)
    numbers = {"succeeded": 41, "failed": 1, "retrying": 2, "status:200": 41, "status:503": 3}
    tally(organization.id, hook, now_ms(), **numbers, **{"cause:status": 3, "ms:36": 44})
    page = owner.get(f"/?range={name}").text
    assert 'aria-label="' in page
    assert "41 succeeded, 2 retried, 1 failed" in page
    assert ">97.6<" in page
    assert "51 ms" in page


@pytest.mark.parametrize(("column", "value"), [("max_in_flight", "'many'"), ("headers", "'{'")])
def test_a_webhook_whose_row_cannot_be_read_needs_attention(
    sqlite_app: Flask, owner: Visitor, organization: Any, column: str, value: str
) -> None:
    bad = webhook(organization.id, name="Broken one")
    webhook(organization.id, name="Fine one")
    with write_transaction() as session:
        session.execute(text(f"UPDATE webhooks SET {column} = {value} WHERE id = '{bad}'"))
    page = owner.get("/").text
    troubles = page.partition('class="list troubles"')[2].partition("</table>")[0]
    assert f"Its settings are damaged: {column} is not" in troubles
    assert "Broken one" in troubles
    assert "Fine one" not in troubles
    # The page knows at once what a person has done about it.
    owner.post(f"/webhooks/{bad}/delete", {})
    assert 'class="list troubles"' not in owner.get("/").text


@pytest.mark.parametrize("name", ["", "2h", "24H", "%00"])
def test_an_unknown_range_is_24_hours(owner: Visitor, organization: Any, name: str) -> None:
    webhook(organization.id)
    page = owner.get(f"/?range={name}")
    assert page.status_code == 200
    assert "Last 24 hours" in page.text


def test_a_bar_links_to_the_attempts_of_its_time(owner: Visitor, organization: Any) -> None:
    hook = webhook(organization.id)
    delivery_id = delivery(organization.id, hook, "succeeded", [(200, "ok")])
    with write_transaction() as session:
        session.execute(update(Attempt).values(started_at=now_ms()))
    tally(organization.id, hook, now_ms(), succeeded=1)
    page = owner.get("/?range=1h").text
    bars = re.findall(r'<a class="bar" href="([^"]+)"', page)
    assert len(bars) == 60
    newest = bars[-1].replace("&amp;", "&")
    assert delivery_id in owner.get(newest).text
    assert delivery_id not in owner.get(bars[-3].replace("&amp;", "&")).text


def test_a_table_shows_the_numbers_of_the_chart(owner: Visitor, organization: Any) -> None:
    tally(organization.id, webhook(organization.id), now_ms(), failed=3)
    page = owner.get("/").text
    table = page[page.index("View as table") :]
    assert table.count('<th scope="row">') >= 1
    assert re.search(r'<td><a href="/attempts[^"]+outcome=final">3</a></td>', table)


def test_problems_come_first(owner: Visitor, organization: Any) -> None:
    assert "All good." not in owner.get("/").text
    fail(webhook(organization.id, name="Partner"))
    gone = webhook(organization.id, name="Gone")
    fail(gone, is_active=False, disabled_at=now_ms(), disabled_reason="It answered 410.")
    page = owner.get("/").text
    assert page.index("Partner") < page.index("Success rate")
    assert "TLS: certificate expired" in page
    assert "It answered 410." in page


def test_outdated_figures_show_a_warning(
    owner: Visitor, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.queries.statistics.counters.MAX_TALLIES", 1)
    hook = webhook(organization.id)
    tally(organization.id, hook, now_ms(), failed=1)
    assert "figures are not up to date" not in owner.get("/").text
    tally(organization.id, hook, now_ms(), failed=1)
    assert "figures are not up to date" in owner.get("/").text


def test_another_organizations_figures_are_not_shown(
    owner: Visitor, sqlite_app: Flask, organization: Any
) -> None:
    from app.services.accounts import organizations

    webhook(organization.id)
    other = organizations.create("Other").id
    tally(other, webhook(other), now_ms(), failed=7777)
    assert "7\u2009777" not in owner.get("/").text
