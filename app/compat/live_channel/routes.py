"""/v1/webhook: what channels' webhooks are managed with."""

from app.compat.common import listing
from app.compat.common.dialect import Answer, Call, Dialect, Route
from app.compat.common.faults import Fault
from app.compat.live_channel import translate
from app.domain.common.errors import NotFound
from app.models import Webhook
from app.queries import webhooks as found_webhooks
from app.services.webhooks import service as webhooks

ALL = "/v1/webhook"
ONE = f"{ALL}/<webhook_id>"

_LAST_PAGE = 10**9


class _NothingLeftError(Exception):
    """The last of its events was taken from a webhook."""


def index(call: Call) -> Answer:
    request = call.request
    page = listing.whole_number(request, "page", 0, 0, _LAST_PAGE)
    length = listing.whole_number(request, "length", 10, 1, 100)
    found = found_webhooks.outlines(call.organization_id)
    if request.args.get("event", ""):
        wanted = translate.names(request.args.getlist("event"))
        found = [outline for outline in found if translate.takes_any(outline, wanted)]
    rows = listing.cut(call.organization_id, found, page * length, length)
    data = [translate.shown(row) for row in rows]
    return Answer(200, {"data": data, "total": len(found), "length": len(data), "page": page})


def create(call: Call) -> Answer:
    given = translate.to_new(call.fields("event"))
    return _shown(webhooks.create(call.organization_id, given, call.actor))


def show(call: Call) -> Answer:
    row = found_webhooks.get(call.organization_id, call.id())
    if row is None:
        raise NotFound
    return _shown(row)


def update(call: Call) -> Answer:
    webhook_id = call.id()
    given = translate.to_ours(call.fields("event"))
    return _shown(webhooks.update(call.organization_id, webhook_id, given, call.actor))


def delete(call: Call) -> Answer:
    """The webhook, or only the events that are named, in the query or in the body."""
    webhook_id = call.id()
    body = call.fields("event")
    if "event" in call.request.args:
        body["event"] = call.request.args.getlist("event")
    if "event" in body:
        _unsubscribe(call, webhook_id, translate.names(body["event"]))
    else:
        webhooks.delete(call.organization_id, webhook_id, call.actor)
    return Answer(200, {})


def _unsubscribe(call: Call, webhook_id: str, gone: list[str]) -> None:
    def narrowed(row: Webhook) -> dict[str, list[str]]:
        rest = translate.left(row, gone)
        if not rest:
            raise _NothingLeftError
        return {"event_types": rest}

    try:
        webhooks.update(call.organization_id, webhook_id, narrowed, call.actor)
    except _NothingLeftError:
        webhooks.delete(call.organization_id, webhook_id, call.actor)


def fault(found: Fault) -> Answer:
    """`{"ec": <status>, "msg": ...}`. The original has no 415: such a body is a bad request."""
    status = 400 if found.status == 415 else found.status
    said = translate.message(found.errors) if found.errors else found.message
    if found.code == "not_found":
        said = "Webhook not found."
    return Answer(status, {"ec": status, "msg": said})


def _shown(row: Webhook) -> Answer:
    return Answer(200, translate.shown(row))


DIALECT = Dialect(
    name="live_channel",
    routes=(
        Route("GET", ALL, index),
        Route("POST", ALL, create),
        Route("GET", ONE, show),
        Route("PUT", ONE, update),
        Route("DELETE", ONE, delete),
    ),
    rest=("/v1", "/v1/<other:rest>"),
    fault=fault,
)
