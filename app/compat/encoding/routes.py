"""/api/webhooks: what the encoding service's webhooks are managed and checked with."""

from app.compat.common import listing
from app.compat.common.dialect import Answer, Call, Dialect, Route
from app.compat.common.faults import Fault, writable
from app.compat.encoding import translate
from app.domain.common.errors import NotFound
from app.domain.common.ids import canonical_id
from app.domain.deliveries.causes import OK, cause_of_response, explain
from app.models import Webhook
from app.queries import webhooks as found_webhooks
from app.services.webhooks import service as webhooks
from app.services.webhooks import test_sends as checks

ALL = "/api/webhooks"
ONE = f"{ALL}/<webhook_id>"
CHECK = f"{ALL}/check/<webhook_id>"

PER_PAGE, MOST_PER_PAGE = 25, 100
_LAST = 10**15


def index(call: Call) -> Answer:
    offset = listing.whole_number(call.request, "offset", 0, 0, _LAST)
    limit = listing.whole_number(call.request, "limit", PER_PAGE, 0, MOST_PER_PAGE) or PER_PAGE
    outlines = found_webhooks.outlines(call.organization_id)
    found = translate.searched(outlines, call.request.args)
    rows = listing.cut(call.organization_id, found, offset, limit)
    return _success({"webhooks": [translate.shown(row) for row in rows], "total": len(found)})


def create(call: Call) -> Answer:
    given = translate.to_new(call.fields())
    row = webhooks.create(call.organization_id, given, call.actor)
    return _success({"webhook": translate.shown(row)}, 201)


def show(call: Call) -> Answer:
    row = found_webhooks.get(call.organization_id, _id(call))
    if row is None:
        raise NotFound
    return _success({"webhook": translate.shown(row)})


def update(call: Call) -> Answer:
    webhook_id, body = _id(call), call.fields()

    def changed(row: Webhook) -> translate.Document:
        return translate.to_change(body, row)

    webhooks.update(call.organization_id, webhook_id, changed, call.actor)
    return _done("Update webhook successfully.")


def delete(call: Call) -> Answer:
    webhooks.delete(call.organization_id, _id(call), call.actor)
    return _done("Deleted webhook successfully.")


def check(call: Call) -> Answer:
    result = checks.check(call.organization_id, _id(call), call.actor)
    if result.succeeded:
        return _done("Check webhook successfully.")
    outcome = result.outcome
    cause, status = outcome.cause, outcome.status
    if cause == OK and status is not None:
        # An answer came, whole, and its status is none of those that the webhook takes.
        cause = cause_of_response(status, accepted=False)
    raise Fault(400, "check_failed", writable(explain(cause, status, outcome.detail)))


def fault(found: Fault) -> Answer:
    """`{"status": "fail" or "error", "message": ...}`. The original has neither 415 nor 422: what
    cannot be read and what is wrong are both bad requests."""
    status = 400 if found.status in (415, 422) else found.status
    document = {"status": "fail" if status < 500 else "error", "message": found.message}
    if found.errors:
        document["message"], document["detail"] = translate.message(found.errors)
    elif found.code in ("malformed", "content_type"):
        document |= {"message": "Invalid request payload.", "detail": found.message}
    elif found.code == "not_found":
        document["message"] = "Webhook not found."
    return Answer(status, document)


def _id(call: Call) -> str:
    found = canonical_id(call.ids["webhook_id"])
    if found is None:
        raise Fault(400, "invalid", "Webhook's id is invalid.")
    return found


def _success(data: translate.Document, status: int = 200) -> Answer:
    return Answer(status, {"status": "success", "data": data})


def _done(message: str) -> Answer:
    return Answer(200, {"status": "success", "message": message})


DIALECT = Dialect(
    name="encoding",
    routes=(
        Route("GET", ALL, index),
        Route("POST", ALL, create),
        Route("GET", ONE, show),
        Route("PUT", ONE, update),
        Route("PATCH", ONE, update),
        Route("DELETE", ONE, delete),
        Route("POST", CHECK, check),
    ),
    rest=("/api", "/api/<other:rest>"),
    fault=fault,
    key_headers=("stream-public-key", "stream-secret-key"),
)
