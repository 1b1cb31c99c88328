"""/api/v1/events: post events and read them."""

from app.api.common.routes import CURSOR, LIMIT, PREFIX, SINCE, UNTIL, VALUE, ApiRoute
from app.api.schemas import requests
from app.api.schemas import responses as schemas
from app.api.views import rows as views
from app.domain.common.errors import NotFound
from app.domain.events.input import parse_batch, parse_event
from app.http.bodies import JsonBody
from app.http.messages import Pending, Request, Response
from app.http.parameters import text
from app.queries.events import listing as event_queries
from app.queries.events.listing import EventFilter
from app.queries.events.unmatched import unmatched
from app.runtime.context import runtime
from app.services.events.publishing import Published, publish, publish_batch, publish_later

MAX_EVENTS = 1000
IDEMPOTENCY_HEADER = "Idempotency-Key"


def create(request: Request) -> Response | Pending:
    draft = parse_event(
        request.body,
        max_bytes=runtime().settings.max_event_bytes,
        idempotency_key=request.headers.get("idempotency-key"),
    )
    if request.receiver is None:
        return _accepted(publish(request.organization_id, draft))
    entry = publish_later(request.organization_id, draft, request.receiver)
    return Pending(entry, lambda accepted: _accepted(accepted.published))


def _accepted(published: Published) -> Response:
    return Response(202, views.published(published))


def create_batch(request: Request) -> Response:
    drafts = parse_batch(
        request.body,
        max_event_bytes=runtime().settings.max_event_bytes,
        max_events=MAX_EVENTS,
        idempotency_key=request.headers.get("idempotency-key"),
    )
    published = publish_batch(request.organization_id, drafts)
    return Response(202, schemas.PublishedBatch([views.published(event) for event in published]))


def index(request: Request) -> Response:
    query = request.query
    filters = EventFilter(
        type=query["type"],
        source=query["source"],
        since=query["since"],
        until=query["until"],
        q=query["q"],
        value=query["value"],
    )
    page = event_queries.page(request.organization_id, filters, query["limit"], query["cursor"])
    return Response(200, views.search_page(page, views.listed_event))


def show(request: Request) -> Response:
    event = event_queries.get(request.organization_id, request.ids["event_id"])
    if event is None:
        raise NotFound
    deliveries = event_queries.deliveries_of(request.organization_id, event.id)
    non_matching = unmatched(request.organization_id, event)
    return Response(200, views.event(event, deliveries, non_matching))


ROUTES = (
    ApiRoute(
        "POST",
        f"{PREFIX}/events",
        create,
        "events:write",
        operation="createEvent",
        summary="Post an event",
        tag="Events",
        responses={202: schemas.Published},
        body=JsonBody(requests.EventInput),
        errors=(409,),
        request_headers=(IDEMPOTENCY_HEADER,),
        on_loop=True,
    ),
    ApiRoute(
        "POST",
        f"{PREFIX}/events/batch",
        create_batch,
        "events:write",
        operation="createEvents",
        summary="Post up to 1,000 events in one transaction",
        tag="Events",
        responses={202: schemas.PublishedBatch},
        body=JsonBody(requests.BatchInput, max_bytes="max_batch_bytes"),
        errors=(409,),
        request_headers=(IDEMPOTENCY_HEADER,),
    ),
    ApiRoute(
        "GET",
        f"{PREFIX}/events",
        index,
        "deliveries:read",
        operation="listEvents",
        summary="List events, newest first",
        tag="Events",
        responses={200: schemas.SearchPage[schemas.ListedEvent]},
        query=(
            text("type", "The event type."),
            text("source", "The source."),
            SINCE,
            UNTIL,
            text("q", "An ID, the producer's own ID, or text in the payload."),
            VALUE,
            LIMIT,
            CURSOR,
        ),
    ),
    ApiRoute(
        "GET",
        f"{PREFIX}/events/<event_id>",
        show,
        "deliveries:read",
        operation="getEvent",
        summary="Get an event, its deliveries, and why other webhooks did not match",
        tag="Events",
        responses={200: schemas.Event},
    ),
)
