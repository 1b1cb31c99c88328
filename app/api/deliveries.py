"""/api/v1/deliveries: what became of each event for each webhook."""

from collections.abc import Callable
from typing import Any

from app.api.paging import CURSOR, LIMIT, SINCE, UNTIL
from app.api.parameters import Parameter, choices, flag, identifier, read_document, text
from app.api.route import PREFIX, Answer, Call, Route
from app.api.schemas import requests as inputs
from app.api.schemas import responses as shapes
from app.api.views import rows as views
from app.domain.common.errors import NotFound, invalid
from app.domain.deliveries import masking as concealing
from app.domain.deliveries.causes import CAUSES
from app.domain.deliveries.masking import Masker
from app.domain.deliveries.states import CANCELLABLE, CANCELLED, FAILED, RESENDABLE, SKIPPED, STATES
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


def index(call: Call) -> Answer:
    query = call.query
    wanted = _filter(query)
    found = found_deliveries.page(call.organization_id, wanted, query["limit"], query["cursor"])
    return Answer(200, views.page(found, views.listed_delivery))


def show(call: Call) -> Answer:
    return _shown(call, call.ids["delivery_id"], 200)


def resend(call: Call) -> Answer:
    row = deliveries.resend(call.organization_id, call.ids["delivery_id"], call.actor)
    return _shown(call, row.id, 202)


def cancel(call: Call) -> Answer:
    row = deliveries.cancel(call.organization_id, call.ids["delivery_id"], call.actor)
    return _shown(call, row.id, 200)


def resend_many(call: Call) -> Answer:
    return _act_on_set(call, RESENT_STATES, deliveries.resend_many)


def cancel_many(call: Call) -> Answer:
    return _act_on_set(call, CANCELLED_STATES, deliveries.cancel_many)


def _act_on_set(call: Call, states: Parameter, act: Callable[..., int]) -> Answer:
    document = call.document()
    values = read_document((states, *FILTERS, DRY_RUN), document)
    if not any(document.get(each.name) is not None for each in (states, *FILTERS)):
        listed = ", ".join(each.name for each in (states, *FILTERS))
        raise invalid("", "required", "No filter is given.", f"Give at least one of {listed}.")
    dry_run = values["dry_run"]
    count = act(call.organization_id, _filter(values), call.actor, dry_run=dry_run)
    return Answer(200 if dry_run else 202, shapes.ActedOn(count, dry_run))


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


def _shown(call: Call, delivery_id: str, status: int) -> Answer:
    row = found_deliveries.get(call.organization_id, delivery_id)
    if row is None:
        raise NotFound
    made = list(map(sent.whole, found_deliveries.attempts(call.organization_id, delivery_id)))
    body = sent.body_of(call.organization_id, row.delivery) if made else None
    return Answer(status, views.delivery(row, made, body, _concealer(call, row)))


def _concealer(call: Call, row: DeliveryRow) -> Masker:
    """What a webhook's owner gave in confidence is for keys that manage webhooks."""
    if call.principal is not None and call.principal.allows("webhooks:manage"):
        return concealing.NOTHING
    return concealing.of(webhooks.get_any(call.organization_id, row.delivery.webhook_id))


ROUTES = (
    Route(
        "GET",
        f"{PREFIX}/deliveries",
        index,
        "List deliveries, newest first",
        "Deliveries",
        {200: shapes.Page[shapes.ListedDelivery]},
        "deliveries:read",
        query=(STATE, *FILTERS, LIMIT, CURSOR),
    ),
    Route(
        "GET",
        ONE,
        show,
        "One delivery with all its attempts",
        "Deliveries",
        {200: shapes.Delivery},
        "deliveries:read",
    ),
    Route(
        "POST",
        f"{ONE}/resend",
        resend,
        "Send a delivery again",
        "Deliveries",
        {202: shapes.Delivery},
        "deliveries:resend",
        errors=(409,),
    ),
    Route(
        "POST",
        f"{ONE}/cancel",
        cancel,
        "Stop a delivery that is still to be sent",
        "Deliveries",
        {200: shapes.Delivery},
        "deliveries:resend",
        errors=(409,),
    ),
    Route(
        "POST",
        f"{PREFIX}/deliveries/resend",
        resend_many,
        "Send a filtered set again, or count it",
        "Deliveries",
        {200: shapes.ActedOn, 202: shapes.ActedOn},
        "deliveries:resend",
        body=inputs.ResendInput,
    ),
    Route(
        "POST",
        f"{PREFIX}/deliveries/cancel",
        cancel_many,
        "Cancel a filtered set, or count it",
        "Deliveries",
        {200: shapes.ActedOn, 202: shapes.ActedOn},
        "deliveries:resend",
        body=inputs.CancelInput,
    ),
)
