"""/api/v1/webhooks/<id>/recover and /send-missed: making up for what did not arrive."""

from collections.abc import Callable

from app.api.routes import PREFIX, ApiRoute
from app.api.schemas import requests as inputs
from app.api.schemas import responses as shapes
from app.domain.common.clock import iso
from app.domain.common.errors import invalid
from app.domain.common.ids import ms_of
from app.http.bodies import JsonBody
from app.http.messages import Request, Response
from app.http.parameters import flag, moment, read_document
from app.services.deliveries.bulk import Progress
from app.services.deliveries.missed import count_missed, send_missed
from app.services.deliveries.recovery import count_failed, recover

ONE = f"{PREFIX}/webhooks/<webhook_id>"
SCOPE = "deliveries:resend"
# The caller waits; what is left by then is done when it asks again.
SECONDS = 10.0
FIELDS = (moment("since", "Accepted at or after this time."), flag("dry_run", "Only count."))


def recover_failed(request: Request) -> Response:
    return _carry_out(request, count_failed, recover)


def send(request: Request) -> Response:
    return _carry_out(request, count_missed, send_missed)


def _carry_out(
    request: Request, count: Callable[..., Progress], act: Callable[..., Progress]
) -> Response:
    since, dry_run = _asked(request)
    what = request.organization_id, request.ids["webhook_id"], since
    done = count(*what, seconds=SECONDS) if dry_run else act(*what, request.actor, seconds=SECONDS)
    # From that very millisecond on: what was sent in it is not sent again.
    rest = None if done.after is None else iso(ms_of(done.after))
    return Response(200 if dry_run else 202, shapes.SentSince(done.number, dry_run, rest))


def _asked(request: Request) -> tuple[int, bool]:
    values = read_document(FIELDS, request.document())
    if values["since"] is None:
        remedy = "Give a time in ISO 8601, such as 2026-02-24T11:52:20Z."
        raise invalid("since", "required", "No time is given.", remedy)
    return values["since"], values["dry_run"]


ROUTES = (
    ApiRoute(
        "POST",
        f"{ONE}/recover",
        recover_failed,
        SCOPE,
        summary="Resend all deliveries that failed since a time, or count them",
        tag="Webhooks",
        responses={200: shapes.SentSince, 202: shapes.SentSince},
        body=JsonBody(inputs.SinceInput),
    ),
    ApiRoute(
        "POST",
        f"{ONE}/send-missed",
        send,
        SCOPE,
        summary="Send the matching events since a time that have no delivery or were skipped",
        tag="Webhooks",
        responses={200: shapes.SentSince, 202: shapes.SentSince},
        body=JsonBody(inputs.SinceInput),
        errors=(409,),
    ),
)
