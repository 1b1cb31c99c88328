"""/v1/webhook: webhooks of channels."""

from app.compat.common import listing
from app.compat.common.dialect import Dialect
from app.compat.common.views import Document
from app.compat.common.webhooks import MANAGE, WebhookResource
from app.compat.live_channel import errors, translate
from app.domain.event_types.names import is_name
from app.http.bodies import FieldsBody
from app.http.messages import Request, Response
from app.http.routes import Route
from app.models import Webhook
from app.queries import webhooks as webhook_queries
from app.queries.event_types import catalogue as event_type_queries
from app.services.webhooks import service as webhook_service

COLLECTION = "/v1/webhook"
ITEM = f"{COLLECTION}/<webhook_id>"

_LAST_PAGE = 10**9
# As many names of event types as an error lists.
_NAMES_SHOWN = 30
_NOT_DELETED = '299 - "GET removes no events; send DELETE with the same query"'


class _NoEventsLeft(Exception):
    """The request removes every event type of the webhook."""


def index(request: Request) -> Response:
    query = request.query_fields()
    page = listing.whole_number(query, "page", 0, 0, _LAST_PAGE)
    length = listing.whole_number(query, "length", 10, 1, 100)
    outlines = webhook_queries.outlines(request.organization_id)
    if query.get("event"):
        names = translate.names(_query_events(request))
        outlines = [outline for outline in outlines if translate.matches_any(outline, names)]
    rows = listing.rows_of(request.organization_id, outlines, page * length, length)
    data = WEBHOOKS.documents(rows)
    document = {"data": data, "total": len(outlines), "length": len(data), "page": page}
    return Response(200, document)


def delete(request: Request) -> Response:
    """Delete the webhook, or only the events that the query or the body names."""
    webhook_id, events = request.ids["webhook_id"], request.fields.get("event")
    is_partial = "event" in request.fields
    if in_query := _query_events(request):
        events, is_partial = in_query, True
    if is_partial:
        _unsubscribe(request, webhook_id, translate.names(events))
    else:
        webhook_service.delete(request.organization_id, webhook_id, request.actor)
    return Response(200, {})


def _unsubscribe(request: Request, webhook_id: str, names: list[str]) -> None:
    organization_id, actor = request.organization_id, request.actor

    def remaining(row: Webhook) -> Document:
        event_types = translate.remaining(WEBHOOKS.view(row), names)
        if not event_types:
            raise _NoEventsLeft
        return {"event_types": event_types}

    try:
        webhook_service.update(organization_id, webhook_id, remaining, actor)
    except _NoEventsLeft:
        webhook_service.delete(organization_id, webhook_id, actor)


def _check_events(request: Request, webhook: Webhook | None) -> None:
    """New event types must exist in the catalogue, so that a typo does not create a webhook
    that never matches."""
    value = request.fields.get("event")
    forced = request.fields.get("force", request.query_fields().get("force"))
    if value is None or translate.is_forced(forced):
        return
    kept = () if webhook is None else webhook.event_types or ()
    new = [name for name in translate.names(value) if name not in kept]
    unknown = [n for n in new if n != translate.ALL and n not in translate.EXISTING and is_name(n)]
    in_catalogue = event_type_queries.get_many(request.organization_id, unknown) if unknown else {}
    if unknown := [name for name in unknown if name not in in_catalogue]:
        own = event_type_queries.names(request.organization_id, _NAMES_SHOWN)
        existing = dict.fromkeys((*translate.KNOWN, *own))
        raise translate.unknown_events(unknown[:_NAMES_SHOWN], list(existing)[:_NAMES_SHOWN])


def _shown(request: Request, document: Document) -> Response:
    """The original's document has GET where it means DELETE; here it only shows the webhook."""
    headers = (("Warning", _NOT_DELETED),) if _query_events(request) else ()
    return Response(200, document, headers)


def _query_events(request: Request) -> list[str]:
    return [value for name, value in request.query_pairs() if name == "event"]


def _created(_: Request, document: Document) -> Response:
    return Response(200, document)


WEBHOOKS = WebhookResource(
    collection=COLLECTION,
    item=ITEM,
    to_create=translate.to_create,
    to_update=translate.to_update,
    render=translate.render,
    index=index,
    lists=("event",),
    created=_created,
    shown=_shown,
    check=_check_events,
    delete=Route("DELETE", ITEM, delete, MANAGE, body=FieldsBody(("event",))),
)

DIALECT = Dialect(
    name="live_channel",
    unmatched=("/v1", "/v1/<rest:rest>"),
    error=errors.render,
    webhooks=WEBHOOKS,
)
