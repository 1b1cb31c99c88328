"""/api/v1/webhooks/<id>/recover and /send-missed: recover deliveries after an outage."""

from collections.abc import Callable

from app.api.common.routes import PREFIX, ApiRoute
from app.api.schemas import requests
from app.api.schemas import responses as schemas
from app.domain.common.clock import iso
from app.domain.common.errors import invalid
from app.domain.common.ids import ms_of
from app.http.bodies import JsonBody
from app.http.messages import Request, Response
from app.http.parameters import flag, moment, read_document
from app.services.deliveries.bulk import Progress
from app.services.deliveries.missed import count_missed, send_missed
from app.services.deliveries.recovery import count_failed, recover

ITEM = f"{PREFIX}/webhooks/<webhook_id>"
SCOPE = "deliveries:resend"
# The client waits this long; the response says where its next request continues.
SECONDS = 10.0
FIELDS = (moment("since", "Created at or after this time."), flag("dry_run", "Only count."))


def recover_failed(request: Request) -> Response:
    return _run(request, count_failed, recover)


def send_missed_events(request: Request) -> Response:
    return _run(request, count_missed, send_missed)


def _run(
    request: Request, count: Callable[..., Progress], act: Callable[..., Progress]
) -> Response:
    values = read_document(FIELDS, request.document())
    if values["since"] is None:
        remedy = "Send a time in ISO 8601 such as 2026-02-24T11:52:20Z."
        raise invalid("since", "required", "A time is required.", remedy)
    scope = request.organization_id, request.ids["webhook_id"], values["since"]
    dry_run = values["dry_run"]
    if dry_run:
        progress = count(*scope, seconds=SECONDS)
    else:
        progress = act(*scope, request.actor, seconds=SECONDS)
    # The next request starts within the same millisecond: nothing in it is sent twice.
    next_since = None if progress.after is None else iso(ms_of(progress.after))
    result = schemas.RecoveryResult(progress.number, dry_run, next_since)
    return Response(200 if dry_run else 202, result)


ROUTES = (
    ApiRoute(
        "POST",
        f"{ITEM}/recover",
        recover_failed,
        SCOPE,
        operation="recoverWebhook",
        summary="Resend all deliveries that failed since a time, or count them",
        tag="Webhooks",
        responses={200: schemas.RecoveryResult, 202: schemas.RecoveryResult},
        body=JsonBody(requests.RecoveryInput),
    ),
    ApiRoute(
        "POST",
        f"{ITEM}/send-missed",
        send_missed_events,
        SCOPE,
        operation="sendMissedEvents",
        summary="Send the matching events since a time that have no delivery or were skipped",
        tag="Webhooks",
        responses={200: schemas.RecoveryResult, 202: schemas.RecoveryResult},
        body=JsonBody(requests.RecoveryInput),
        errors=(409,),
    ),
)
