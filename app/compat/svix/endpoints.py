"""/api/v1/app/<app_id>/endpoint: an endpoint is a webhook, usually with the preset `svix`."""

from app.compat.common.views import Document
from app.compat.svix import translate
from app.compat.svix.common import ids, paging
from app.compat.svix.common.fields import Body
from app.domain.common.errors import NotFound
from app.domain.common.uids import check_uid
from app.http.messages import Request, Response
from app.models import Webhook
from app.queries import webhooks as webhook_queries
from app.services.webhooks import own_ids
from app.services.webhooks import service as webhook_service

MAX_RATE = 1_000_000


def of_path(request: Request) -> Webhook:
    """The webhook that the path names by id or uid. NotFound."""
    row = find(request.organization_id, request.ids["endpoint_id"])
    if row is None:
        raise NotFound("Entity not found.")
    return row


def find(organization_id: str, text: str) -> Webhook | None:
    id_ = ids.read(ids.ENDPOINT, text)
    if id_ is not None:
        return webhook_queries.get(organization_id, id_)
    return webhook_queries.by_uid(organization_id, text)


def index(request: Request) -> Response:
    direction, limit = paging.turn_of(request, paging.read_id(ids.ENDPOINT))
    organization_id = request.organization_id
    outlines = webhook_queries.outlines(organization_id)[::-1]
    turned = paging.sliced(outlines, lambda outline: outline.id, direction, limit)
    rows = webhook_queries.of_ids(organization_id, [outline.id for outline in turned.rows])
    return Response(200, paging.page([document(row) for row in rows], turned, ids.ENDPOINT))


def create(request: Request) -> Response:
    return _created(request, Body(request.fields), None)


def _created(request: Request, body: Body, default_uid: str | None) -> Response:
    native = _read(body) | {"preset": translate.PRESET}
    if secret := body.text("secret"):
        native["secret"] = translate.secret(secret)
    if headers := body.pairs("headers"):
        native |= translate.headers(headers)
    uid = body.uid() or default_uid
    body.done()
    set_fields = {name: value for name, value in native.items() if value is not None}
    row = webhook_service.create(request.organization_id, set_fields, request.actor, uid=uid)
    return Response(201, document(row))


def show(request: Request) -> Response:
    return Response(200, document(of_path(request)))


def put(request: Request) -> Response:
    """Replaces what the document shows; secret and headers are kept. Creates an endpoint that does
    not exist; a uid in the path becomes its uid."""
    body, path = Body(request.fields), request.ids["endpoint_id"]
    row = find(request.organization_id, path)
    if row is not None:
        native, uid = _read(body), body.uid()
        body.done()
        return Response(200, document(_updated(request, row, native, uid)))
    if ids.read(ids.ENDPOINT, path) is not None:
        raise NotFound("Entity not found.")
    return _created(request, body, check_uid(path))


def patch(request: Request) -> Response:
    row, body = of_path(request), Body(request.fields)
    native = {name: value for name, value in _read(body).items() if _is_sent(body, name)}
    uid = body.uid() if body.has("uid") else row.uid
    body.done()
    return Response(200, document(_updated(request, row, native, uid)))


def delete(request: Request) -> Response:
    webhook_service.delete(request.organization_id, of_path(request).id, request.actor)
    return Response(204)


def _updated(request: Request, row: Webhook, native: Document, uid: str | None) -> Webhook:
    organization_id = request.organization_id
    if uid != row.uid:
        # First, because another webhook may have it.
        own_ids.change(organization_id, row.id, uid, request.actor)
    return webhook_service.update(organization_id, row.id, native, request.actor)


# Native settings, and the fields of clients 1.x and 2.x.
_NAMES = {
    "url": ("url",),
    "description": ("description",),
    "is_active": ("disabled",),
    "event_types": ("eventTypes", "filterTypes"),
    "sources": ("channels",),
    "rate_limit_per_second": ("throttleRate", "rateLimit"),
    "metadata": ("metadata",),
}


def _is_sent(body: Body, native: str) -> bool:
    return any(body.has(name) for name in _NAMES[native])


def _read(body: Body) -> Document:
    """All native settings that an endpoint shows; None: the default."""
    event_types, rate = (
        next((name for name in _NAMES[native] if body.has(name)), _NAMES[native][0])
        for native in ("event_types", "rate_limit_per_second")
    )
    return {
        "url": body.text("url") or None,
        "description": body.text("description") or None,
        "is_active": not body.flag("disabled"),
        "event_types": body.strings(event_types),
        "sources": body.strings("channels"),
        "rate_limit_per_second": body.whole(rate, 1, MAX_RATE),
        "metadata": body.pairs("metadata"),
    }


def document(row: Webhook) -> Document:
    view = translate.EndpointView(
        id=row.id,
        uid=row.uid,
        url=row.url,
        description=row.description or row.name,
        is_active=row.is_active,
        event_types=row.event_types,
        sources=row.sources,
        rate=row.rate_limit_per_second,
        metadata=row.meta,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
    return translate.endpoint(view)
