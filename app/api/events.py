"""/api/v1/events: posting what happened, and looking at it."""

from app.api.paging import CURSOR, LIMIT, SINCE, UNTIL
from app.api.parameters import text
from app.api.route import PREFIX, Answer, Call, Route
from app.api.schemas import requests as inputs
from app.api.schemas import responses as shapes
from app.api.views import rows as views
from app.domain.common.errors import NotFound
from app.domain.events.input import parse_batch, parse_event
from app.queries.events import listing as events
from app.queries.events.listing import EventFilter
from app.runtime.context import runtime
from app.runtime.metrics import count_events
from app.runtime.settings import Settings
from app.services.events.publishing import publish, publish_batch

MAX_EVENTS = 1000


def create(call: Call) -> Answer:
    draft = parse_event(
        call.body,
        max_bytes=_settings().max_event_bytes,
        idempotency_key=_key(call),
    )
    done = publish(call.organization_id, draft)
    count_events(0 if done.duplicate else 1, 0 if done.duplicate else len(done.deliveries))
    return Answer(202, views.published(done))


def create_batch(call: Call) -> Answer:
    drafts = parse_batch(
        call.body,
        max_event_bytes=_settings().max_event_bytes,
        max_events=MAX_EVENTS,
        idempotency_key=_key(call),
    )
    done = publish_batch(call.organization_id, drafts)
    new = [each for each in done if not each.duplicate]
    count_events(len(new), sum(len(each.deliveries) for each in new))
    return Answer(202, shapes.PublishedBatch([views.published(each) for each in done]))


def index(call: Call) -> Answer:
    query = call.query
    wanted = EventFilter(
        type=query["type"],
        source=query["source"],
        since=query["since"],
        until=query["until"],
        q=query["q"],
    )
    found = events.page(call.organization_id, wanted, query["limit"], query["cursor"])
    return Answer(200, views.page(found, views.listed_event))


def show(call: Call) -> Answer:
    event = events.get(call.organization_id, call.ids["event_id"])
    if event is None:
        raise NotFound
    deliveries = events.deliveries_of(call.organization_id, event.id)
    refused = events.why_not(call.organization_id, event)
    return Answer(200, views.event(event, deliveries, refused))


def _key(call: Call) -> str | None:
    found: str | None = call.request.environ.get("HTTP_IDEMPOTENCY_KEY")
    return found


def _settings() -> Settings:
    found: Settings = runtime().settings
    return found


ROUTES = (
    Route(
        "POST",
        f"{PREFIX}/events",
        create,
        "Post an event",
        "Events",
        {202: shapes.Published},
        "events:write",
        body=inputs.EventInput,
        errors=(409,),
        headers=("Idempotency-Key",),
    ),
    Route(
        "POST",
        f"{PREFIX}/events/batch",
        create_batch,
        "Post up to 1,000 events in one transaction",
        "Events",
        {202: shapes.PublishedBatch},
        "events:write",
        body=inputs.BatchInput,
        max_bytes="max_batch_bytes",
        errors=(409,),
        headers=("Idempotency-Key",),
    ),
    Route(
        "GET",
        f"{PREFIX}/events",
        index,
        "List events, newest first",
        "Events",
        {200: shapes.Page[shapes.ListedEvent]},
        "deliveries:read",
        query=(
            text("type", "The event type."),
            text("source", "The source."),
            SINCE,
            UNTIL,
            text("q", "An id, the producer's own id, or text in the payload."),
            LIMIT,
            CURSOR,
        ),
    ),
    Route(
        "GET",
        f"{PREFIX}/events/<event_id>",
        show,
        "One event, its deliveries, and why a webhook was not chosen",
        "Events",
        {200: shapes.Event},
        "deliveries:read",
    ),
)
