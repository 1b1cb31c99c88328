"""/api/v1/webhooks: what consumers register."""

from dataclasses import replace as replace_in
from typing import Any

import msgspec

from app.api import fields
from app.api.paging import CURSOR, LIMIT
from app.api.parameters import flag, text
from app.api.route import PREFIX, Answer, Call, Route
from app.api.schemas import requests as inputs
from app.api.schemas import responses as shapes
from app.api.views import rows as views
from app.api.views.attempts import attempt
from app.domain.common.errors import FieldError, Invalid, NotFound
from app.domain.deliveries.causes import OK, cause_of_response
from app.domain.webhooks.settings.completion import FIELDS
from app.models import Webhook
from app.queries import webhooks as found_webhooks
from app.services.webhooks import service as webhooks
from app.services.webhooks import test_sends as checks

SCOPE = "webhooks:manage"
READ_ONLY = frozenset(shapes.Webhook.__struct_fields__).difference(FIELDS)
ONE = f"{PREFIX}/webhooks/<webhook_id>"


def create(call: Call) -> Answer:
    row = webhooks.create(call.organization_id, call.document(), call.actor)
    location = ("Location", f"{PREFIX}/webhooks/{row.id}")
    return Answer(201, _shown(call, row), (location,))


def index(call: Call) -> Answer:
    query = call.query
    page = found_webhooks.page(
        call.organization_id,
        query["limit"],
        query["cursor"],
        q=query["q"],
        include_once=query["include_once"],
    )
    return Answer(200, views.page(page, views.listed_webhook))


def show(call: Call) -> Answer:
    row = found_webhooks.get(call.organization_id, call.ids["webhook_id"])
    if row is None:
        raise NotFound
    return Answer(200, _shown(call, row))


def change(call: Call) -> Answer:
    return _update(call, replace=False)


def replace(call: Call) -> Answer:
    return _update(call, replace=True)


def _update(call: Call, *, replace: bool) -> Answer:
    organization_id, webhook_id = call.organization_id, call.ids["webhook_id"]
    given = _changes(call)
    row = webhooks.update(organization_id, webhook_id, given, call.actor, replace=replace)
    return Answer(200, _shown(call, row))


def _changes(call: Call) -> dict[str, Any]:
    """The settings given. What only tells how the webhook stands may be given as it stands, so that
    what a GET showed can be changed and sent back."""
    document = call.document()
    told = READ_ONLY & document.keys()
    if not told:
        return document
    shown = msgspec.to_builtins(show(call).document)
    errors = [
        FieldError(name, "read_only", "It cannot be set.", "Leave it out, or give it as it stands.")
        for name in sorted(told)
        if document[name] != shown[name]
    ]
    if errors:
        raise Invalid(errors)
    return {name: value for name, value in document.items() if name not in told}


def delete(call: Call) -> Answer:
    webhooks.delete(call.organization_id, call.ids["webhook_id"], call.actor)
    return Answer(204)


def check(call: Call) -> Answer:
    organization_id, webhook_id = call.organization_id, call.ids["webhook_id"]
    result = checks.check(organization_id, webhook_id, call.actor)
    composed, outcome = result.composed, result.outcome
    if outcome.cause == OK and outcome.status is not None:
        cause = cause_of_response(outcome.status, accepted=result.succeeded)
        outcome = replace_in(outcome, cause=cause)
    tried = attempt(
        outcome, 1, composed.url if composed else "", composed.rendered if composed else None
    )
    return Answer(200, shapes.Checked(result.succeeded, result.event_type, tried))


def rotate(call: Call) -> Answer:
    given = fields.Fields(call.document(optional=True), ("overlap_seconds", "secret"))
    overlap = given.take("overlap_seconds", fields.OVERLAP) or 0
    own = given.take("secret", fields.optional_text(200))
    given.done()
    organization_id, webhook_id = call.organization_id, call.ids["webhook_id"]
    secret = webhooks.rotate_secret(organization_id, webhook_id, call.actor, overlap, own)
    return Answer(200, shapes.Secret(secret))


def secret(call: Call) -> Answer:
    secrets = webhooks.secrets_of(call.organization_id, call.ids["webhook_id"])
    return Answer(200, shapes.Secret(secrets.current), (("Cache-Control", "no-store"),))


def _shown(call: Call, row: Webhook) -> shapes.Webhook:
    return views.webhook(row, webhooks.secrets_of(call.organization_id, row.id))


ROUTES = (
    Route(
        "POST",
        f"{PREFIX}/webhooks",
        create,
        "Register a webhook",
        "Webhooks",
        {201: shapes.Webhook},
        SCOPE,
        body=inputs.WebhookInput,
    ),
    Route(
        "GET",
        f"{PREFIX}/webhooks",
        index,
        "List webhooks, newest first",
        "Webhooks",
        {200: shapes.Page[shapes.ListedWebhook]},
        SCOPE,
        query=(
            text("q", "Text in the name or the URL, or an id."),
            flag("include_once", "Whether to list those that are good once, too."),
            LIMIT,
            CURSOR,
        ),
    ),
    Route("GET", ONE, show, "One webhook", "Webhooks", {200: shapes.Webhook}, SCOPE),
    Route(
        "PATCH",
        ONE,
        change,
        "Change what is given of a webhook",
        "Webhooks",
        {200: shapes.Webhook},
        SCOPE,
        body=inputs.WebhookChange,
    ),
    Route(
        "PUT",
        ONE,
        replace,
        "Replace a webhook's settings; a secret that is not given stays",
        "Webhooks",
        {200: shapes.Webhook},
        SCOPE,
        body=inputs.WebhookInput,
    ),
    Route("DELETE", ONE, delete, "Delete a webhook", "Webhooks", {204: None}, SCOPE),
    Route(
        "POST",
        f"{ONE}/check",
        check,
        "Send a sample event now, once, and tell what the receiver did",
        "Webhooks",
        {200: shapes.Checked},
        SCOPE,
    ),
    Route(
        "POST",
        f"{ONE}/rotate-secret",
        rotate,
        "Make a new signing secret, with an overlap",
        "Webhooks",
        {200: shapes.Secret},
        SCOPE,
        body=inputs.RotateInput,
        body_optional=True,
    ),
    Route(
        "GET",
        f"{ONE}/secret",
        secret,
        "The signing secret",
        "Webhooks",
        {200: shapes.Secret},
        SCOPE,
    ),
)
