"""/api/v1/webhooks/<id>/recover and /send-missed: making up for what did not arrive."""

from collections.abc import Callable

from app.api.parameters import flag, moment, read_document
from app.api.route import PREFIX, Answer, Call, Route
from app.api.schemas import requests as inputs
from app.api.schemas import responses as shapes
from app.domain.common.clock import iso
from app.domain.common.errors import invalid
from app.domain.common.ids import ms_of
from app.services.deliveries.bulk import Progress
from app.services.deliveries.missed import count_missed, send_missed
from app.services.deliveries.recovery import count_failed, recover

ONE = f"{PREFIX}/webhooks/<webhook_id>"
SCOPE = "deliveries:resend"
# The caller waits; what is left by then is done when it asks again.
SECONDS = 10.0
FIELDS = (moment("since", "Accepted at or after this time."), flag("dry_run", "Only count."))


def recover_failed(call: Call) -> Answer:
    return _carry_out(call, count_failed, recover)


def send(call: Call) -> Answer:
    return _carry_out(call, count_missed, send_missed)


def _carry_out(call: Call, count: Callable[..., Progress], act: Callable[..., Progress]) -> Answer:
    since, dry_run = _asked(call)
    what = call.organization_id, call.ids["webhook_id"], since
    done = count(*what, seconds=SECONDS) if dry_run else act(*what, call.actor, seconds=SECONDS)
    # From that very millisecond on: what was sent in it is not sent again.
    rest = None if done.after is None else iso(ms_of(done.after))
    return Answer(200 if dry_run else 202, shapes.SentSince(done.number, dry_run, rest))


def _asked(call: Call) -> tuple[int, bool]:
    values = read_document(FIELDS, call.document())
    if values["since"] is None:
        remedy = "Give a time in ISO 8601, such as 2026-02-24T11:52:20Z."
        raise invalid("since", "required", "No time is given.", remedy)
    return values["since"], values["dry_run"]


ROUTES = (
    Route(
        "POST",
        f"{ONE}/recover",
        recover_failed,
        "Send all again that failed since a time, or count it",
        "Webhooks",
        {200: shapes.SentSince, 202: shapes.SentSince},
        SCOPE,
        body=inputs.SinceInput,
    ),
    Route(
        "POST",
        f"{ONE}/send-missed",
        send,
        "Send the events since a time that it wants and has no delivery of, or that were skipped",
        "Webhooks",
        {200: shapes.SentSince, 202: shapes.SentSince},
        SCOPE,
        body=inputs.SinceInput,
        errors=(409,),
    ),
)
