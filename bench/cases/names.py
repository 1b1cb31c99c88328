"""Names that do not resolve next to healthy ones, with our own resolver."""

import time

from app.domain.common.clock import now_ms
from bench import rows
from bench.figures import Aim, Case, at_most, percentile, ratio
from bench.installation import Servers, installation
from bench.receiver import Receiver
from bench.workers import collect_requests, registered, until, workers
from tests.support.servers.names import NameServer

DEAD, HEALTHY = 20, 100
# Deliveries per webhook.
EACH_DEAD, EACH_HEALTHY = 50, 20
AHEAD_MS = 1_500


def run(servers: Servers) -> dict[str, float]:
    return {
        "p99 without": healthy_p99(servers, 0),
        "p99 with": healthy_p99(servers, DEAD),
    }


def healthy_p99(servers: Servers, dead: int) -> float:
    """Milliseconds from due to received. The worker has not cached any of the names."""
    resolver = NameServer()
    resolver.names = {f"healthy-{n}.example.com": ["127.0.0.1"] for n in range(HEALTHY)}
    # Queries for these get no response.
    resolver.silent = {f"dead-{n}.example.com" for n in range(dead)}
    try:
        with Receiver() as receiver, installation("SQLite", servers) as target:
            organization_id = target.organization()
            urls = [f"http://{name}:{receiver.port}/ok/" for name in sorted(resolver.names)]
            ids = target.webhooks(organization_id, urls)
            dead_urls = [f"http://{name}/" for name in sorted(resolver.silent)]
            dead_ids = target.webhooks(organization_id, dead_urls, first=HEALTHY)
            with workers(target, DNS_SERVERS=resolver.address):
                until(registered(target, 1))
                next_at = now_ms() + AHEAD_MS
                due = time.monotonic() + AHEAD_MS / 1000
                number = HEALTHY * EACH_HEALTHY
                if dead:
                    rows.due(target, dead_ids, dead * EACH_DEAD, first=number, next_at=next_at)
                rows.due(target, ids, number, next_at=next_at)
                moments, _ = collect_requests(receiver, "ok", number)
    finally:
        resolver.close()
    return percentile([(moment - due) * 1000 for moment in moments], 0.99)


NAMES = Case(
    "names",
    f"{DEAD} webhooks with names that do not resolve, {HEALTHY} with healthy new names",
    run,
    [
        Aim(
            "healthy p99 with to without, at most 2",
            ratio("p99 with", "p99 without"),
            at_most(2),
        )
    ],
    units={"p99 without": "ms", "p99 with": "ms"},
    notes=(
        f"{EACH_HEALTHY} deliveries to each healthy webhook and {EACH_DEAD} to each of the others,"
        " all due at once; a local resolver that never responds for the others."
    ),
)
