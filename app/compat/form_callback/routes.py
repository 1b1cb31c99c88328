"""/webhooks.json and /webhooks/<id>.json: what a Rails scaffold answers."""

from typing import Any

from app.compat.common import listing
from app.compat.common.dialect import Answer, Call, Dialect, Route
from app.compat.common.faults import Fault
from app.compat.form_callback import translate
from app.domain.common.errors import NotFound
from app.models import Webhook
from app.queries import webhooks as found_webhooks
from app.runtime.context import runtime
from app.services.webhooks import service as webhooks

PER_PAGE = 20
MOST_PER_PAGE = 1000

ALL = "/webhooks.json"
ONE = "/webhooks/<other:webhook_id>.json"


def index(call: Call) -> Answer:
    """Page and number a page as the original's pager takes them: what is none is the default."""
    page, per = (_number(call.request.args.get(name, "")) for name in ("page", "per"))
    per = min(per or PER_PAGE, MOST_PER_PAGE)
    outlines = found_webhooks.outlines(call.organization_id)
    rows = listing.cut(call.organization_id, outlines, (max(page, 1) - 1) * per, per)
    return Answer(200, [_shown(row) for row in rows])


def create(call: Call) -> Answer:
    given = translate.to_new(translate.attributes(call.fields()))
    row = webhooks.create(call.organization_id, given, call.actor)
    location = f"{listing.base_url(call.request)}/webhooks/{row.id}.json"
    return Answer(201, _shown(row), (("Location", location),))


def show(call: Call) -> Answer:
    row = found_webhooks.get(call.organization_id, call.id())
    if row is None:
        raise NotFound
    return Answer(200, _shown(row))


def update(call: Call) -> Answer:
    webhook_id = call.id()
    given = translate.to_ours(translate.attributes(call.fields()))
    row = webhooks.update(call.organization_id, webhook_id, given, call.actor)
    return Answer(200, _shown(row))


def delete(call: Call) -> Answer:
    webhooks.delete(call.organization_id, call.id(), call.actor)
    return Answer(204)


def fault(found: Fault) -> Answer:
    """`{field: [messages]}` for fields, `{"error": ...}` for all else."""
    if found.errors:
        return Answer(422, translate.messages(found.errors))
    said = "Not Found" if found.code == "not_found" else found.message
    return Answer(found.status, {"error": said})


def _shown(row: Webhook) -> dict[str, Any]:
    return translate.shown(row, runtime().vault.open_or_none(row.api_key))


def _number(text: str) -> int:
    """0 for what is no number, or a number that no list is long enough for."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


DIALECT = Dialect(
    name="form_callback",
    routes=(
        Route("GET", ALL, index),
        Route("POST", ALL, create),
        Route("GET", ONE, show),
        Route("PUT", ONE, update),
        Route("PATCH", ONE, update),
        Route("DELETE", ONE, delete),
    ),
    rest=(f"{ALL}/<other:rest>",),
    fault=fault,
)
