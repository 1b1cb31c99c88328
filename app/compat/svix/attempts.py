"""Attempts: by endpoint, by message, and what they come to for each pair of both."""

from collections.abc import Iterable

from app.compat.common.views import Document
from app.compat.svix import endpoints, messages, translate
from app.compat.svix.common import ids, paging
from app.domain.common.errors import NotFound
from app.http.messages import Request, Response
from app.models import Attempt, Delivery, Event
from app.queries import webhooks as webhook_queries
from app.queries.common.turns import Turned
from app.queries.deliveries import attempt_turns, listing
from app.queries.deliveries import attempts as attempt_queries
from app.queries.deliveries import turns as delivery_turns
from app.queries.deliveries.attempt_filters import AttemptFilter, AttemptRow
from app.queries.events import listing as event_queries
from app.queries.events import turns as event_turns
from app.services.deliveries import actions, sent_requests

_CODE_CLASSES = (0, 100, 200, 300, 400, 500)


def by_endpoint(request: Request) -> Response:
    return _listed(request, webhook_id=endpoints.of_path(request).id)


def by_message(request: Request) -> Response:
    named = request.query_fields().get("endpoint_id")
    endpoint = endpoints.find(request.organization_id, named) if named else None
    if named and endpoint is None:
        raise NotFound("Entity not found.")
    webhook_id = None if endpoint is None else endpoint.id
    return _listed(request, webhook_id=webhook_id, event_id=messages.of_path(request).id)


def by_pair(request: Request) -> Response:
    """Those of a message at one endpoint, as clients 1.x ask for them."""
    webhook_id, event_id = endpoints.of_path(request).id, messages.of_path(request).id
    return _listed(request, webhook_id=webhook_id, event_id=event_id)


def _listed(
    request: Request, *, webhook_id: str | None = None, event_id: str | None = None
) -> Response:
    messages.refuse_tag(request)
    direction, limit = paging.turn_of(request, paging.read_attempt)
    status = paging.choice_of(request, "status", range(len(translate.STATUSES)))
    code_class = paging.choice_of(request, "status_code_class", _CODE_CLASSES)
    filters = AttemptFilter(
        webhook_id=webhook_id,
        event_id=event_id,
        succeeded=None if status is None else status == translate.SUCCESS,
        status_class=None if code_class is None else code_class // 100,
        types=paging.names_of(request, "event_types"),
        source=request.query_fields().get("channel") or None,
        since=paging.moment_of(request, "after"),
        until=paging.moment_of(request, "before"),
    )
    if status in (None, translate.SUCCESS, translate.FAIL):
        with_content = _with_content(request)
        turned = attempt_turns.page(
            request.organization_id, filters, direction, limit, with_bodies=with_content
        )
    else:
        # An attempt that is recorded has ended.
        turned, with_content = Turned([], None, None, done=True), False
    documents = _documents(request, turned.rows, with_content=with_content)
    return Response(200, paging.page(documents, turned, ids.ATTEMPT))


def _documents(
    request: Request, rows: Iterable[AttemptRow], *, with_content: bool
) -> list[Document]:
    pairs = list(rows)
    documents = [_document(r.attempt, r.delivery, with_content=with_content) for r in pairs]
    if paging.flag_of(request, "with_msg"):
        event_ids = [row.delivery.event_id for row in pairs]
        events = event_turns.of_ids(request.organization_id, event_ids, with_payloads=False)
        for document, event_id in zip(documents, event_ids, strict=True):
            if event_id in events:
                document["msg"] = messages.document(events[event_id], with_content=False)
    return documents


def show(request: Request) -> Response:
    attempt, delivery = _of_path(request)
    return Response(200, _document(attempt, delivery, with_content=True))


def _of_path(request: Request) -> tuple[Attempt, Delivery]:
    organization_id, event = request.organization_id, messages.of_path(request)
    key = ids.read_attempt(request.ids["attempt_id"])
    delivery = listing.find(organization_id, key[0]) if key else None
    if key is None or delivery is None or delivery.event_id != event.id:
        raise NotFound("Entity not found.")
    attempt = attempt_queries.get(organization_id, *key)
    if attempt is None:
        raise NotFound("Entity not found.")
    return attempt, delivery


def _document(attempt: Attempt, delivery: Delivery, *, with_content: bool) -> Document:
    webhook = webhook_queries.get_any(delivery.organization_id, delivery.webhook_id)
    reader = sent_requests.reader(webhook, shows_secrets=False)
    response = bytes(attempt.response_body or b"") if with_content else b""
    view = translate.AttemptView(
        delivery_id=delivery.id,
        number=attempt.number,
        webhook_id=delivery.webhook_id,
        event_id=delivery.event_id,
        url=reader.url(attempt.url),
        cause=attempt.cause,
        status=attempt.status,
        duration_us=attempt.total_us,
        started_at=attempt.started_at,
        response=response.decode("utf-8", "replace"),
    )
    return translate.attempt(view)


def attempted_messages(request: Request) -> Response:
    """An endpoint's messages, with how far each has come."""
    messages.refuse_tag(request)
    organization_id, webhook = request.organization_id, endpoints.of_path(request)
    direction, limit = paging.turn_of(request, paging.read_id(ids.DELIVERY))
    status = paging.choice_of(request, "status", range(len(translate.STATUSES)))
    turned = delivery_turns.page(
        organization_id,
        webhook.id,
        direction,
        limit,
        states=() if status is None else translate.STATES[status],
        types=paging.names_of(request, "event_types"),
        source=request.query_fields().get("channel") or None,
        since=paging.moment_of(request, "after"),
        until=paging.moment_of(request, "before"),
    )
    with_content = _with_content(request)
    event_ids = [delivery.event_id for delivery in turned.rows]
    events = event_turns.of_ids(organization_id, event_ids, with_payloads=with_content)
    documents = [
        _sending(request, row) | _message(events, row.delivery, with_content=with_content)
        for row in listing.rows_of(turned.rows)
    ]
    return Response(200, paging.page(documents, turned, ids.DELIVERY))


def _message(events: dict[str, Event], delivery: Delivery, *, with_content: bool) -> Document:
    return messages.document(events[delivery.event_id], with_content=with_content)


def attempted_endpoints(request: Request) -> Response:
    """A message's endpoints, with how far each has come."""
    direction, limit = paging.turn_of(request, paging.read_id(ids.DELIVERY))
    organization_id, event = request.organization_id, messages.of_path(request)
    rows = event_queries.deliveries_of(organization_id, event.id)
    turned = paging.sliced(rows, lambda row: row.id, direction, limit)
    documents = []
    for row in turned.rows:
        webhook = webhook_queries.get_any(organization_id, row.delivery.webhook_id)
        if webhook is not None and row.webhook_id is not None:
            documents.append(endpoints.document(webhook) | _sending(request, row))
    return Response(200, paging.page(documents, turned, ids.DELIVERY))


def _sending(request: Request, row: listing.DeliveryRow) -> Document:
    expanded = paging.flag_of(request, "expanded_statuses")
    return translate.sending(row.state, row.next_attempt_at, expanded=expanded)


def resend(request: Request) -> Response:
    organization_id, event = request.organization_id, messages.of_path(request)
    webhook = endpoints.of_path(request)
    rows = event_queries.deliveries_of(organization_id, event.id)
    own = [row for row in rows if row.delivery.webhook_id == webhook.id]
    if not own:
        raise NotFound("The message has no delivery to this endpoint: use replay-missing.")
    actions.resend(organization_id, own[-1].id, request.actor)
    return Response(202, {})


def _with_content(request: Request) -> bool:
    return paging.flag_of(request, "with_content", default=True)
