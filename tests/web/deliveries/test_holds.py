"""Resending to a paused or disabled webhook says before and after that deliveries are on hold."""

from typing import Any

import pytest

from tests.services.publishing import webhook
from tests.web.records import delivery
from tests.web.visitor import Visitor

DISABLED = {"is_active": False, "disabled_reason": "The receiver responded with 410 Gone."}


@pytest.fixture(params=[{"is_active": False}, DISABLED], ids=["paused", "disabled"])
def stopped(request: pytest.FixtureRequest, organization: Any) -> str:
    return webhook(organization.id, **request.param)


def test_the_page_of_a_delivery_says_so_and_offers_to_resume(
    owner: Visitor, organization: Any, stopped: str
) -> None:
    id_ = delivery(organization.id, stopped)
    page = owner.get(f"/deliveries/{id_}").text
    assert "If you resend this, it is on hold until the webhook sends again." in page
    assert f'href="/webhooks/{stopped}/active"' in page
    owner.post(f"/deliveries/{id_}", f"/deliveries/{id_}/resend")
    page = owner.get(f"/deliveries/{id_}").text
    assert "Queued for resend, and on hold." in page
    assert "Queued. The receiver" not in page


@pytest.mark.parametrize(
    ("settings", "why", "change"),
    [({"is_active": False}, "paused", "resumed"), (DISABLED, "disabled", "enabled")],
)
def test_a_delivery_on_hold_names_what_makes_its_webhook_send_again(
    owner: Visitor, organization: Any, settings: dict[str, Any], why: str, change: str
) -> None:
    id_ = delivery(organization.id, webhook(organization.id, **settings))
    owner.post(f"/deliveries/{id_}", f"/deliveries/{id_}/resend")
    page = owner.get(f"/deliveries/{id_}").text
    assert f"On hold: the webhook is {why}. Sending continues when it is {change}." in page
    assert f'title="The webhook is {why}"' in owner.get("/deliveries").text


def test_a_page_explains_once_why_its_delivery_is_on_hold(
    owner: Visitor, organization: Any, stopped: str
) -> None:
    id_ = delivery(organization.id, stopped)
    owner.post(f"/deliveries/{id_}", f"/deliveries/{id_}/resend")
    owner.get(f"/deliveries/{id_}")
    page = owner.get(f"/deliveries/{id_}").text
    assert page.count("The webhook is") + page.count("the webhook is") == 1
    assert page.count(f'href="/webhooks/{stopped}/active"') == 1


@pytest.mark.parametrize("path", ["/deliveries/resend?state=failed", "/deliveries/resend"])
def test_bulk_resend_counts_those_on_hold_before_and_after(
    owner: Visitor, organization: Any, stopped: str, path: str
) -> None:
    ids = [delivery(organization.id, stopped) for _ in range(2)]
    delivery(organization.id, webhook(organization.id))
    page = owner.get("/deliveries/resend?state=failed").text
    assert "3 deliveries?" in page
    assert "2 deliveries will be on hold" in page
    assert f'href="/webhooks/{stopped}/active"' in page
    form = {"confirmed": "yes", "id": ids}
    if path.endswith("failed"):
        form = {"confirmed": "yes", "scope": "matching", "on_hold": "2"}
    owner.post("/deliveries/resend?state=failed", path, **form)
    assert "2 of them on hold until the webhook sends again." in owner.get("/deliveries").text


def test_an_issue_says_that_resent_deliveries_are_on_hold(
    owner: Visitor, organization: Any, stopped: str
) -> None:
    delivery(organization.id, stopped)
    path = f"/issues/resend?webhook_id={stopped}&cause=status&status=503"
    page = owner.get(path).text
    assert "Resent deliveries are on hold until it sends again." in page
    assert f'href="/webhooks/{stopped}/active"' in page
    key = {"webhook_id": stopped, "cause": "status", "status": "503"}
    owner.post(path, "/issues/resend", **key)
    assert "They are on hold until the webhook sends again." in owner.get("/issues").text


def test_an_active_webhook_needs_no_such_words(owner: Visitor, organization: Any) -> None:
    id_ = delivery(organization.id, webhook(organization.id))
    assert "on hold" not in owner.get(f"/deliveries/{id_}").text
    assert "on hold:" not in owner.get("/deliveries/resend?state=failed").text
