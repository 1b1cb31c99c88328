"""Record results: many in one transaction, and only those whose claims are still valid."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Table, delete, insert

from app.domain.bodies.formats import DERIVABLE, storable
from app.domain.deliveries.lateness import late_at
from app.domain.deliveries.short_heads import shortened
from app.domain.deliveries.states import FAILED, RETRYING, SUCCEEDED
from app.domain.deliveries.tallies import Tallies, bucket_of, minute_of
from app.engine.claims import Result
from app.engine.due_queue.statements import DueQueue, Settled, State
from app.engine.recording.overruns import count_overruns
from app.engine.recording.shapes import ATTEMPTS, BODIES, TALLIES
from app.engine.recording.webhook_health import Change, apply_results
from app.models import DeliveryBody, Notice
from app.store import bulk, key_order
from app.store.overruns import disable

_NOTICES: Table = Notice.__table__
_BODIES: Table = DeliveryBody.__table__


class Recorder:
    """Writes what became of attempts. now: ms since the epoch."""

    def __init__(self, due_queue: DueQueue) -> None:
        self._due_queue = due_queue

    def record(
        self,
        connection: Connection,
        results: Sequence[Result],
        states: dict[str, State],
        now: int,
    ) -> None:
        """Record `results`; those whose claims are no longer valid are discarded.

        states: locked rows. Those of the results' webhooks are added and all are modified; the
        caller saves them. The transaction holds the worker's registry row, so an invalid claim
        can only have been cancelled by a person.
        """
        valid_ids = self._close_or_reschedule(connection, results)
        missing = {r.claim.webhook_id for r in results} - states.keys()
        if missing:
            added = self._due_queue.states(connection, missing, wait=True)
            states.update((state.webhook_id, state) for state in added)
        by_webhook: dict[str, list[Result]] = defaultdict(list)
        for result in results:
            state = states.get(result.claim.webhook_id)
            if state is not None:
                by_webhook[result.claim.webhook_id].append(result)
        changes = [
            apply_results(states[webhook_id], own, valid_ids, now)
            for webhook_id, own in by_webhook.items()
        ]
        recorded = [result for result in results if result.claim.due_id in valid_ids]
        self._write(connection, recorded)
        count_overruns(connection, recorded, now)
        self._write_notices(connection, changes, valid_ids, results, now)

    def _close_or_reschedule(self, connection: Connection, results: Sequence[Result]) -> set[int]:
        """Delete the due rows of closed deliveries and reschedule the others; ids of the claims
        that were still valid."""
        closed, retried = [], []
        for result in results:
            claim = result.claim
            fence = (claim.due_id, claim.worker_id, claim.attempt)
            wait = result.verdict.wait_ms
            if wait is None:
                closed.append(fence)
            else:
                retried.append((*fence, result.ended_at + wait, wait))
        keys = {
            (r.claim.webhook_id, r.claim.ordering_key)
            for r in results
            if r.claim.ordering_key is not None and r.verdict.wait_ms is None
        }
        key_order.lock_keys(connection, keys)
        valid_ids = self._due_queue.reschedule(connection, sorted(retried)) if retried else set()
        if closed:
            rows = self._due_queue.finish(connection, sorted(closed))
            valid_ids |= {row[0] for row in rows}
            freed = {(webhook_id, key) for _, webhook_id, key in rows if key is not None}
            # A webhook that became ordered after the claim has keys that are not locked yet.
            key_order.lock_keys(connection, freed - keys)
            key_order.promote_heads(connection, freed)
        return valid_ids

    def _write(self, connection: Connection, results: Sequence[Result]) -> None:
        if not results:
            return
        # By id, so that two transactions do not deadlock.
        self._due_queue.settle(connection, sorted(map(_settled, results)))
        _store_bodies(connection, results)
        attempts = [_attempt(result) for result in results]
        bulk.insert(connection, (ATTEMPTS, attempts), (TALLIES, tallies_of(results)))

    def _write_notices(
        self,
        connection: Connection,
        changes: Iterable[Change],
        valid_ids: set[int],
        results: Sequence[Result],
        now: int,
    ) -> None:
        notices = [notice for change in changes for notice in change.notices]
        notices += [
            _failed_notice(r, now)
            for r in results
            if r.verdict.state == FAILED and r.claim.due_id in valid_ids and _is_listed(r)
        ]
        if notices:
            connection.execute(insert(_NOTICES), notices)
        for change in changes:
            if change.disabled_reason is not None:
                disable(connection, change.webhook_id, change.disabled_reason, now)


def _is_listed(result: Result) -> bool:
    return result.claim.webhook.facts.kind == "webhook"


def _settled(result: Result) -> Settled:
    claim, verdict = result.claim, result.verdict
    status = result.outcome.status
    return claim.delivery_id, verdict.state, claim.attempt, status, verdict.cause, result.ended_at


def _attempt(result: Result) -> tuple[object, ...]:
    claim, outcome = result.claim, result.outcome
    seals = claim.seals or claim.webhook.seals
    head = seals.put(outcome.request_head)
    return (
        claim.organization_id,
        claim.webhook_id,
        claim.delivery_id,
        claim.attempt,
        outcome.started_at,
        result.verdict.cause,
        outcome.detail,
        outcome.status,
        seals.put_in_url(result.url),
        shortened(head, claim.delivery_id, claim.attempt, claim.webhook_id),
        outcome.response_head,
        outcome.response_body,
        outcome.response_truncated,
        outcome.remote_address,
        outcome.dns_us,
        outcome.connect_us,
        outcome.tls_us,
        outcome.first_byte_us,
        outcome.total_us,
        late_at(outcome.started_at, claim.delivery_id),
        None if result.verdict.state == SUCCEEDED else result.verdict.state == RETRYING,
    )


def _store_bodies(connection: Connection, results: Iterable[Result]) -> None:
    """Store bodies with the first attempt of each run. A body that can be derived from the event is
    only stored if a retry follows."""
    first = [r for r in results if r.body is not None and r.claim.attempt == r.claim.run_start]
    stale = [result.claim.delivery_id for result in first if result.claim.run_start > 1]
    if stale:
        connection.execute(delete(_BODIES).where(_BODIES.c.delivery_id.in_(stale)))
    rows = []
    for result in first:
        spec = result.claim.webhook.facts.body
        has_retry = result.verdict.wait_ms is not None
        if result.body is not None and (has_retry or spec.format not in DERIVABLE):
            stored = storable(spec, result.body)
            content = result.claim.webhook.seals.put(stored.content)
            rows.append((result.claim.delivery_id, stored.content_type, content))
    if rows:
        bulk.insert_absent(connection, BODIES, rows, "delivery_id")


def tallies_of(results: Iterable[Result]) -> list[tuple[int, str]]:
    """A row for each minute in which attempts started, so that the counters of a time range are
    those of the attempts that a list shows for it."""
    by_minute: dict[int, Tallies] = defaultdict(Tallies)
    # Group equal results first: in a batch most are equal.
    for key, number in Counter(map(_tally_key, results)).items():
        minute, organization_id, webhook_id, state, cause, status, bucket, event_type = key
        tallies = by_minute[minute]
        metrics = ["attempts", state, f"cause:{cause}"]
        if status is not None:
            metrics.append(f"status:{status}")
        if bucket is not None:
            metrics.append(f"ms:{bucket}")
        if event_type is not None:
            metrics.append(f"type:{event_type}")
            if state != SUCCEEDED:
                metrics.append(f"failed_type:{event_type}")
        for metric in metrics:
            tallies.add(organization_id, webhook_id, metric, number)
    return [(minute, json.dumps(tallies.deltas())) for minute, tallies in by_minute.items()]


def _tally_key(
    result: Result,
) -> tuple[int, str, str, str, str, int | None, int | None, str | None]:
    claim, outcome, verdict = result.claim, result.outcome, result.verdict
    has_response = outcome.status is not None and outcome.first_byte_us is not None
    return (
        minute_of(outcome.started_at),
        claim.organization_id,
        claim.webhook_id,
        verdict.state,
        verdict.cause,
        outcome.status,
        bucket_of(outcome.first_byte_us or 0) if has_response else None,
        claim.event.type if claim.event is not None else None,
    )


def _failed_notice(result: Result, now: int) -> dict[str, object]:
    claim, verdict = result.claim, result.verdict
    assert verdict.state != RETRYING
    return {
        "organization_id": claim.organization_id,
        "kind": "delivery.failed",
        "webhook_id": claim.webhook_id,
        "delivery_id": claim.delivery_id,
        "at": now,
        "detail": {
            "cause": verdict.cause,
            "status": result.outcome.status,
            "attempts": claim.attempt,
        },
    }
