"""/api/v1/attempts: list attempts of all webhooks, and read one."""

from typing import Any

from app.api.common.routes import CURSOR, LIMIT, PREFIX, ApiRoute
from app.api.deliveries import STATUS_CODE, reader_of
from app.api.schemas import attempts as schemas
from app.api.schemas import responses
from app.api.views import attempts as views
from app.domain.common.clock import iso
from app.domain.common.errors import NotFound
from app.domain.common.ids import ms_of
from app.domain.deliveries.causes import CAUSES
from app.http.messages import Request, Response
from app.http.parameters import choices, identifier, moment, text
from app.queries import webhooks as webhook_queries
from app.queries.common.turns import Turn, Turned
from app.queries.deliveries import attempt_turns
from app.queries.deliveries import attempts as attempt_queries
from app.queries.deliveries import listing as delivery_queries
from app.queries.deliveries.attempt_filters import AttemptFilter, AttemptRow
from app.queries.deliveries.sent_bodies import sent_body
from app.services.audit.reads import record_read_once
from app.services.deliveries import sent_requests

PATH = f"{PREFIX}/attempts"
ITEM = f"{PREFIX}/deliveries/<delivery_id>/attempts/<number>"
SUCCEEDED, FAILED = "succeeded", "failed"
# The greatest number of an attempt in the database.
_MAX_NUMBER = 2**31 - 1
FILTERS = (
    identifier("webhook_id", "The webhook."),
    identifier("event_id", "The event."),
    identifier("delivery_id", "The delivery."),
    text("event_type", "The event type."),
    text("source", "The event's source."),
    choices("outcome", [SUCCEEDED, FAILED], "Whether the attempt succeeded.", many=False),
    STATUS_CODE,
    choices("cause", sorted(CAUSES), "Failure reason of the attempt.", many=False),
    moment("since", "Started at or after this time."),
    moment("until", "Started before this time."),
)


def index(request: Request) -> Response:
    query = request.query
    start = attempt_turns.decode_cursor(query["cursor"])
    turned = attempt_turns.page(
        request.organization_id,
        _filter(query),
        Turn(start),
        query["limit"],
        with_bodies=False,
    )
    rows: list[AttemptRow] = turned.rows
    webhooks = webhook_queries.any_of_ids(
        request.organization_id, (row.delivery.webhook_id for row in rows)
    )
    data = [
        views.listed_attempt(row.attempt, row.delivery, webhooks.get(row.delivery.webhook_id))
        for row in rows
    ]
    return Response(200, responses.SearchPage(data, *_end(turned)))


def show(request: Request) -> Response:
    organization_id, ids = request.organization_id, request.ids
    row = delivery_queries.get(organization_id, ids["delivery_id"])
    attempt = attempt_queries.get(organization_id, ids["delivery_id"], _number(ids["number"]))
    if row is None or attempt is None:
        raise NotFound
    body = sent_body(organization_id, row.delivery)
    reader = reader_of(request, row)
    if reader is sent_requests.OPENED and request.method != "HEAD":
        content = body.content if body else None
        if sent_requests.contains_secrets([attempt], content):
            record_read_once(organization_id, request.actor, "delivery.reveal_secret", row.id)
    return Response(200, views.attempt(attempt, attempt.number, attempt.url, body, reader))


def _number(text: str) -> int:
    """NotFound: no attempt can have it."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= _MAX_NUMBER):
        raise NotFound
    return int(text)


def _filter(query: dict[str, Any]) -> AttemptFilter:
    status, status_class = query["status_code"]
    outcome, cause = query["outcome"], query["cause"]
    return AttemptFilter(
        webhook_id=query["webhook_id"],
        event_id=query["event_id"],
        delivery_id=query["delivery_id"],
        succeeded=None if outcome is None else outcome == (SUCCEEDED,),
        status=status,
        status_class=status_class,
        cause=cause[0] if cause else None,
        types=() if query["event_type"] is None else (query["event_type"],),
        source=query["source"],
        since=query["since"],
        until=query["until"],
    )


def _end(turned: Turned) -> tuple[str | None, str | None]:
    """next_cursor and searched_to."""
    if turned.done or turned.last is None:
        return None, None
    return attempt_turns.encode_cursor(turned.last), iso(ms_of(turned.last))


ROUTES = (
    ApiRoute(
        "GET",
        PATH,
        index,
        "deliveries:read",
        operation="listAttempts",
        summary="List attempts, those of the newest delivery first, of each its last one first",
        tag="Attempts",
        responses={200: responses.SearchPage[schemas.ListedAttempt]},
        query=(*FILTERS, LIMIT, CURSOR),
    ),
    ApiRoute(
        "GET",
        ITEM,
        show,
        "deliveries:read",
        operation="getAttempt",
        summary="Get an attempt with its request and response",
        tag="Attempts",
        responses={200: responses.Attempt},
    ),
)
