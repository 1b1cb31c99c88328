import re
from typing import Any

import pytest
from sqlalchemy import update

from app.domain.common.clock import now_ms
from app.domain.common.ids import new_id
from app.models import Delivery, WebhookState
from app.models.common.base import db
from app.queries.accounts import users
from app.services.jobs import running
from app.store.transaction import write_transaction
from tests.services.publishing import due_rows, webhook
from tests.web.records import delivery
from tests.web.visitor import Visitor

TROUBLE = [(503, "status"), (None, "tls_expired")]


@pytest.fixture
def hook(organization: Any) -> str:
    id_ = webhook(organization.id, name="Partner")
    for _ in range(3):
        delivery(organization.id, id_, "failed", TROUBLE)
    return id_


def group(hook: str, cause: str = "tls_expired", status: str = "") -> dict[str, str]:
    return {"webhook_id": hook, "cause": cause, "status": status}


def test_an_issue_shows_its_reason_and_what_to_do(owner: Visitor, hook: str) -> None:
    page = owner.get("/issues").text
    assert "TLS: certificate expired" in page
    assert ">3 deliveries</a>" in page
    assert f"/deliveries?state=failed&amp;webhook_id={hook}&amp;cause=tls_expired" in page


def test_the_empty_page_explains_what_appears_there(owner: Visitor) -> None:
    assert "No issues" in owner.get("/issues").text


def test_an_acknowledged_issue_moves_below(owner: Visitor, hook: str) -> None:
    response = owner.post("/issues", "/issues/acknowledge", **group(hook), note="ticket 7")
    assert response.status_code == 303
    page = owner.get("/issues").text
    assert "Nothing new." in page
    assert re.search(r"owner@example.com, .*: ticket 7", page)
    owner.post("/issues", "/issues/reopen", **group(hook))
    assert "Nothing new." not in owner.get("/issues").text


@pytest.mark.parametrize(
    ("until", "words"),
    [("resolved", "until deliveries succeed again"), ("8h", "until ")],
)
def test_an_issue_is_acknowledged_for_a_while_and_has_an_owner(
    owner: Visitor, organization: Any, hook: str, until: str, words: str
) -> None:
    [(_, user)] = users.members(organization.id)
    fields = group(hook) | {"until": until, "owner_id": user.id}
    owner.post("/issues", "/issues/acknowledge", **fields)
    delivery(organization.id, hook, "failed", TROUBLE)
    page = owner.get("/issues").text
    assert "Nothing new." in page
    assert f"Owner: {user.email}" in page
    assert words in page.partition('id="known"')[2]


@pytest.mark.parametrize("fields", [{"until": "2031"}, {"owner_id": "x"}, {"owner_id": new_id()}])
def test_an_unknown_choice_is_not_found(owner: Visitor, hook: str, fields: dict[str, str]) -> None:
    response = owner.post("/issues", "/issues/acknowledge", **(group(hook) | fields))
    assert response.status_code == 404


def test_the_navigation_counts_open_issues(owner: Visitor, hook: str) -> None:
    assert 'rail-count number">1<' in owner.get("/issues").text
    assert 'rail-count number">1<' in owner.get("/").text
    owner.post("/issues", "/issues/acknowledge", **group(hook))
    assert "rail-count" not in owner.get("/issues").text
    assert "rail-count" not in owner.get("/").text


def test_a_resolved_issue_can_still_be_resent(owner: Visitor, hook: str) -> None:
    with write_transaction() as session:
        session.execute(update(Delivery).values(updated_at=now_ms() - 3_600_000))
        session.get_one(WebhookState, hook).last_success_at = now_ms()
    page = owner.get("/issues").text
    assert "All issues are resolved." in page
    assert "Resend…" in page.partition('id="resolved"')[2]


def test_an_open_issue_shows_its_last_day(owner: Visitor, hook: str) -> None:
    assert "3 deliveries failed in the last 24 hours" in owner.get("/issues").text


def test_resending_shows_the_count_first_and_then_empties_the_page(
    owner: Visitor, hook: str
) -> None:
    ask = f"/issues/resend?webhook_id={hook}&cause=tls_expired"
    assert "3 deliveries</strong> will be resent" in owner.get(ask).text
    assert due_rows() == []
    response = owner.post(ask, "/issues/resend", **group(hook))
    assert response.location.endswith("/issues")
    page = owner.get("/issues").text
    assert "3 deliveries queued for resend." in page
    assert "No issues" in page
    assert len(due_rows(hook)) == 3
    assert "No deliveries to resend" in owner.get(ask).text


def test_only_deliveries_with_this_reason_are_resent(
    owner: Visitor, organization: Any, hook: str
) -> None:
    other = delivery(organization.id, hook, "failed", [(503, "status")])
    owner.post("/issues", "/issues/resend", **group(hook, "status", "503"))
    assert [row.delivery_id for row in due_rows()] == [other]


def test_more_than_a_page_becomes_a_job(
    owner: Visitor, hook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.issues.pages.PAGE", 2)
    ask = f"/issues/resend?webhook_id={hook}&cause=tls_expired"
    response = owner.post(ask, "/issues/resend", **group(hook))
    assert response.location.startswith("/jobs/")
    running.run_all()
    assert len(due_rows()) == 3


def test_a_viewer_sees_issues_but_cannot_change_them(viewer: Visitor, hook: str) -> None:
    page = viewer.get("/issues").text
    assert "TLS: certificate expired" in page
    assert "<form" not in page.partition('<ul class="issues">')[2].partition("</ul>")[0]
    assert "/issues/resend" not in page
    assert viewer.get(f"/issues/resend?webhook_id={hook}").status_code == 403


def test_issues_of_a_deleted_webhook_can_only_be_acknowledged(
    owner: Visitor, organization: Any
) -> None:
    gone = webhook(organization.id, deleted_at=1)
    delivery(organization.id, gone, "failed", TROUBLE)
    page = owner.get("/issues").text
    assert "Deleted" in page
    assert "/issues/resend" not in page
    assert owner.get(f"/issues/resend?webhook_id={gone}").status_code == 404


@pytest.mark.parametrize(
    "fields",
    [{"cause": "nonsense"}, {"status": "5xx"}, {"status": "99999"}, {"webhook_id": "x"}],
)
@pytest.mark.parametrize("verb", ["acknowledge", "take-back"])
def test_an_unknown_issue_is_not_found(
    owner: Visitor, hook: str, verb: str, fields: dict[str, str]
) -> None:
    response = owner.post("/issues", f"/issues/{verb}", **(group(hook) | fields))
    assert response.status_code == 404


def test_a_failure_without_an_attempt_is_listed_too(
    owner: Visitor, organization: Any, hook: str
) -> None:
    id_ = delivery(organization.id, hook, "failed", ())
    with write_transaction() as session:
        session.get_one(Delivery, id_).last_cause = None
    page = owner.get("/issues")
    assert page.status_code == 200
    assert page.text.count('<li class="issue">') == 2
    db.session.rollback()
