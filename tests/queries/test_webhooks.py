from typing import Any

from app.queries import webhooks
from app.services.accounts import organizations
from app.services.events.publishing import publish
from tests.services.publishing import draft, webhook


def test_lists_exclude_deleted_and_one_time_webhooks(organization: Any) -> None:
    first, second = webhook(organization.id), webhook(organization.id)
    once = webhook(organization.id, once=True)
    webhook(organization.id, deleted_at=1)
    publish(organization.id, draft(callback="https://a.com/"))
    assert [row.id for row in webhooks.listed(organization.id)] == [second, first]
    everything = webhooks.listed(organization.id, include_once=True)
    assert [row.id for row in everything] == [once, second, first]


def test_pages_are_contiguous(organization: Any) -> None:
    ids = [webhook(organization.id) for _ in range(3)][::-1]
    first = webhooks.page(organization.id, 2)
    second = webhooks.page(organization.id, 2, first.next_cursor)
    assert [row.id for row in first.rows + second.rows] == ids
    assert second.next_cursor is None


def test_a_search_matches_names_urls_and_ids(organization: Any) -> None:
    named = webhook(organization.id, name="Editing 100%")
    other = webhook(organization.id, url="https://hooks.example.org/x")
    for q, ids in (("edit", [named]), ("100%", [named]), ("ORG", [other]), (other, [other])):
        assert [row.id for row in webhooks.page(organization.id, q=q).rows] == ids


def test_another_organization_sees_nothing(organization: Any) -> None:
    other = organizations.create("Other")
    mine = webhook(organization.id)
    assert webhooks.get(other.id, mine) is None
    assert webhooks.listed(other.id) == []
    assert webhooks.states_of(other.id, [mine]) == {}
    row = webhooks.get(organization.id, mine.upper())
    assert row is not None
    assert row.id == mine
    assert webhooks.get(organization.id, "nonsense") is None
    assert mine in webhooks.states_of(organization.id, [mine])


def test_outlines_are_complete_and_newest_first(organization: Any) -> None:
    first = webhook(organization.id, name="A", event_types=["a.b"])
    second = webhook(organization.id)
    webhook(organization.id, once=True)
    outlines = webhooks.outlines(organization.id)
    assert [(o.id, o.name, o.event_types) for o in outlines] == [
        (second, "", None),
        (first, "A", ["a.b"]),
    ]
    other = organizations.create("Other")
    assert webhooks.outlines(other.id) == []
    assert [row.id for row in webhooks.of_ids(organization.id, [first, second])] == [first, second]
    assert webhooks.of_ids(other.id, [first]) == []
