"""More hanging receivers than a process may call at once, next to fast ones."""

import time

from app.domain.common.clock import now_ms
from app.sending.http.descriptors import raise_open_file_limit
from bench import rows
from bench.figures import Aim, Case, at_least, ratio
from bench.installation import Servers, installation
from bench.receiver import Receiver
from bench.workers import claimed_ids, collect_requests, registered, until, workers

HANGING, FAST = 1_100, 100
# As many of an organization's requests as one host gets unless it is set otherwise. libcurl looks
# through all connections to a host for one that it can use.
HANGING_PER_HOST = 100
HOSTS = HANGING // HANGING_PER_HOST
NUMBER = 20_000
AHEAD_MS = 1_500
# Longer than the whole run.
DEADLINE_SECONDS = 60.0


def run(servers: Servers) -> dict[str, float]:
    return {
        "without": rate(servers, 0),
        "with": rate(servers, HANGING, HOSTS),
        "with, all at the host of the fast ones": rate(servers, HANGING),
    }


def rate(servers: Servers, hanging: int, hosts: int = 0) -> float:
    """Deliveries per second to the fast receivers, from the moment they are due. hosts: of the
    hanging ones alone; 0: they are at that of the fast ones."""
    raise_open_file_limit(hanging)
    with Receiver(1 + hosts) as receiver, installation("SQLite", servers) as target:
        organization_id = target.organization()
        ids = target.webhooks(organization_id, [receiver.url("ok", n) for n in range(FAST)])
        hanging_ids = target.webhooks(
            organization_id,
            [receiver.url("hang", n, 1 + n % hosts if hosts else 0) for n in range(hanging)],
            first=FAST,
            timeout_seconds=DEADLINE_SECONDS,
        )
        with workers(target):
            until(registered(target, 1))
            if hanging:
                rows.due(target, hanging_ids, hanging, first=NUMBER)
                until(lambda: len(claimed_ids(target)) >= hanging)
            rows.due(target, ids, NUMBER, next_at=now_ms() + AHEAD_MS)
            due = time.monotonic() + AHEAD_MS / 1000
            moments, _ = collect_requests(receiver, "ok", NUMBER)
    return NUMBER / (max(moments) - due)


CROWD = Case(
    "crowd",
    f"{HANGING:,} hanging receivers, {FAST} fast ones, one process",
    run,
    [
        Aim(
            "fast ones with to without hanging, at least 0.8",
            ratio("with", "without"),
            at_least(0.8),
        )
    ],
    units=dict.fromkeys(
        ("without", "with", "with, all at the host of the fast ones"), "deliveries/s"
    ),
    notes=f"All {HANGING:,} are hanging when {NUMBER:,} deliveries to the fast ones become due. "
    f"They are {HOSTS} hosts with {HANGING_PER_HOST} webhooks each, which is the default limit for "
    "the requests of an organization to one host; the last figure is without that limit.",
)
