"""Views of the list that a person keeps."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl

import pytest

from app.queries.saved_views import listed
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.deliveries.saved_views import create
from app.services.webhooks import service as webhooks
from tests.services.people import person
from tests.services.publishing import webhook
from tests.web.records import delivery
from tests.web.visitor import Visitor


def test_a_saved_view_is_a_tab_and_can_be_deleted(owner: Visitor, organization: Any) -> None:
    page = "/deliveries?state=failed&range=24h"
    response = owner.post(page, "/deliveries/views?state=failed&range=24h", name="Failed today")
    assert response.location == page
    shown = owner.get(page).text
    tab = re.search(r'<a href="([^"]+)" aria-current="true"><svg[^>]*>.*?</svg>Failed today', shown)
    assert tab
    assert sorted(parse_qsl(unescape(tab[1]).partition("?")[2])) == [
        ("range", "24h"),
        ("state", "failed"),
    ]
    assert "Save view" not in shown
    path = shown.partition('action="/deliveries/views/')[2].partition('"')[0]
    gone = owner.post(page, f"/deliveries/views/{path}")
    assert gone.location == "/deliveries"
    assert "Saved views" not in owner.get("/deliveries").text


def test_a_duplicate_name_is_an_error_at_the_field(owner: Visitor, organization: Any) -> None:
    page = "/deliveries?status=503"
    owner.post(page, "/deliveries/views?status=503", name="Broken")
    again = owner.post("/deliveries?status=5xx", "/deliveries/views?status=5xx", name="broken")
    assert again.status_code == 422
    assert "You already have a view named broken" in again.text
    assert 'value="broken"' in again.text


def test_a_view_needs_valid_filters(owner: Visitor, organization: Any) -> None:
    response = owner.post("/deliveries?status=503", "/deliveries/views", name="All")
    assert response.status_code == 422
    wrong = owner.post("/deliveries?status=503", "/deliveries/views?status=abc", name="All")
    assert wrong.status_code == 422


@pytest.mark.parametrize("path", ["/deliveries", "/attempts"])
def test_a_view_whose_webhook_is_gone_says_so(owner: Visitor, organization: Any, path: str) -> None:
    hook = webhook(organization.id, name="Partner & sons")
    delivery(organization.id, hook, "failed", [(500, "status")])
    page = f"{path}?webhook_id={hook}"
    assert "Show all webhooks" not in owner.get(page).text
    webhooks.delete(organization.id, hook, SYSTEM)
    shown = owner.get(page).text
    assert "The webhook Partner &amp; sons was deleted." in shown
    assert f'<a href="{path}">Show all webhooks</a>' in shown
    other = organizations.create("Other")
    foreign = webhook(other.id, name="Theirs")
    shown = owner.get(f"{path}?webhook_id={foreign}").text
    assert "This organization has no webhook with the ID of this filter." in shown
    assert "Theirs" not in shown


@pytest.mark.parametrize("path", ["/deliveries", "/attempts"])
def test_the_filter_by_a_deleted_webhook_shows_its_name_and_is_kept(
    owner: Visitor, organization: Any, path: str
) -> None:
    hook = webhook(organization.id, name="Partner & sons")
    webhooks.delete(organization.id, hook, SYSTEM)
    shown = owner.get(f"{path}?webhook_id={hook}").text
    assert f'<option value="{hook}" selected>Partner &amp; sons</option>' in shown
    assert '<span class="faint">Webhook</span>\n    <span>Partner &amp; sons</span>' in shown


def test_another_users_view_is_neither_shown_nor_deleted(owner: Visitor, organization: Any) -> None:
    ivan = person("ivan@example.com", organization.id)
    foreign = create(organization.id, ivan.id, "Ivan's", {"q": "x"}, SYSTEM)
    page = owner.get("/deliveries?status=503").text
    assert "Ivan" not in page
    response = owner.post("/deliveries?status=503", f"/deliveries/views/{foreign.id}/delete")
    assert response.status_code == 404
    assert [view.id for view in listed(organization.id, ivan.id)] == [foreign.id]


def test_a_view_that_is_refused_says_why_also_if_its_filters_are_saved(owner: Visitor) -> None:
    path = "/deliveries/views?state=failed"
    owner.post("/deliveries?state=failed", path, name="Failed")
    page = owner.post("/deliveries?state=failed", path, name="x" * 70)
    assert page.status_code == 422
    assert "The name is empty or too long." in page.text
