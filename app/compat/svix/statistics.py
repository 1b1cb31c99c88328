"""How an endpoint's messages and attempts ended."""

from app.compat.svix import endpoints, translate
from app.compat.svix.common import paging
from app.domain.common.clock import now_ms
from app.domain.common.errors import invalid
from app.domain.deliveries.spans import DAY, HOUR, KEPT, Window, start_of
from app.domain.deliveries.states import CANCELLED
from app.http.messages import Request, Response
from app.queries.deliveries import turns
from app.queries.statistics import counters

_DEFAULT_MS = 28 * DAY * 1000
# Hourly counters are kept a little longer.
_HOURLY_MS = (KEPT[HOUR] - DAY) * 1000


def messages(request: Request) -> Response:
    """The newest 100,000 at most."""
    row = endpoints.of_path(request)
    since, until = paging.moment_of(request, "since"), paging.moment_of(request, "until")
    states = turns.states_of(request.organization_id, row.id, since, until)
    return Response(200, translate.stats(states))


def attempts(request: Request) -> Response:
    """By whole hours; by whole days what is older than a month."""
    row, window = endpoints.of_path(request), _window(request)
    figures = counters.figures(request.organization_id, window, row.id, ())
    document = {
        "success": figures.of("succeeded"),
        "fail": figures.failed_attempts,
        "canceled": figures.of(CANCELLED),
    }
    return Response(200, document)


def _window(request: Request) -> Window:
    now = now_ms()
    until = min(paging.moment_of(request, "until") or now, now)
    since = paging.moment_of(request, "since")
    since = until - _DEFAULT_MS if since is None else since
    if since > until:
        raise invalid("query.since", "range", "since is after until.", "Send an earlier time.")
    span = HOUR if since > now - _HOURLY_MS else DAY
    start = max(start_of(since, span), start_of(now - KEPT[DAY] * 1000, span))
    return Window(start, start_of(until, span) + span * 1000, span, span)
