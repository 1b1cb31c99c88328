"""Lists and details show where a delivery was sent, also after the webhook's URL has changed."""

from typing import Any

from app.services.accounts.actor import SYSTEM
from app.services.webhooks import service as webhook_service
from tests.services.publishing import webhook
from tests.web.records import delivery
from tests.web.visitor import Visitor

NEW = "https://new.example.net/in"


def moved(organization: Any, **settings: Any) -> str:
    hook = webhook(organization.id, url="https://example.com/hook", **settings)
    delivery_id = delivery(organization.id, hook)
    webhook_service.update(organization.id, hook, {"url": NEW}, SYSTEM)
    return delivery_id


def test_the_list_shows_the_old_url(owner: Visitor, organization: Any) -> None:
    moved(organization)
    page = owner.get("/deliveries").text.partition("<tbody")[2]
    assert "example.com/hook" in page
    assert "new.example.net" not in page


def test_the_page_shows_both(owner: Visitor, organization: Any) -> None:
    page = owner.get(f"/deliveries/{moved(organization)}").text
    assert "Sent to</dt><dd><code>https://example.com/hook?a=1</code>" in page
    assert f"The webhook's URL is now <code>{NEW}</code>" in page


def test_one_that_was_not_sent_yet_shows_where_it_goes(owner: Visitor, organization: Any) -> None:
    hook = webhook(organization.id, url=NEW)
    id_ = delivery(organization.id, hook, "pending", (), next_at=1)
    assert f"URL</dt><dd><code>{NEW}</code>" in owner.get(f"/deliveries/{id_}").text


def test_an_export_has_the_old_url(owner: Visitor, organization: Any) -> None:
    moved(organization)
    export = owner.get("/deliveries/export.csv").text
    assert "https://example.com/hook" in export
    assert NEW not in export
