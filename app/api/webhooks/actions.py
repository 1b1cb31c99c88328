"""/api/v1/webhooks/<webhook>: test sends, and the signing secret."""

import msgspec

from app.api.common.fields import OVERLAP, Fields, optional_text
from app.api.common.routes import PREFIX, ApiRoute
from app.api.schemas import requests
from app.api.schemas import responses as schemas
from app.api.views.attempts import attempt
from app.domain.deliveries.causes import OK, cause_of_response
from app.http.bodies import JsonBody
from app.http.messages import Request, Response
from app.services.webhooks import rotation, test_sends
from app.services.webhooks import service as webhook_service
from app.services.webhooks.reveals import reveal_secrets

SCOPE = "webhooks:manage"
ITEM = f"{PREFIX}/webhooks/<webhook_id>"


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


ROUTES = (
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
