"""/api/v1/webhooks: create, list, read, change and delete webhooks."""

import re
from typing import Any

import msgspec

from app.api.common.routes import CURSOR, LIMIT, PREFIX, ApiRoute
from app.api.schemas import requests
from app.api.schemas import responses as schemas
from app.api.views import rows as views
from app.domain.common.errors import FieldError, Invalid, NotFound
from app.domain.common.uids import check_uid
from app.domain.webhooks.settings.completion import FIELDS
from app.http.bodies import JsonBody
from app.http.messages import Request, Response
from app.http.parameters import Parameter, flag, text
from app.models import Webhook
from app.queries import webhooks as webhook_queries
from app.services.webhooks import service as webhook_service
from app.services.webhooks.own_ids import KEPT, Kept, Uid
from app.services.webhooks.reveals import shown_secrets

SCOPE = "webhooks:manage"
READ_ONLY = frozenset(schemas.Webhook.__struct_fields__).difference(FIELDS, {"uid"})
ITEM = f"{PREFIX}/webhooks/<webhook_id>"
PAIR = re.compile(r"([A-Za-z0-9_.-]{1,100}):([^\x00-\x1f\x7f]{1,400})")


def _read_pair(text: str) -> tuple[str, str]:
    pair = PAIR.fullmatch(text)
    if pair is None:
        raise ValueError("Use a name and a value such as team:video.")
    return pair[1], pair[2]


METADATA = Parameter(
    "metadata",
    "A name and its value in the metadata, a string: `team:video`.",
    {"type": "string", "pattern": r"^[A-Za-z0-9_.-]{1,100}:[^\x00-\x1f\x7f]{1,400}$"},
    _read_pair,
)


def create(request: Request) -> Response:
    fields, uid = _without_uid(request.document())
    own = None if isinstance(uid, Kept) else uid
    row = webhook_service.create(request.organization_id, fields, request.actor, uid=own)
    location = ("Location", f"{PREFIX}/webhooks/{row.id}")
    return Response(201, _view(request, row), (location,))


def index(request: Request) -> Response:
    query = request.query
    page = webhook_queries.page(
        request.organization_id,
        query["limit"],
        query["cursor"],
        q=query["q"],
        metadata=query["metadata"],
        include_once=query["include_once"],
    )
    return Response(200, views.page(page, views.listed_webhook))


def show(request: Request) -> Response:
    row = webhook_queries.get(request.organization_id, request.ids["webhook_id"])
    if row is None:
        raise NotFound
    return Response(200, _view(request, row))


def change(request: Request) -> Response:
    return _update(request, replace=False)


def replace(request: Request) -> Response:
    return _update(request, replace=True)


def _update(request: Request, *, replace: bool) -> Response:
    fields, uid = _without_uid(_changes(request))
    row = webhook_service.update(
        request.organization_id,
        request.ids["webhook_id"],
        fields,
        request.actor,
        replace=replace,
        uid=uid,
    )
    return Response(200, _view(request, row))


def _without_uid(document: dict[str, Any]) -> tuple[dict[str, Any], Uid]:
    """The settings, and the uid. Invalid."""
    if "uid" not in document:
        return document, KEPT
    settings = {name: value for name, value in document.items() if name != "uid"}
    return settings, check_uid(document["uid"])


def _changes(request: Request) -> dict[str, Any]:
    """The settings in the body. Read-only fields may be there with their present values, so that a
    client can change the document of a GET and send it back."""
    document = request.document()
    read_only = READ_ONLY & document.keys()
    if not read_only:
        return document
    present = msgspec.to_builtins(show(request).document)
    remedy = "Omit it, or send its current value."
    errors = [
        FieldError(name, "read_only", "Read-only field.", remedy)
        for name in sorted(read_only)
        if document[name] != present[name]
    ]
    if errors:
        raise Invalid(errors)
    return {name: value for name, value in document.items() if name not in read_only}


def delete(request: Request) -> Response:
    webhook_service.delete(request.organization_id, request.ids["webhook_id"], request.actor)
    return Response(204)


def _view(request: Request, row: Webhook) -> schemas.Webhook:
    if request.method in ("HEAD", "POST"):
        # Nobody sees the one; the other shows what the caller has just set.
        return views.webhook(row, webhook_service.open_secrets(row))
    return views.webhook(row, shown_secrets(row, request.actor))


ROUTES = (
    ApiRoute(
        "POST",
        f"{PREFIX}/webhooks",
        create,
        SCOPE,
        operation="createWebhook",
        summary="Create a webhook",
        tag="Webhooks",
        responses={201: schemas.Webhook},
        body=JsonBody(requests.WebhookInput),
        errors=(409,),
    ),
    ApiRoute(
        "GET",
        f"{PREFIX}/webhooks",
        index,
        SCOPE,
        operation="listWebhooks",
        summary="List webhooks, newest first",
        tag="Webhooks",
        responses={200: schemas.Page[schemas.ListedWebhook]},
        query=(
            text("q", "Text in the name or the URL, or an ID."),
            METADATA,
            flag("include_once", "Include one-time webhooks."),
            LIMIT,
            CURSOR,
        ),
    ),
    ApiRoute(
        "GET",
        ITEM,
        show,
        SCOPE,
        operation="getWebhook",
        summary="Get a webhook",
        tag="Webhooks",
        responses={200: schemas.Webhook},
    ),
    ApiRoute(
        "PATCH",
        ITEM,
        change,
        SCOPE,
        operation="updateWebhook",
        summary="Change some settings of a webhook",
        tag="Webhooks",
        responses={200: schemas.Webhook},
        body=JsonBody(requests.WebhookChange),
        errors=(409,),
    ),
    ApiRoute(
        "PUT",
        ITEM,
        replace,
        SCOPE,
        operation="replaceWebhook",
        summary="Replace a webhook's settings, but keep secrets that are left out",
        tag="Webhooks",
        responses={200: schemas.Webhook},
        body=JsonBody(requests.WebhookInput),
        errors=(409,),
    ),
    ApiRoute(
        "DELETE",
        ITEM,
        delete,
        SCOPE,
        operation="deleteWebhook",
        summary="Delete a webhook",
        tag="Webhooks",
        responses={204: None},
    ),
)
