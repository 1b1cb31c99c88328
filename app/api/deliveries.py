"""/api/v1/deliveries: list, read, resend and cancel deliveries."""

from collections.abc import Callable
from typing import Any

from app.api.common.routes import CURSOR, LIMIT, PREFIX, SINCE, UNTIL, VALUE, ApiRoute
from app.api.schemas import requests
from app.api.schemas import responses as schemas
from app.api.views import rows as views
from app.domain.common.errors import NotFound, invalid
from app.domain.deliveries.causes import CAUSES
from app.domain.deliveries.states import CANCELLABLE, CANCELLED, FAILED, RESENDABLE, SKIPPED, STATES
from app.http.bodies import JsonBody
from app.http.messages import Request, Response
from app.http.parameters import (
    Parameter,
    choices,
    flag,
    identifier,
    read_document,
    text,
)
from app.queries import webhooks as webhook_queries
from app.queries.deliveries import listing as delivery_queries
from app.queries.deliveries.listing import DeliveryFilter, DeliveryRow
from app.queries.deliveries.sent_bodies import sent_body
from app.services.audit.reads import record_read_once
from app.services.deliveries import actions, sent_requests
from app.services.deliveries.sent_requests import Reader

ITEM = f"{PREFIX}/deliveries/<delivery_id>"


def _status_code() -> Parameter:
    """A status such as 503 or a class such as 5xx; its value is (status, class)."""

    def parse(text: str) -> tuple[int | None, int | None]:
        if len(text) == 3 and text.isascii() and text[0] in "12345":
            if text.isdigit():
                return int(text), None
            if text[1:] == "xx":
                return None, int(text[0])
        raise ValueError("Use a status such as 503 or a class such as 5xx.")

    schema = {"type": "string", "pattern": "^[1-5]([0-9][0-9]|xx)$"}
    return Parameter(
        "status_code",
        "Status of the last response, such as 503 or 5xx.",
        schema,
        parse,
        (None, None),
    )


STATUS_CODE = _status_code()
FILTERS = (
    identifier("webhook_id", "The webhook."),
    identifier("event_id", "The event."),
    text("event_type", "The event type."),
    text("source", "The event's source."),
    STATUS_CODE,
    choices("cause", sorted(CAUSES), "Failure reason of the last attempt.", many=False),
    SINCE,
    UNTIL,
    text("q", "An ID, the producer's own ID, or text in the payload."),
    VALUE,
)
STATE = choices("state", list(STATES), "One or more states.")
# Succeeded deliveries are resent only if the request names that state.
RESENT_STATES = choices(
    "state", sorted(RESENDABLE), "One or more states.", (FAILED, CANCELLED, SKIPPED)
)
CANCELLED_STATES = choices("state", sorted(CANCELLABLE), "One or more states.")
DRY_RUN = flag("dry_run", "Only count.")


def index(request: Request) -> Response:
    query = request.query
    filters = filter_of(query)
    page = delivery_queries.page(request.organization_id, filters, query["limit"], query["cursor"])
    return Response(200, views.search_page(page, views.listed_delivery))


def show(request: Request) -> Response:
    return _response(request, request.ids["delivery_id"], 200)


def resend(request: Request) -> Response:
    delivery_id = request.ids["delivery_id"]
    actions.resend(request.organization_id, delivery_id, request.actor)
    return _response(request, delivery_id, 202)


def cancel(request: Request) -> Response:
    delivery_id = request.ids["delivery_id"]
    actions.cancel(request.organization_id, delivery_id, request.actor)
    return _response(request, delivery_id, 200)


def resend_many(request: Request) -> Response:
    return _act_on_set(request, RESENT_STATES, actions.resend_many)


def cancel_many(request: Request) -> Response:
    return _act_on_set(request, CANCELLED_STATES, actions.cancel_many)


def _act_on_set(request: Request, states: Parameter, act: Callable[..., int]) -> Response:
    document = request.document()
    values = read_document((states, *FILTERS, DRY_RUN), document)
    names = [parameter.name for parameter in (states, *FILTERS)]
    if not any(document.get(name) is not None for name in names):
        remedy = f"Send at least one of {', '.join(names)}."
        raise invalid("", "required", "A filter is required.", remedy)
    dry_run = values["dry_run"]
    count = act(request.organization_id, filter_of(values), request.actor, dry_run=dry_run)
    return Response(200 if dry_run else 202, schemas.BulkResult(count, dry_run))


def filter_of(values: dict[str, Any]) -> DeliveryFilter:
    status_code, status_class = values["status_code"]
    cause = values["cause"]
    return DeliveryFilter(
        states=values["state"] or (),
        webhook_id=values["webhook_id"],
        event_id=values["event_id"],
        event_type=values["event_type"],
        source=values["source"],
        status_code=status_code,
        status_class=status_class,
        cause=cause[0] if cause else None,
        since=values["since"],
        until=values["until"],
        q=values["q"],
        value=values["value"],
    )


def _response(request: Request, delivery_id: str, status: int) -> Response:
    organization_id = request.organization_id
    row = delivery_queries.get(organization_id, delivery_id)
    if row is None:
        raise NotFound
    rows = delivery_queries.attempts(organization_id, delivery_id)
    body = sent_body(organization_id, row.delivery) if rows else None
    reader = reader_of(request, row)
    if reader is sent_requests.OPENED and request.method != "HEAD":
        content = body.content if body else None
        if sent_requests.contains_secrets(rows, content):
            record_read_once(organization_id, request.actor, "delivery.reveal_secret", row.id)
    return Response(status, views.delivery(row, rows, body, reader))


def reader_of(request: Request, row: DeliveryRow) -> Reader:
    """Only keys that manage webhooks see the secrets that a webhook's owner set."""
    is_manager = request.principal is not None and request.principal.allows("webhooks:manage")
    webhook = webhook_queries.get_any(request.organization_id, row.delivery.webhook_id)
    return sent_requests.reader(webhook, shows_secrets=is_manager)


ROUTES = (
    ApiRoute(
        "GET",
        f"{PREFIX}/deliveries",
        index,
        "deliveries:read",
        operation="listDeliveries",
        summary="List deliveries, newest first",
        tag="Deliveries",
        responses={200: schemas.SearchPage[schemas.ListedDelivery]},
        query=(STATE, *FILTERS, LIMIT, CURSOR),
    ),
    ApiRoute(
        "GET",
        ITEM,
        show,
        "deliveries:read",
        operation="getDelivery",
        summary="Get a delivery with all its attempts",
        tag="Deliveries",
        responses={200: schemas.Delivery},
    ),
    ApiRoute(
        "POST",
        f"{ITEM}/resend",
        resend,
        "deliveries:resend",
        operation="resendDelivery",
        summary="Resend a delivery",
        tag="Deliveries",
        responses={202: schemas.Delivery},
        errors=(409,),
    ),
    ApiRoute(
        "POST",
        f"{ITEM}/cancel",
        cancel,
        "deliveries:resend",
        operation="cancelDelivery",
        summary="Cancel a delivery that is not finished",
        tag="Deliveries",
        responses={200: schemas.Delivery},
        errors=(409,),
    ),
    ApiRoute(
        "POST",
        f"{PREFIX}/deliveries/resend",
        resend_many,
        "deliveries:resend",
        operation="resendDeliveries",
        summary="Resend all deliveries that match filters, or count them",
        tag="Deliveries",
        responses={200: schemas.BulkResult, 202: schemas.BulkResult},
        body=JsonBody(requests.ResendInput),
        errors=(409,),
    ),
    ApiRoute(
        "POST",
        f"{PREFIX}/deliveries/cancel",
        cancel_many,
        "deliveries:resend",
        operation="cancelDeliveries",
        summary="Cancel all deliveries that match filters, or count them",
        tag="Deliveries",
        responses={200: schemas.BulkResult, 202: schemas.BulkResult},
        body=JsonBody(requests.CancelInput),
        errors=(409,),
    ),
)
