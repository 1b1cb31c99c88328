"""Many deliveries at once: first how many, then all of them."""

import re
from html import unescape
from typing import Any

import pytest

from app.domain.common.clock import now_ms
from app.services.accounts import organizations
from app.services.jobs import running
from app.web.deliveries import bulk as pages
from tests.services.publishing import delivery_rows, due_rows, webhook
from tests.web.records import delivery
from tests.web.visitor import Visitor


def failed(organization: Any, number: int, **more: Any) -> list[str]:
    hook = webhook(organization.id, **more)
    return [delivery(organization.id, hook) for _ in range(number)]


def fields(page: str) -> tuple[str, dict[str, Any]]:
    """Where the form of the page goes, and what is hidden in it."""
    form = page.partition("<main")[2].partition("<form")[2].partition("</form>")[0]
    action = re.search(r'action="([^"]+)"', form)
    assert action
    hidden: dict[str, Any] = {}
    for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form):
        hidden.setdefault(name, []).append(unescape(value))
    return unescape(action[1]), hidden


def states() -> list[str]:
    return [row.state for row in delivery_rows()]


def test_a_selection_is_counted_then_resent(owner: Visitor, organization: Any) -> None:
    ids = failed(organization, 3)
    confirmation = owner.post("/deliveries", "/deliveries/resend?state=failed", id=ids[:2])
    assert "Resend 2 deliveries?" in confirmation.text
    assert due_rows() == []
    action, hidden = fields(confirmation.text)
    response = owner.send(action, **hidden)
    assert response.location == "/deliveries?state=failed"
    assert sorted(row.delivery_id for row in due_rows()) == sorted(ids[:2])
    assert "2 deliveries queued for resend." in owner.get(response.location).text


def test_a_selection_leaves_out_ineligible_deliveries(owner: Visitor, organization: Any) -> None:
    ids = failed(organization, 2)
    hook = webhook(organization.id)
    ids.append(delivery(organization.id, hook, "pending", (), next_at=now_ms()))
    confirmation = owner.post("/deliveries", "/deliveries/cancel", id=ids).text
    assert "Cancel 1 delivery?" in confirmation
    assert "2 of the selected are left out" in confirmation
    action, hidden = fields(confirmation)
    owner.send(action, **hidden)
    assert sorted(states()) == ["cancelled", "failed", "failed"]


def test_an_empty_selection_shows_a_warning(owner: Visitor, organization: Any) -> None:
    failed(organization, 1)
    response = owner.post("/deliveries", "/deliveries/resend?status=503")
    assert response.location == "/deliveries?status=503"
    assert "Select at least one delivery first" in owner.get(response.location).text


def test_all_matching_deliveries_are_counted_then_resent(owner: Visitor, organization: Any) -> None:
    failed(organization, 3)
    delivery(organization.id, webhook(organization.id), "succeeded", [(200, "ok")])
    confirmation = owner.get("/deliveries/resend?state=failed&range=24h").text
    assert "Resend 3 deliveries?" in confirmation
    action, hidden = fields(confirmation)
    assert "since=" in action
    late = failed(organization, 1)
    response = owner.send(action, **hidden)
    assert response.location == "/deliveries?state=failed&range=24h"
    assert len(due_rows()) == 3
    assert late[0] not in {row.delivery_id for row in due_rows()}


def test_more_than_a_page_becomes_a_job(
    owner: Visitor, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE", 2)
    failed(organization, 3)
    action, hidden = fields(owner.get("/deliveries/resend?state=failed").text)
    response = owner.send(action, **hidden)
    assert response.location.startswith("/jobs/")
    assert due_rows() == []
    assert "Waiting for a worker" in owner.get(response.location).text
    running.run_all()
    assert len(due_rows()) == 3


def test_with_a_script_the_confirmation_is_a_dialog(owner: Visitor, organization: Any) -> None:
    failed(organization, 1)
    confirmation = owner.get("/deliveries/cancel", headers={"HX-Request": "true"}).text
    assert confirmation.lstrip().startswith("<h2")
    assert "Nothing to cancel" in confirmation


def test_an_inexact_count_says_more_than(
    owner: Visitor, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "counted", lambda *_, **__: pages.Counted(10_000, is_all=False))
    assert "more than 10\u2009000 deliveries?" in owner.get("/deliveries/resend?state=failed").text


def test_other_organizations_deliveries_are_not_resent(owner: Visitor, organization: Any) -> None:
    other = organizations.create("Other")
    foreign = delivery(other.id, webhook(other.id))
    failed(organization, 1)
    response = owner.post(
        "/deliveries", "/deliveries/resend", id=[foreign, "nonsense"], confirmed="yes"
    )
    assert response.status_code == 303
    assert due_rows() == []


def test_a_viewer_can_neither_select_nor_resend(viewer: Visitor, organization: Any) -> None:
    ids = failed(organization, 1)
    page = viewer.get("/deliveries").text
    assert 'name="id"' not in page
    assert "Resend all" not in page
    assert viewer.get("/deliveries/resend").status_code == 403
    assert (
        viewer.post("/deliveries", "/deliveries/resend", id=ids, confirmed="yes").status_code == 403
    )


@pytest.mark.parametrize("verb", ["resend", "cancel"])
def test_invalid_filters_change_nothing(owner: Visitor, organization: Any, verb: str) -> None:
    failed(organization, 1)
    path = f"/deliveries/{verb}?status=abc"
    assert owner.get(path).location == "/deliveries?status=abc"
    response = owner.post("/deliveries", path, confirmed="yes", scope="matching")
    assert response.location == "/deliveries?status=abc"
    assert states() == ["failed"]
