"""Names that do not resolve beside others that do, asked of a resolver of the bench's own."""

import time

from app.domain.common.clock import now_ms
from bench import rows
from bench.figures import Aim, Case, at_most, percentile, ratio
from bench.installation import Servers, installation
from bench.receiver import Receiver
from bench.workers import came, enrolled, until, workers
from tests.support.name_server import NameServer

DEAD, HEALTHY = 20, 100
# For each of them.
EACH_DEAD, EACH_HEALTHY = 50, 20
AHEAD_MS = 1_500


def run(servers: Servers) -> dict[str, float]:
    return {
        "p99 without them": healthy_p99(servers, 0),
        "p99 beside them": healthy_p99(servers, DEAD),
    }


def healthy_p99(servers: Servers, dead: int) -> float:
    """Milliseconds from due to received. The worker has never heard of any of the names."""
    resolver = NameServer()
    resolver.names = {f"healthy-{n}.example.com": ["127.0.0.1"] for n in range(HEALTHY)}
    # Nobody ever answers for these.
    resolver.silent = {f"dead-{n}.example.com" for n in range(dead)}
    try:
        with Receiver() as receiver, installation("SQLite", servers) as at:
            organization_id = at.organization()
            found = [f"http://{name}:{receiver.port}/ok/" for name in sorted(resolver.names)]
            ids = at.webhooks(organization_id, found)
            lost = [f"http://{name}/" for name in sorted(resolver.silent)]
            lost_ids = at.webhooks(organization_id, lost, first=HEALTHY)
            with workers(at, DNS_SERVERS=resolver.address):
                until(enrolled(at, 1))
                next_at = now_ms() + AHEAD_MS
                due = time.monotonic() + AHEAD_MS / 1000
                number = HEALTHY * EACH_HEALTHY
                if dead:
                    rows.due(at, lost_ids, dead * EACH_DEAD, first=number, next_at=next_at)
                rows.due(at, ids, number, next_at=next_at)
                moments, _ = came(receiver, "ok", number)
    finally:
        resolver.close()
    return percentile([(moment - due) * 1000 for moment in moments], 0.99)


NAMES = Case(
    "names",
    f"{DEAD} webhooks whose names do not resolve, {HEALTHY} healthy new names",
    run,
    [
        Aim(
            "healthy p99 beside to without, at most 2",
            ratio("p99 beside them", "p99 without them"),
            at_most(2),
        )
    ],
    units={"p99 without them": "ms", "p99 beside them": "ms"},
    notes=(
        f"{EACH_HEALTHY} deliveries to each healthy one and {EACH_DEAD} to each of the others, all"
        " due at once; a resolver of the bench's own, which never answers for the others."
    ),
)
