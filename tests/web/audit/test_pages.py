from typing import Any

import pytest

from app.services.accounts import organizations
from app.services.accounts.actor import Actor
from app.services.webhooks import service as webhooks
from app.web.audit.pages import changes, title
from tests.web.visitor import Visitor

PAGE = "/settings/audit"
ACTOR = Actor("api_key", "0198c1f0-6e1f-7c3a-9b1e-2f0c5a7d4e11", "Farm <1>", "203.0.113.9")


@pytest.fixture
def hook(owner: Visitor, organization: Any) -> str:
    webhook = webhooks.create(organization.id, {"url": "https://example.com/a"}, ACTOR)
    webhooks.update(organization.id, webhook.id, {"url": "https://example.com/b"}, ACTOR)
    return webhook.id


def test_an_entry_shows_actor_action_and_changes(owner: Visitor, hook: str) -> None:
    page = owner.get(PAGE).text
    assert "Webhook changed" in page
    assert "Farm &lt;1&gt;" in page
    assert "203.0.113.9" in page
    assert f'href="/webhooks/{hook}"' in page
    assert "<code>https://example.com/a</code>" in page
    assert "<code>https://example.com/b</code>" in page


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("action=webhook.update", 1),
        ("action=webhook.", 2),
        ("actor=farm", 2),
        (f"actor={ACTOR.id}", 2),
        ("actor=100%25", 0),
        ("subject={hook}", 2),
        ("subject={hook}&action=webhook.create", 1),
        ("range=1h&actor=FARM", 2),
        ("until=2020-01-01T00:00", 0),
    ],
)
def test_entries_are_filtered(owner: Visitor, hook: str, query: str, number: int) -> None:
    page = owner.get(f"{PAGE}?{query.format(hook=hook)}").text
    assert page.count('class="audit-what"') == number
    assert ("No matching entries" in page) is (number == 0)


def test_another_organizations_log_is_not_shown(owner: Visitor) -> None:
    other = organizations.create("Other", actor=Actor("user", None, "stranger@example.com"))
    webhooks.create(other.id, {"url": "https://example.com/"}, ACTOR)
    page = owner.get(PAGE).text
    assert "stranger@example.com" not in page
    assert "Webhook created" not in page


def test_older_entries_are_on_the_next_page(owner: Visitor, organization: Any) -> None:
    for number in range(60):
        organizations.rename(organization.id, f"Name {number}", ACTOR)
    first = owner.get(PAGE).text
    assert first.count('class="audit-what"') == 50
    older = first.partition('rel="next" href="')[2].partition('"')[0]
    second = owner.get(older.replace("&amp;", "&")).text
    assert "Name 3<" in second
    assert "Name 50<" not in second


def test_invalid_filters_show_an_error(owner: Visitor) -> None:
    assert "Invalid filters" in owner.get(f"{PAGE}?since=yesterday").text


def test_only_owners_see_the_audit_log(viewer: Visitor) -> None:
    assert viewer.get(PAGE).status_code == 403
    assert "Audit log" not in viewer.get("/settings").text


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("webhook.create", "Webhook created"),
        ("api_key.revoke", "API key revoked"),
        ("portal_link.end_all", "All portal links revoked"),
        ("something.new_here", "Something new here"),
    ],
)
def test_actions_have_titles(action: str, words: str) -> None:
    assert title(action) == words


def test_a_long_value_is_truncated() -> None:
    [change] = changes(None, {"filter": ["x" * 1000]})
    assert change.before is None
    assert len(change.after or "") == 601
