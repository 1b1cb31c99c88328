"""/api/v1/deliveries: what became of each event for each webhook."""

from collections.abc import Callable
from typing import Any

from app.api.routes import CURSOR, LIMIT, PREFIX, SINCE, UNTIL, ApiRoute
from app.api.schemas import requests as inputs
from app.api.schemas import responses as shapes
from app.api.views import rows as views
from app.domain.common.errors import NotFound, invalid
from app.domain.deliveries import masking as concealing
from app.domain.deliveries.causes import CAUSES
from app.domain.deliveries.masking import Masker
from app.domain.deliveries.states import CANCELLABLE, CANCELLED, FAILED, RESENDABLE, SKIPPED, STATES
from app.http.bodies import JsonBody
from app.http.messages import Request, Response
from app.http.parameters import Parameter, choices, flag, identifier, read_document, text
from app.queries import webhooks
from app.queries.deliveries import listing as found_deliveries
from app.queries.deliveries.listing import DeliveryFilter, DeliveryRow
from app.services.deliveries import actions as deliveries
from app.services.deliveries import sent_requests as sent

ONE = f"{PREFIX}/deliveries/<delivery_id>"


def _status_code() -> Parameter:
    """A status such as 503, or a class of them such as 5xx; the value is (status, class)."""

    def parse(given: str) -> tuple[int | None, int | None]:
        if len(given) == 3 and given.isascii() and given[0] in "12345":
            if given.isdigit():
                return int(given), None
            if given[1:] == "xx":
                return None, int(given[0])
        raise ValueError("Give a status such as 503, or a class such as 5xx.")

    schema = {"type": "string", "pattern": "^[1-5]([0-9][0-9]|xx)$"}
    return Parameter("status_code", "Of the last answer: 503, or 5xx.", schema, parse, (None, None))


FILTERS = (
    identifier("webhook_id", "The webhook."),
    identifier("event_id", "The event."),
    text("event_type", "The event type."),
    text("source", "The event's source."),
    _status_code(),
    choices("cause", sorted(CAUSES), "The cause of the last attempt's failure.", many=False),
    SINCE,
    UNTIL,
    text("q", "An id, the producer's own id, or text in the payload."),
)
STATE = choices("state", list(STATES), "One or several states.")
# Sending what has succeeded once more is done only for whoever asks for it by name.
RESENT_STATES = choices("state", sorted(RESENDABLE), "Which states.", (FAILED, CANCELLED, SKIPPED))
CANCELLED_STATES = choices("state", sorted(CANCELLABLE), "Which states.")
DRY_RUN = flag("dry_run", "Only count.")


def index(request: Request) -> Response:
    query = request.query
    wanted = _filter(query)
    found = found_deliveries.page(request.organization_id, wanted, query["limit"], query["cursor"])
    return Response(200, views.page(found, views.listed_delivery))


def show(request: Request) -> Response:
    return _shown(request, request.ids["delivery_id"], 200)


def resend(request: Request) -> Response:
    row = deliveries.resend(request.organization_id, request.ids["delivery_id"], request.actor)
    return _shown(request, row.id, 202)


def cancel(request: Request) -> Response:
    row = deliveries.cancel(request.organization_id, request.ids["delivery_id"], request.actor)
    return _shown(request, row.id, 200)


def resend_many(request: Request) -> Response:
    return _act_on_set(request, RESENT_STATES, deliveries.resend_many)


def cancel_many(request: Request) -> Response:
    return _act_on_set(request, CANCELLED_STATES, deliveries.cancel_many)


def _act_on_set(request: Request, states: Parameter, act: Callable[..., int]) -> Response:
    document = request.document()
    values = read_document((states, *FILTERS, DRY_RUN), document)
    if not any(document.get(each.name) is not None for each in (states, *FILTERS)):
        listed = ", ".join(each.name for each in (states, *FILTERS))
        raise invalid("", "required", "No filter is given.", f"Give at least one of {listed}.")
    dry_run = values["dry_run"]
    count = act(request.organization_id, _filter(values), request.actor, dry_run=dry_run)
    return Response(200 if dry_run else 202, shapes.ActedOn(count, dry_run))


def _filter(values: dict[str, Any]) -> DeliveryFilter:
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
    )


def _shown(request: Request, delivery_id: str, status: int) -> Response:
    row = found_deliveries.get(request.organization_id, delivery_id)
    if row is None:
        raise NotFound
    made = list(map(sent.whole, found_deliveries.attempts(request.organization_id, delivery_id)))
    body = sent.body_of(request.organization_id, row.delivery) if made else None
    return Response(status, views.delivery(row, made, body, _concealer(request, row)))


def _concealer(request: Request, row: DeliveryRow) -> Masker:
    """What a webhook's owner gave in confidence is for keys that manage webhooks."""
    if request.principal is not None and request.principal.allows("webhooks:manage"):
        return concealing.NOTHING
    return concealing.of(webhooks.get_any(request.organization_id, row.delivery.webhook_id))


ROUTES = (
    ApiRoute(
        "GET",
        f"{PREFIX}/deliveries",
        index,
        "deliveries:read",
        summary="List deliveries, newest first",
        tag="Deliveries",
        responses={200: shapes.Page[shapes.ListedDelivery]},
        query=(STATE, *FILTERS, LIMIT, CURSOR),
    ),
    ApiRoute(
        "GET",
        ONE,
        show,
        "deliveries:read",
        summary="One delivery with all its attempts",
        tag="Deliveries",
        responses={200: shapes.Delivery},
    ),
    ApiRoute(
        "POST",
        f"{ONE}/resend",
        resend,
        "deliveries:resend",
        summary="Send a delivery again",
        tag="Deliveries",
        responses={202: shapes.Delivery},
        errors=(409,),
    ),
    ApiRoute(
        "POST",
        f"{ONE}/cancel",
        cancel,
        "deliveries:resend",
        summary="Stop a delivery that is still to be sent",
        tag="Deliveries",
        responses={200: shapes.Delivery},
        errors=(409,),
    ),
    ApiRoute(
        "POST",
        f"{PREFIX}/deliveries/resend",
        resend_many,
        "deliveries:resend",
        summary="Send a filtered set again, or count it",
        tag="Deliveries",
        responses={200: shapes.ActedOn, 202: shapes.ActedOn},
        body=JsonBody(inputs.ResendInput),
    ),
    ApiRoute(
        "POST",
        f"{PREFIX}/deliveries/cancel",
        cancel_many,
        "deliveries:resend",
        summary="Cancel a filtered set, or count it",
        tag="Deliveries",
        responses={200: shapes.ActedOn, 202: shapes.ActedOn},
        body=JsonBody(inputs.CancelInput),
    ),
)
