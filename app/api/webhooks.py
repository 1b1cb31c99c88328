"""/api/v1/webhooks: what consumers register."""

from dataclasses import replace as replace_in
from typing import Any

import msgspec

from app.api import fields
from app.api.routes import CURSOR, LIMIT, PREFIX, ApiRoute
from app.api.schemas import requests as inputs
from app.api.schemas import responses as shapes
from app.api.views import rows as views
from app.api.views.attempts import attempt
from app.domain.common.errors import FieldError, Invalid, NotFound
from app.domain.deliveries.causes import OK, cause_of_response
from app.domain.webhooks.settings.completion import FIELDS
from app.http.bodies import JsonBody
from app.http.messages import Request, Response
from app.http.parameters import flag, text
from app.models import Webhook
from app.queries import webhooks as found_webhooks
from app.services.webhooks import service as webhooks
from app.services.webhooks import test_sends as checks

SCOPE = "webhooks:manage"
READ_ONLY = frozenset(shapes.Webhook.__struct_fields__).difference(FIELDS)
ONE = f"{PREFIX}/webhooks/<webhook_id>"


def create(request: Request) -> Response:
    row = webhooks.create(request.organization_id, request.document(), request.actor)
    location = ("Location", f"{PREFIX}/webhooks/{row.id}")
    return Response(201, _shown(request, row), (location,))


def index(request: Request) -> Response:
    query = request.query
    page = found_webhooks.page(
        request.organization_id,
        query["limit"],
        query["cursor"],
        q=query["q"],
        include_once=query["include_once"],
    )
    return Response(200, views.page(page, views.listed_webhook))


def show(request: Request) -> Response:
    row = found_webhooks.get(request.organization_id, request.ids["webhook_id"])
    if row is None:
        raise NotFound
    return Response(200, _shown(request, row))


def change(request: Request) -> Response:
    return _update(request, replace=False)


def replace(request: Request) -> Response:
    return _update(request, replace=True)


def _update(request: Request, *, replace: bool) -> Response:
    organization_id, webhook_id = request.organization_id, request.ids["webhook_id"]
    given = _changes(request)
    row = webhooks.update(organization_id, webhook_id, given, request.actor, replace=replace)
    return Response(200, _shown(request, row))


def _changes(request: Request) -> dict[str, Any]:
    """The settings given. What only tells how the webhook stands may be given as it stands, so that
    what a GET showed can be changed and sent back."""
    document = request.document()
    told = READ_ONLY & document.keys()
    if not told:
        return document
    shown = msgspec.to_builtins(show(request).document)
    errors = [
        FieldError(name, "read_only", "It cannot be set.", "Leave it out, or give it as it stands.")
        for name in sorted(told)
        if document[name] != shown[name]
    ]
    if errors:
        raise Invalid(errors)
    return {name: value for name, value in document.items() if name not in told}


def delete(request: Request) -> Response:
    webhooks.delete(request.organization_id, request.ids["webhook_id"], request.actor)
    return Response(204)


def check(request: Request) -> Response:
    organization_id, webhook_id = request.organization_id, request.ids["webhook_id"]
    result = checks.check(organization_id, webhook_id, request.actor)
    composed, outcome = result.composed, result.outcome
    if outcome.cause == OK and outcome.status is not None:
        cause = cause_of_response(outcome.status, accepted=result.succeeded)
        outcome = replace_in(outcome, cause=cause)
    tried = attempt(
        outcome, 1, composed.url if composed else "", composed.rendered if composed else None
    )
    return Response(200, shapes.Checked(result.succeeded, result.event_type, tried))


def rotate(request: Request) -> Response:
    given = fields.Fields(request.document(optional=True), ("overlap_seconds", "secret"))
    overlap = given.take("overlap_seconds", fields.OVERLAP) or 0
    own = given.take("secret", fields.optional_text(200))
    given.done()
    organization_id, webhook_id = request.organization_id, request.ids["webhook_id"]
    secret = webhooks.rotate_secret(organization_id, webhook_id, request.actor, overlap, own)
    return Response(200, shapes.Secret(secret))


def secret(request: Request) -> Response:
    secrets = webhooks.secrets_of(request.organization_id, request.ids["webhook_id"])
    return Response(200, shapes.Secret(secrets.current), (("Cache-Control", "no-store"),))


def _shown(request: Request, row: Webhook) -> shapes.Webhook:
    return views.webhook(row, webhooks.secrets_of(request.organization_id, row.id))


ROUTES = (
    ApiRoute(
        "POST",
        f"{PREFIX}/webhooks",
        create,
        SCOPE,
        summary="Register a webhook",
        tag="Webhooks",
        responses={201: shapes.Webhook},
        body=JsonBody(inputs.WebhookInput),
    ),
    ApiRoute(
        "GET",
        f"{PREFIX}/webhooks",
        index,
        SCOPE,
        summary="List webhooks, newest first",
        tag="Webhooks",
        responses={200: shapes.Page[shapes.ListedWebhook]},
        query=(
            text("q", "Text in the name or the URL, or an id."),
            flag("include_once", "Whether to list those that are good once, too."),
            LIMIT,
            CURSOR,
        ),
    ),
    ApiRoute(
        "GET",
        ONE,
        show,
        SCOPE,
        summary="One webhook",
        tag="Webhooks",
        responses={200: shapes.Webhook},
    ),
    ApiRoute(
        "PATCH",
        ONE,
        change,
        SCOPE,
        summary="Change what is given of a webhook",
        tag="Webhooks",
        responses={200: shapes.Webhook},
        body=JsonBody(inputs.WebhookChange),
    ),
    ApiRoute(
        "PUT",
        ONE,
        replace,
        SCOPE,
        summary="Replace a webhook's settings; a secret that is not given stays",
        tag="Webhooks",
        responses={200: shapes.Webhook},
        body=JsonBody(inputs.WebhookInput),
    ),
    ApiRoute(
        "DELETE",
        ONE,
        delete,
        SCOPE,
        summary="Delete a webhook",
        tag="Webhooks",
        responses={204: None},
    ),
    ApiRoute(
        "POST",
        f"{ONE}/check",
        check,
        SCOPE,
        summary="Send a sample event now, once, and tell what the receiver did",
        tag="Webhooks",
        responses={200: shapes.Checked},
    ),
    ApiRoute(
        "POST",
        f"{ONE}/rotate-secret",
        rotate,
        SCOPE,
        summary="Make a new signing secret, with an overlap",
        tag="Webhooks",
        responses={200: shapes.Secret},
        body=JsonBody(inputs.RotateInput, optional=True),
    ),
    ApiRoute(
        "GET",
        f"{ONE}/secret",
        secret,
        SCOPE,
        summary="The signing secret",
        tag="Webhooks",
        responses={200: shapes.Secret},
    ),
)
