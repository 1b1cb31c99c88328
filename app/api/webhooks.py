"""/api/v1/webhooks: create, read, change and check webhooks."""

from typing import Any

import msgspec

from app.api.common.fields import OVERLAP, Fields, optional_text
from app.api.common.routes import CURSOR, LIMIT, PREFIX, ApiRoute
from app.api.schemas import requests
from app.api.schemas import responses as schemas
from app.api.views import rows as views
from app.api.views.attempts import attempt
from app.domain.common.errors import FieldError, Invalid, NotFound
from app.domain.deliveries.causes import OK, cause_of_response
from app.domain.webhooks.settings.completion import FIELDS
from app.http.bodies import JsonBody
from app.http.messages import Request, Response
from app.http.parameters import flag, text
from app.models import Webhook
from app.queries import webhooks as webhook_queries
from app.services.webhooks import rotation, test_sends
from app.services.webhooks import service as webhook_service
from app.services.webhooks.reveals import reveal_secrets, shown_secrets

SCOPE = "webhooks:manage"
READ_ONLY = frozenset(schemas.Webhook.__struct_fields__).difference(FIELDS)
ITEM = f"{PREFIX}/webhooks/<webhook_id>"


def create(request: Request) -> Response:
    row = webhook_service.create(request.organization_id, request.document(), request.actor)
    location = ("Location", f"{PREFIX}/webhooks/{row.id}")
    return Response(201, _view(request, row), (location,))


def index(request: Request) -> Response:
    query = request.query
    page = webhook_queries.page(
        request.organization_id,
        query["limit"],
        query["cursor"],
        q=query["q"],
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
    row = webhook_service.update(
        request.organization_id,
        request.ids["webhook_id"],
        _changes(request),
        request.actor,
        replace=replace,
    )
    return Response(200, _view(request, row))


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


def check(request: Request) -> Response:
    webhook_id = request.ids["webhook_id"]
    result = test_sends.check(request.organization_id, webhook_id, request.actor)
    composed, outcome = result.composed, result.outcome
    if outcome.cause == OK and outcome.status is not None:
        cause = cause_of_response(outcome.status, accepted=result.succeeded)
        outcome = msgspec.structs.replace(outcome, cause=cause)
    url, body = (composed.url, composed.rendered) if composed else ("", None)
    view = attempt(outcome, 1, url, body)
    return Response(200, schemas.CheckResult(result.succeeded, result.event_type, view))


def rotate(request: Request) -> Response:
    fields = Fields(request.document(optional=True), ("overlap_seconds", "secret"))
    overlap_seconds = fields.take("overlap_seconds", OVERLAP) or 0
    own_secret = fields.take("secret", optional_text(200))
    fields.done()
    secret = rotation.rotate_secret(
        request.organization_id,
        request.ids["webhook_id"],
        request.actor,
        overlap_seconds,
        own_secret,
    )
    return Response(200, schemas.Secret(secret))


def end_overlap(request: Request) -> Response:
    rotation.end_overlap(request.organization_id, request.ids["webhook_id"], request.actor)
    return Response(204)


def secret(request: Request) -> Response:
    webhook_id = request.ids["webhook_id"]
    # HEAD shows nothing, so it must not be recorded as a reveal.
    if request.method == "HEAD":
        secrets = webhook_service.secrets_of(request.organization_id, webhook_id)
    else:
        secrets = reveal_secrets(request.organization_id, webhook_id, request.actor)
    return Response(200, schemas.Secret(secrets.current))


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
    ApiRoute(
        "POST",
        f"{ITEM}/check",
        check,
        SCOPE,
        operation="testWebhook",
        summary="Send a sample event now, once, and return the receiver's response",
        tag="Webhooks",
        responses={200: schemas.CheckResult},
    ),
    ApiRoute(
        "POST",
        f"{ITEM}/rotate-secret",
        rotate,
        SCOPE,
        operation="rotateWebhookSecret",
        summary="Rotate the signing secret",
        tag="Webhooks",
        responses={200: schemas.Secret},
        body=JsonBody(requests.RotateInput, optional=True),
    ),
    ApiRoute(
        "POST",
        f"{ITEM}/end-secret-overlap",
        end_overlap,
        SCOPE,
        operation="endWebhookSecretOverlap",
        summary="Revoke the previous signing secret, which is valid for a while after a rotation",
        tag="Webhooks",
        responses={204: None},
        errors=(409,),
    ),
    ApiRoute(
        "GET",
        f"{ITEM}/secret",
        secret,
        SCOPE,
        operation="getWebhookSecret",
        summary="Get the signing secret",
        tag="Webhooks",
        responses={200: schemas.Secret},
    ),
)
