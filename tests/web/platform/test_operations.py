"""How the installation runs, for platform owners."""

from typing import Any

import pytest
from sqlalchemy import update

from app.domain.common.clock import now_ms
from app.models import Due, Worker
from app.queries.maintenance import slow_statements
from app.queries.maintenance.slow_statements import Slowest, Statement
from app.services.events.publishing import publish
from app.store.transaction import write_transaction
from tests.services.publishing import draft, webhook
from tests.web.visitor import Visitor

PAGE = "/platform/operations"


def test_workers_and_the_backlog_are_shown(operator: Visitor, organization: Any) -> None:
    assert "No worker is running" in operator.get(PAGE).text
    webhook(organization.id, name="Slow receiver")
    publish(organization.id, draft())
    publish(organization.id, draft())
    with write_transaction() as session:
        now = now_ms()
        session.add(Worker(name="host-a", started_at=now, seen_at=now, release="9.9"))
        session.add(Worker(name="host-b", started_at=now, seen_at=now - 60_000))
    page = operator.get(PAGE).text
    for words in ("host-a", "Running", "host-b", "Silent", "Slow receiver", "Redis"):
        assert words in page
    backlog = page.partition("Backlog by webhook")[2].partition("</table>")[0]
    assert '"cell">2<' in backlog
    with write_transaction() as session:
        session.execute(update(Due).values(claimed_by=1))
    assert "No delivery is waiting for a worker." in operator.get(PAGE).text


def test_a_slow_statement_can_be_read_in_full_and_its_numbers_on_a_phone(
    operator: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the extension counts; most PostgreSQL servers of tests come without it."""
    statement = Statement("SELECT " + "x, " * 60 + "y", 3, 12.0, 4.0, 0.02)
    monkeypatch.setattr(slow_statements, "slowest", lambda: Slowest((statement,)))
    part = operator.get(PAGE).text.partition('id="slowest-title"')[2].partition("</section>")[0]
    opened = part.partition("<details")[2].partition("</details>")[0]
    assert statement.query in opened
    assert "3 calls, mean 4.0 ms, longest &lt; 0.1 ms" in " ".join(part.split())


def test_settings_are_shown_without_secrets(operator: Visitor, sqlite_app: Any) -> None:
    page = operator.get(PAGE).text
    assert "DATABASE_URL" in page
    assert sqlite_app.secret_key not in page


def test_members_do_not_see_it(owner: Visitor) -> None:
    assert owner.get(PAGE).status_code == 403
