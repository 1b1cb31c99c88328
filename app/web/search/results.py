"""What a search finds along an index: names, and events by the ids in their payloads."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import url_for

from app.domain.common import ids
from app.domain.event_types.names import PRODUCT_TYPES
from app.domain.events.excerpts import Excerpt, excerpt_of, marked
from app.domain.events.search_values import searched_value
from app.models import Event
from app.queries import webhooks as webhook_queries
from app.queries.deliveries import listing as delivery_queries
from app.queries.event_types import catalogue as event_type_queries
from app.queries.events import listing as event_queries
from app.queries.events import payloads, sources
from app.queries.events.listing import EventFilter
from app.web.common.access import auth
from app.web.webhooks.names import titles_of

# Results of each kind.
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Result:
    """name: with the match set apart. note: shown next to it. also: (words, URL) of a second link,
    or None."""

    name: Excerpt
    url: str
    note: Excerpt | None = None
    also: tuple[str, str] | None = None

    @property
    def title(self) -> str:
        return self.name.before + self.name.match + self.name.after


@dataclass(frozen=True, slots=True)
class EventHit:
    """counts: deliveries by state."""

    event: Event
    excerpt: Excerpt | None
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Group:
    """has_more: there are more than are shown. hits: events, in place of results. more_url: of a
    list of all."""

    title: str
    results: list[Result]
    has_more: bool
    hits: tuple[EventHit, ...] = ()
    more_url: str | None = None


def groups_of(text: str) -> list[Group]:
    """Events first: an id is more exact than a part of a name."""
    kinds = (_events(text), _webhooks(text), _event_types(text), _sources(text))
    return [group for group in kinds if group.results or group.hits]


def page_url_of(id_: str) -> str | None:
    """Of the organization's delivery, event or webhook with this id."""
    organization_id = auth.organization_id()
    if delivery_queries.get(organization_id, id_):
        return url_for("deliveries.show", delivery_id=id_)
    if event_queries.get(organization_id, id_):
        return url_for("events.show", event_id=id_)
    if webhook_queries.get(organization_id, id_):
        return url_for("webhooks.show", webhook_id=id_)
    return None


def searched_id(text: str) -> str | None:
    """The id that the text is, also as receivers see it (`webhook-id`)."""
    return ids.canonical_id(text.removeprefix("msg_"))


def hits_of(events: Iterable[Event], text: str) -> tuple[EventHit, ...]:
    organization_id = auth.organization_id()
    rows = list(events)
    event_ids = [event.id for event in rows]
    states = event_queries.states_of(organization_id, event_ids) if event_ids else {}
    starts = payloads.starts(organization_id, event_ids)
    return tuple(
        EventHit(
            event,
            excerpt_of(" ".join(starts[event.id].split()), text) if event.id in starts else None,
            states.get(event.id, {}),
        )
        for event in rows
    )


def _events(text: str) -> Group:
    """By a value of the payload, or by the producer's own id."""
    organization_id = auth.organization_id()
    title = "Events with this ID in their payload"
    value = searched_value(text)
    if value is None:
        return Group(title, [], has_more=False)
    page = event_queries.page(organization_id, EventFilter(value=value), SHOWN)
    hits = hits_of(page.rows, value)
    more_url = url_for("events.index", value=value)
    return Group(title, [], page.next_cursor is not None, hits, more_url)


def _webhooks(text: str) -> Group:
    page = webhook_queries.page(auth.organization_id(), SHOWN, q=text)
    titles = titles_of(page.rows)
    results = [
        Result(
            marked(titles[row.id], text),
            url_for("webhooks.show", webhook_id=row.id),
            marked(row.url, text) if row.name else None,
            ("Deliveries", url_for("deliveries.index", webhook_id=row.id)),
        )
        for row in page.rows
    ]
    has_more = page.next_cursor is not None
    return Group("Webhooks", results, has_more, more_url=url_for("webhooks.index", q=text))


def _event_types(text: str) -> Group:
    page = event_type_queries.page(auth.organization_id(), SHOWN, q=text)
    names = {row.name: row.description for row in page.rows}
    names |= dict.fromkeys((name for name in sorted(PRODUCT_TYPES) if text in name), "System event")
    results = [
        Result(
            marked(name, text),
            url_for("event_types.show", name=name),
            marked(note, text),
            ("Deliveries", url_for("deliveries.index", event_type=name)),
        )
        for name, note in names.items()
    ]
    has_more = page.next_cursor is not None
    more_url = url_for("event_types.index", q=text)
    return Group("Event types", results[:SHOWN], has_more, more_url=more_url)


def _sources(text: str) -> Group:
    names = sources.sources_like(auth.organization_id(), text, SHOWN + 1)
    results = [
        Result(
            marked(name, text),
            url_for("deliveries.index", source=name),
            also=("Events", url_for("events.index", source=name)),
        )
        for name in names
    ]
    return Group("Sources", results[:SHOWN], len(results) > SHOWN)
