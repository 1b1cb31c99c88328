import re
from typing import Any

import pytest

from app.models import Delivery
from app.models.base import db
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


def test_a_failure_tells_what_it_is_and_what_to_do(owner: Visitor, hook: str) -> None:
    page = owner.get("/failures").text
    assert "TLS: certificate expired" in page
    assert ">3 deliveries</a>" in page
    assert f"/deliveries?state=failed&amp;webhook_id={hook}&amp;cause=tls_expired" in page


def test_without_failures_the_page_says_what_would_stand_there(owner: Visitor) -> None:
    assert "Nothing has failed" in owner.get("/failures").text


def test_what_is_acknowledged_moves_below(owner: Visitor, hook: str) -> None:
    answer = owner.post("/failures", "/failures/acknowledge", **group(hook), note="ticket 7")
    assert answer.status_code == 303
    page = owner.get("/failures").text
    assert "Nothing new." in page
    assert re.search(r"owner@example.com, .*: ticket 7", page)
    owner.post("/failures", "/failures/take-back", **group(hook))
    assert "Nothing new." not in owner.get("/failures").text


def test_resending_counts_first_and_then_empties_the_page(owner: Visitor, hook: str) -> None:
    ask = f"/failures/resend?webhook_id={hook}&cause=tls_expired"
    assert "3 deliveries</strong> can be sent once more" in owner.get(ask).text
    assert due_rows() == []
    answer = owner.post(ask, "/failures/resend", **group(hook))
    assert answer.location.endswith("/failures")
    page = owner.get("/failures").text
    assert "3 deliveries are due now." in page
    assert "Nothing has failed" in page
    assert len(due_rows(hook)) == 3
    assert "nothing to send" in owner.get(ask).text


def test_only_this_cause_is_sent_again(owner: Visitor, organization: Any, hook: str) -> None:
    other = delivery(organization.id, hook, "failed", [(503, "status")])
    owner.post("/failures", "/failures/resend", **group(hook, "status", "503"))
    assert [row.delivery_id for row in due_rows()] == [other]


def test_a_long_resend_goes_on_where_it_stopped(
    owner: Visitor, hook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.issues.pages.RESEND_SECONDS", 0)
    monkeypatch.setattr("app.services.deliveries.bulk.AT_ONCE", 2)
    ask = f"/failures/resend?webhook_id={hook}&cause=tls_expired"
    answer = owner.post(ask, "/failures/resend", **group(hook))
    assert answer.location.endswith(ask)
    assert "There is more" in owner.get(ask).text
    owner.post(ask, "/failures/resend", **group(hook))
    assert len(due_rows()) == 3


def test_a_viewer_sees_and_changes_nothing(viewer: Visitor, hook: str) -> None:
    page = viewer.get("/failures").text
    assert "TLS: certificate expired" in page
    assert "<form" not in page.partition('<ul class="failures">')[2].partition("</ul>")[0]
    assert "/failures/resend" not in page
    assert viewer.get(f"/failures/resend?webhook_id={hook}").status_code == 403


def test_a_deleted_webhooks_failures_can_only_be_acknowledged(
    owner: Visitor, organization: Any
) -> None:
    gone = webhook(organization.id, deleted_at=1)
    delivery(organization.id, gone, "failed", TROUBLE)
    page = owner.get("/failures").text
    assert "Deleted" in page
    assert "/failures/resend" not in page
    assert owner.get(f"/failures/resend?webhook_id={gone}").status_code == 404


@pytest.mark.parametrize(
    "given",
    [{"cause": "nonsense"}, {"status": "5xx"}, {"status": "99999"}, {"webhook_id": "x"}],
)
@pytest.mark.parametrize("verb", ["acknowledge", "take-back"])
def test_what_names_no_failure_is_not_found(
    owner: Visitor, hook: str, verb: str, given: dict[str, str]
) -> None:
    answer = owner.post("/failures", f"/failures/{verb}", **(group(hook) | given))
    assert answer.status_code == 404


def test_a_failure_without_an_attempt_is_told_too(
    owner: Visitor, organization: Any, hook: str
) -> None:
    id_ = delivery(organization.id, hook, "failed", ())
    with write_transaction() as session:
        session.get_one(Delivery, id_).last_cause = None
    page = owner.get("/failures")
    assert page.status_code == 200
    assert page.text.count('<li class="failure">') == 2
    db.session.rollback()
