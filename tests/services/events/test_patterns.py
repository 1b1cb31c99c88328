"""Webhooks that select event types by patterns."""

from typing import Any

from flask import Flask

from app.queries.event_types import catalogue as event_type_queries
from app.queries.events import listing as event_queries
from app.queries.events.unmatched import unmatched
from app.services.accounts.actor import SYSTEM
from app.services.deliveries.missed import send_missed
from app.services.events.publishing import publish
from app.services.webhooks import service as webhooks
from app.services.webhooks.cache import Candidate, OrganizationWebhooks, candidate
from tests.services.publishing import delivery_rows, draft, webhook


def created(organization: Any, *event_types: str, **more: Any) -> str:
    fields = {"url": "https://example.com/", "event_types": list(event_types), **more}
    return webhooks.create(organization.id, fields, SYSTEM).id


def receivers(organization: Any, type_: str, **more: Any) -> set[str]:
    """The webhooks that get a new event."""
    published = publish(organization.id, draft(type_, **more))
    ids = [delivery.webhook_id for delivery in published.deliveries]
    assert len(ids) == len(set(ids))
    return set(ids)


def test_an_event_is_sent_once_to_each_webhook_with_a_matching_pattern(
    sqlite_app: Flask, organization: Any
) -> None:
    begins = created(organization, "encoding.*", "encoding.failed", "*.failed")
    ends = created(organization, "*.failed", sources=["camera"])
    one_time = created(organization, "*.started", once=True)
    assert receivers(organization, "encoding.failed", source="camera") == {begins, ends}
    assert receivers(organization, "encoding.failed") == {begins}
    assert receivers(organization, "encoding.started") == {begins, one_time}
    assert receivers(organization, "upload.failed", source="camera") == {begins, ends}
    assert receivers(organization, "encoding") == set()
    assert receivers(organization, "delivery.failed", source="camera") == set()


def test_the_reason_names_the_patterns_that_do_not_match(
    sqlite_app: Flask, organization: Any
) -> None:
    created(organization, "*.failed", "encoding.*")
    event_id = publish(organization.id, draft("order.paid")).id
    event = event_queries.get(organization.id, event_id)
    assert event is not None
    [(_, refusal)] = unmatched(organization.id, event)
    assert refusal.detail == "The webhook accepts only *.failed, encoding.*."


def test_missed_events_are_found_by_pattern(app: Flask, organization: Any) -> None:
    names = ["a.failed", "a.b.failed", "a.FAILED", "failed", "x.failure", "delivery.failed", "up.x"]
    ids = {name: publish(organization.id, draft(name)).id for name in names}
    late = webhook(organization.id, event_types=["*.failed", "up.*"])
    assert send_missed(organization.id, late, 0, SYSTEM).number == 3
    expected = {ids[name] for name in ("a.failed", "a.b.failed", "up.x")}
    assert {row.event_id for row in delivery_rows()} == expected


def test_the_catalogue_counts_webhooks_with_patterns(sqlite_app: Flask, organization: Any) -> None:
    created(organization, "encoding.*", "encoding.failed")
    created(organization, "encoding.failed")
    counts = event_type_queries.webhook_counts(organization.id)
    names = ("encoding.failed", "encoding.started", "order.paid")
    assert [counts.of(name) for name in names] == [2, 1, 0]
    assert len(event_type_queries.webhooks_for(organization.id, "encoding.failed")) == 2


class CountingIndex(dict[Any, Any]):
    """Counts its look-ups."""

    number = 0

    def get(self, key: Any, default: Any = None) -> Any:
        self.number += 1
        return super().get(key, default)


def look_ups(patterns: list[Candidate]) -> int:
    webhooks = OrganizationWebhooks(1, set(), CountingIndex())
    for each in patterns:
        webhooks.add(each)
    assert webhooks.candidates("order.paid", "camera") == patterns[:1]
    index: Any = webhooks.index
    return int(index.number)


def test_the_number_of_look_ups_does_not_grow_with_the_patterns(
    sqlite_app: Flask, organization: Any
) -> None:
    first = created(organization, "order.*")
    others = [created(organization, *(f"x{n}.y{m}.*" for m in range(50))) for n in range(20)]
    rows = [webhooks.get_webhook(organization.id, id_) for id_ in (first, *others)]
    candidates = [candidate(row) for row in rows]
    assert look_ups(candidates) == look_ups(candidates[:1]) <= 8
