"""Insert rows by the hundred thousand, generated inside the database."""

import random
from collections import Counter
from collections.abc import Sequence

from sqlalchemy import update

from app.domain.common.clock import now_ms
from app.domain.common.ids import first_id_of, new_id
from app.domain.deliveries.spans import KEPT
from app.domain.events.search_values import hashes, hour_of, number_of
from app.models import Delivery, Job
from app.services.maintenance.counters import COUNTERS
from app.store import bulk, event_values
from app.store.transaction import write_transaction
from bench.installation import BODY_BYTES, Installation, payload_of

# In the payloads of one stored event, and of all.
ASSET, MEDIA = "asset-0042", "b1946ac9"
CHUNK = 20_000
_DAY = 86_400_000
# One attempt of a hundred began so long after its delivery was created.
_LATE_MS = 3_600_000
# Stored rows are spread evenly over this many days.
DAYS = 12
# g: the numbers from `first` to `last`. w: the webhooks, numbered.
_NUMBERS = {
    "SQLite": "RECURSIVE g(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM g WHERE n < :last)",
    "PostgreSQL": "g(n) AS (SELECT * FROM generate_series(CAST(:first AS bigint), :last))",
}
_ID = {
    "SQLite": "printf('%08x-%04x-7{kind}-8000-%012x', ({ms}) >> 16, ({ms}) & 65535, {n})",
    "PostgreSQL": (
        "CAST(lpad(to_hex({ms}), 12, '0') || '7{kind}8000' || lpad(to_hex({n}), 12, '0') AS uuid)"
    ),
}
_EVENTS = """
INSERT INTO events (id, organization_id, type, source, occurred_at, created_at, payload)
SELECT {event}, w.organization_id, 't.n' || w.k, 'source-' || n % 100, {ms}, {ms}, :payload
FROM g JOIN w ON w.k = n % w.number WHERE n < CAST(:first AS bigint) + :events"""
_DELIVERIES = """
INSERT INTO deliveries (id, organization_id, webhook_id, event_id, event_type, source, state,
    attempts, last_status, last_cause, created_at, updated_at)
SELECT {delivery}, w.organization_id, w.id, {its_event}, 't.n' || w.k,
    'source-' || n % 100, {state}, {attempts}, {status}, {cause}, {ms}, {ms}
FROM g JOIN w ON w.k = n % w.number"""
_DUE = """
INSERT INTO due (delivery_id, organization_id, webhook_id, event_id, next_at, attempt, run_start,
    head, bytes)
SELECT {delivery}, w.organization_id, w.id, {its_event}, :next_at, 1, 1, true, :bytes
FROM g JOIN w ON w.k = n % w.number"""
_ATTEMPTS = """
INSERT INTO attempts (organization_id, webhook_id, delivery_id, number, started_at, cause, detail,
    status, url, request_head, response_truncated, first_byte_us, total_us, late_at, retried)
SELECT w.organization_id, w.id, {delivery}, 1,
    CASE WHEN n % 100 = 3 THEN {ms} + :late ELSE {ms} END, {cause}, '', {status}, 'http://x/',
    :head, false, 3800, 4000, CASE WHEN n % 100 = 3 THEN {ms} + :late END,
    CASE WHEN {cause} <> 'ok' THEN false END
FROM g JOIN w ON w.k = n % w.number"""
# One in twenty failed and one in twenty was skipped, so that 10,000 rows fill a page of either.
_ENDED = {
    "state": "CASE n / 50 % 20 WHEN 7 THEN 'failed' WHEN 8 THEN 'skipped' ELSE 'succeeded' END",
    "attempts": "1",
    "status": "CASE n / 50 % 20 WHEN 7 THEN 500 ELSE 200 END",
    "cause": "CASE n / 50 % 20 WHEN 7 THEN 'status' ELSE 'ok' END",
}
_METRICS = {
    "succeeded": ("attempts", "succeeded", "status:200", "cause:ok", "ms:21"),
    "failed": ("attempts", "failed", "status:500", "cause:status", "ms:21"),
    "skipped": ("skipped",),
}
_OPEN = {"state": "'pending'", "attempts": "0", "status": "NULL", "cause": "NULL"}


def due(
    target: Installation,
    webhook_ids: Sequence[str],
    number: int,
    *,
    first: int = 0,
    events: int | None = None,
    size: int = BODY_BYTES,
    next_at: int = 0,
) -> None:
    """Insert due deliveries, to the webhooks in turn. first: the lowest row number, not used by
    another call. events: number of events that they share; None: each has its own."""
    values = {"events": events or number, "bytes": size, "next_at": next_at}
    values |= {"payload": payload_of(size), "first": first, "last": first + number - 1}
    _run(target, webhook_ids, (_EVENTS, _DELIVERIES, _DUE), _OPEN, step=0, **values)


def stored(
    target: Installation, webhook_ids: Sequence[str], number: int, *, size: int = 100
) -> None:
    """Insert finished deliveries, each with its own event and attempt."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\n\r\n"
    values = {"payload": payload_of(size), "head": head, "events": number, "late": _LATE_MS}
    values |= {"first": 0, "last": number - 1}
    step = DAYS * _DAY // number
    _run(target, webhook_ids, (_EVENTS, _DELIVERIES, _ATTEMPTS), _ENDED, step=step, **values)
    _index(target)
    _count(target)
    _job(target)
    target.analyze()


def _job(target: Installation) -> None:
    """A job that has resent all that failed."""
    organization_id = str(target.scalar("SELECT id FROM organizations"))
    job = Job(
        id=new_id(),
        organization_id=organization_id,
        kind="resend",
        arguments={"states": ["failed"]},
        actor_kind="system",
        actor_name="bench",
        state="completed",
        created_at=now_ms(),
        started_at=now_ms(),
        ended_at=now_ms(),
    )
    with target.app.app_context(), write_transaction() as session:
        session.add(job)
        session.flush()
        mine = update(Delivery).where(Delivery.state == "failed")
        job.done = job.total = session.execute(mine.values(job_id=job.id)).rowcount


def _index(target: Installation) -> None:
    """The index of values: one that all events have, one that only the event in the middle has, and
    one for each other event."""
    organization_id = str(target.scalar("SELECT id FROM organizations"))
    asset, media = map(number_of, hashes(organization_id, [ASSET, MEDIA]))
    ids = [str(row[0]) for row in target.rows("SELECT id FROM events ORDER BY id")]
    middle = ids[len(ids) // 2]
    numbers = random.Random(7)
    for start in range(0, len(ids), CHUNK):
        rows: list[event_values.Row] = []
        for id_ in ids[start : start + CHUNK]:
            hour = hour_of(id_)
            own = asset if id_ == middle else numbers.getrandbits(63)
            rows += [(hour, media, id_), (hour, own, id_)]
        with target.app.app_context(), write_transaction() as session:
            event_values.add(session, rows)
    payload = b'{"asset_id":"%b","media_id":"%b"}' % (ASSET.encode(), MEDIA.encode())
    target.run(
        "UPDATE events SET payload = :payload WHERE id = :id",
        payload=payload,
        id=middle,
    )


def _count(target: Installation) -> None:
    """Insert the counters that the product would have for the stored rows."""
    sums: Counter[tuple[str, int, int, str, str]] = Counter()
    for span, kept in KEPT.items():
        groups = target.rows(
            "SELECT organization_id, webhook_id, event_type, state,"
            f" created_at - created_at % {span * 1000} AS start, count(*) FROM deliveries"
            " WHERE id >= :first GROUP BY 1, 2, 3, 4, 5",
            first=first_id_of(now_ms() - kept * 1000),
        )
        for organization_id, webhook_id, type_, state, start, number in groups:
            for metric in ("deliveries", f"type:{type_}", *_METRICS[state]):
                for subject in (str(organization_id), str(webhook_id)):
                    sums[subject, span, start, metric, str(organization_id)] += number
    with target.app.app_context(), write_transaction() as session:
        bulk.insert(session, (COUNTERS, [(*key, number) for key, number in sums.items()]))


def _run(
    target: Installation,
    webhook_ids: Sequence[str],
    statements: Sequence[str],
    columns: dict[str, str],
    *,
    step: int,
    **values: object,
) -> None:
    ids = ", ".join(f"'{webhook_id}'" for webhook_id in webhook_ids)
    head = f"""WITH {_NUMBERS[target.kind]}, w AS (
        SELECT id, organization_id, row_number() OVER (ORDER BY id) - 1 AS k,
               count(*) OVER () AS number
        FROM webhooks WHERE id IN ({ids}))"""
    start = now_ms() - 1000 - (DAYS * _DAY if step else 0)
    first, events = values["first"], values["events"]
    ms, own = f"{start} + n * {step}", f"{first} + (n - {first}) % {events}"
    its_ms = f"{start} + ({own}) * {step}"
    ids_and_times = {
        "event": _id(target, "001", ms, "n"),
        "its_event": _id(target, "001", its_ms, f"({own})"),
        "delivery": _id(target, "002", ms, "n"),
        "ms": ms,
    }
    # The events exist: checking foreign keys would take longest.
    without_checks = (
        ["SET LOCAL session_replication_role = replica"] if target.kind == "PostgreSQL" else []
    )
    inserts = (head + statement.format(**ids_and_times, **columns) for statement in statements)
    target.run(*without_checks, *inserts, **values)


def _id(target: Installation, kind: str, ms: str, n: str) -> str:
    return _ID[target.kind].format(kind=kind, ms=ms, n=n)
