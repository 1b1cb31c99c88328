"""Taking what is due: who gets how many is chosen here, and settled under each webhook's lock."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection

from app.domain.webhooks.throttling import rate_allows, rate_spent, rate_wait, room
from app.engine.claims import Claim
from app.engine.due_queue.backlog import FULL_SECONDS, Backlog
from app.engine.due_queue.statements import DueQueue, DueRow, State
from app.engine.in_flight import InFlight
from app.engine.webhook_cache import WebhookCache

# A webhook that was just paused is let alone so long; longer than that no limit is waited for,
# since it may be changed.
PAUSED_SECONDS = LONGEST_SECONDS = 1.0
# At most in one claim: a longer one would keep finished calls from being recorded.
MOST_AT_ONCE = 400


class Claimer:
    def __init__(
        self, due_queue: DueQueue, webhooks: WebhookCache, backlog: Backlog, load: InFlight
    ) -> None:
        self._due_queue, self._webhooks = due_queue, webhooks
        self._backlog, self._in_flight = backlog, load

    def claim(
        self,
        connection: Connection,
        worker_id: int,
        states: dict[str, State],
        clock: float,
        now: int,
    ) -> list[Claim]:
        """states: rows that are locked already; those of the webhooks that are taken from are
        added, and all are to be saved. clock: monotonic seconds; now: ms since the epoch."""
        asked = self._choose(clock, now)
        if not asked:
            return []
        missing = {webhook_id for webhook_id, _ in asked} - states.keys()
        found = self._due_queue.states(connection, missing, wait=False) if missing else []
        locked = states | {state.webhook_id: state for state in found}
        versions = [
            (webhook_id, locked[webhook_id].version)
            for webhook_id, _ in asked
            if webhook_id in locked
        ]
        self._webhooks.load(connection, self._webhooks.outdated(versions, now), now)
        wanted = self._allowed(asked, locked, clock, now)
        if not wanted:
            return []
        rows = self._due_queue.claim(connection, worker_id, wanted, now)
        got = Counter(row[3] for row in rows)
        self._backlog.took(wanted, got)
        for webhook_id, number in got.items():
            states[webhook_id] = locked[webhook_id]
            self._spend(locked[webhook_id], number, now)
        return self._claims(rows, worker_id)

    def _choose(self, clock: float, now: int) -> list[tuple[str, int]]:
        slots = min(self._in_flight.room, MOST_AT_ONCE)
        if slots <= 0:
            return []
        organizations = self._in_flight.left_to_organizations()
        return self._backlog.choose(
            slots, clock, now, room_of=self._room_of, organizations=organizations
        )

    def _room_of(self, webhook_id: str) -> int:
        known = self._webhooks.get(webhook_id)
        return self._in_flight.room_of(webhook_id, known.facts.max_in_flight if known else 1)

    def _allowed(
        self, asked: Sequence[tuple[str, int]], states: dict[str, State], clock: float, now: int
    ) -> list[tuple[str, int]]:
        """Those whose own limits leave room; the others are let alone for as long as it takes."""
        allowed = []
        for webhook_id, number in asked:
            state, known = states.get(webhook_id), self._webhooks.get(webhook_id)
            if state is None or known is None:
                self._backlog.missed(webhook_id, clock)
                continue
            if not state.is_active:
                self._backlog.hold(webhook_id, clock + PAUSED_SECONDS)
                continue
            may = min(number, room(known.facts.max_in_flight, state.window, state.in_flight))
            pause, rate = FULL_SECONDS, known.facts.rate_limit_per_second
            if may and rate:
                may = min(may, rate_allows(state.tat, rate, now * 1000))
                pause = rate_wait(state.tat, rate, now * 1000)
            if may:
                allowed.append((webhook_id, may))
            else:
                self._backlog.hold(webhook_id, clock + min(pause, LONGEST_SECONDS))
        return allowed

    def _spend(self, state: State, number: int, now: int) -> None:
        state.in_flight += number
        known = self._webhooks.get(state.webhook_id)
        assert known is not None
        rate = known.facts.rate_limit_per_second
        if rate:
            state.tat = rate_spent(state.tat, rate, now * 1000, number)

    def _claims(self, rows: Sequence[DueRow], worker_id: int) -> list[Claim]:
        claims = []
        for row in rows:
            known = self._webhooks.get(row[3])
            assert known is not None
            claims.append(Claim(*row, worker_id, known))
        return claims
