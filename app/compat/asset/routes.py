"""/api/v1/<organization_id>/webhooks: two fields of each webhook, seen and changed."""

from werkzeug.routing import BaseConverter

from app.compat.asset import translate
from app.compat.common import credentials, listing
from app.compat.common.dialect import Answer, Call, Dialect, Route
from app.compat.common.faults import Fault
from app.domain.common.errors import Forbidden, NotFound
from app.models import Webhook
from app.queries import webhooks as found_webhooks
from app.runtime.context import runtime
from app.services.webhooks import service as webhooks

LIST = "/api/v1/<organization:organization_id>/webhooks"
ONE = f"{LIST}/<webhook_id>"

# Where the native API's own paths begin: never an organization's id.
NATIVE = (
    "deliveries",
    "event-type-imports",
    "event-types",
    "events",
    "openapi.json",
    "organizations",
    "webhooks",
)


class OrganizationId(BaseConverter):
    """Whatever stands where an organization's id should, but for the native API's own words."""

    part_isolating = True
    regex = rf"(?!(?:{'|'.join(word.replace('.', '[.]') for word in NATIVE)})(?:/|\Z))[^/]+"


def create(call: Call) -> Answer:
    given = translate.given_of(call.fields()) | {"preset": "asset"}
    return Answer(201, _shown(webhooks.create(call.organization_id, given, call.actor)))


def index(call: Call) -> Answer:
    query = call.request.args.to_dict()
    found = found_webhooks.outlines(call.organization_id)
    window = translate.window_of(query)
    if window is None or (window.page != 1 and window.page and window.offset >= len(found)):
        raise Fault(404, "page", "Invalid page.")
    rows = map(_shown, listing.cut(call.organization_id, found, window.offset, window.limit))
    place = listing.base_url(call.request) + call.request.path
    return Answer(200, translate.listed(rows, len(found), window, place, query))


def show(call: Call) -> Answer:
    row = found_webhooks.get(call.organization_id, call.id())
    if row is None:
        raise NotFound
    return Answer(200, _shown(row))


def replace(call: Call) -> Answer:
    webhook_id = call.id()
    if found_webhooks.get(call.organization_id, webhook_id) is None:
        raise NotFound
    given = translate.given_of(call.fields())
    return Answer(200, _shown(webhooks.update(call.organization_id, webhook_id, given, call.actor)))


def delete(call: Call) -> Answer:
    webhooks.delete(call.organization_id, call.id(), call.actor)
    return Answer(204)


def _shown(row: Webhook) -> dict[str, object]:
    return translate.shown(row.id, row.url, runtime().vault.open_or_none(row.secret_token))


def _organization(call: Call) -> str:
    """Another's organization, and one that is none, are not told apart."""
    named = call.ids["organization_id"]
    try:
        return credentials.organization_of(call.request, call.principal, named)
    except (Forbidden, NotFound):
        raise Fault(404, "organization", translate.NO_SUCH_PATH) from None


DIALECT = Dialect(
    name="asset",
    routes=(
        Route("POST", LIST, create),
        Route("GET", LIST, index),
        Route("GET", ONE, show),
        Route("PUT", ONE, replace),
        Route("DELETE", ONE, delete),
    ),
    rest=(f"{LIST}/<other:rest>",),
    fault=translate.fault,
    organization=_organization,
    challenges=('Token realm="callboard"', 'Bearer realm="callboard"', 'Basic realm="callboard"'),
    converters=(("organization", OrganizationId),),
)
