"""/api/v1/events: post events and read them."""

from app.api.routes import CURSOR, LIMIT, PREFIX, SINCE, UNTIL, ApiRoute
from app.api.schemas import requests as inputs
from app.api.schemas import responses as shapes
from app.api.views import rows as views
from app.domain.common.errors import NotFound
from app.domain.events.input import parse_batch, parse_event
from app.http.bodies import JsonBody
from app.http.messages import Request, Response
from app.http.parameters import text
from app.queries.events import listing as event_queries
from app.queries.events.listing import EventFilter
from app.runtime.context import runtime
from app.runtime.metrics import count_events
from app.services.events.publishing import publish, publish_batch

MAX_EVENTS = 1000


def create(request: Request) -> Response:
    draft = parse_event(
        request.body,
        max_bytes=runtime().settings.max_event_bytes,
        idempotency_key=request.headers.get("idempotency-key"),
    )
    done = publish(request.organization_id, draft)
    count_events(0 if done.duplicate else 1, 0 if done.duplicate else len(done.deliveries))
    return Response(202, views.published(done))


def create_batch(request: Request) -> Response:
    drafts = parse_batch(
        request.body,
        max_event_bytes=runtime().settings.max_event_bytes,
        max_events=MAX_EVENTS,
        idempotency_key=request.headers.get("idempotency-key"),
    )
    done = publish_batch(request.organization_id, drafts)
    new = [each for each in done if not each.duplicate]
    count_events(len(new), sum(len(each.deliveries) for each in new))
    return Response(202, shapes.PublishedBatch([views.published(each) for each in done]))


def index(request: Request) -> Response:
    query = request.query
    wanted = EventFilter(
        type=query["type"],
        source=query["source"],
        since=query["since"],
        until=query["until"],
        q=query["q"],
    )
    found = event_queries.page(request.organization_id, wanted, query["limit"], query["cursor"])
    return Response(200, views.page(found, views.listed_event))


def show(request: Request) -> Response:
    event = event_queries.get(request.organization_id, request.ids["event_id"])
    if event is None:
        raise NotFound
    deliveries = event_queries.deliveries_of(request.organization_id, event.id)
    refused = event_queries.why_not(request.organization_id, event)
    return Response(200, views.event(event, deliveries, refused))


ROUTES = (
    ApiRoute(
        "POST",
        f"{PREFIX}/events",
        create,
        "events:write",
        summary="Post an event",
        tag="Events",
        responses={202: shapes.Published},
        body=JsonBody(inputs.EventInput),
        errors=(409,),
        request_headers=("Idempotency-Key",),
    ),
    ApiRoute(
        "POST",
        f"{PREFIX}/events/batch",
        create_batch,
        "events:write",
        summary="Post up to 1,000 events in one transaction",
        tag="Events",
        responses={202: shapes.PublishedBatch},
        body=JsonBody(inputs.BatchInput, max_bytes="max_batch_bytes"),
        errors=(409,),
        request_headers=("Idempotency-Key",),
    ),
    ApiRoute(
        "GET",
        f"{PREFIX}/events",
        index,
        "deliveries:read",
        summary="List events, newest first",
        tag="Events",
        responses={200: shapes.Page[shapes.ListedEvent]},
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
    ApiRoute(
        "GET",
        f"{PREFIX}/events/<event_id>",
        show,
        "deliveries:read",
        summary="One event, its deliveries, and why a webhook was not chosen",
        tag="Events",
        responses={200: shapes.Event},
    ),
)
