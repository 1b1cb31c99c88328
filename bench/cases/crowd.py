"""More receivers that hang than a process may call at once, beside fast ones."""

import time

from app.domain.common.clock import now_ms
from app.sending.http.descriptors import raise_open_file_limit
from bench import rows
from bench.figures import Aim, Case, at_least, ratio
from bench.installation import Servers, installation
from bench.receiver import Receiver
from bench.workers import came, claimed, enrolled, until, workers

HANGING, FAST = 1_100, 100
NUMBER = 20_000
AHEAD_MS = 1_500
# Longer than all of it takes.
DEADLINE_SECONDS = 60.0


def run(servers: Servers) -> dict[str, float]:
    return {"alone": rate(servers, 0), "beside them": rate(servers, HANGING)}


def rate(servers: Servers, hanging: int) -> float:
    """Deliveries a second to the fast ones, from when they are due."""
    raise_open_file_limit(hanging)
    with Receiver() as receiver, installation("SQLite", servers) as at:
        organization_id = at.organization()
        ids = at.webhooks(organization_id, [receiver.url("ok", n) for n in range(FAST)])
        stuck = at.webhooks(
            organization_id,
            [receiver.url("hang", n) for n in range(hanging)],
            first=FAST,
            timeout_seconds=DEADLINE_SECONDS,
        )
        with workers(at):
            until(enrolled(at, 1))
            if hanging:
                rows.due(at, stuck, hanging, first=NUMBER)
                until(lambda: len(claimed(at)) >= hanging)
            rows.due(at, ids, NUMBER, next_at=now_ms() + AHEAD_MS)
            due = time.monotonic() + AHEAD_MS / 1000
            moments, _ = came(receiver, "ok", NUMBER)
    return NUMBER / (max(moments) - due)


CROWD = Case(
    "crowd",
    f"{HANGING:,} receivers hanging, {FAST} fast, one process",
    run,
    [Aim("fast ones beside to alone, at least 0.8", ratio("beside them", "alone"), at_least(0.8))],
    units={"alone": "deliveries/s", "beside them": "deliveries/s"},
    notes=f"All {HANGING:,} hang already when {NUMBER:,} deliveries to the fast ones become due.",
)
