"""Claim due deliveries fairly across webhooks, within each webhook's limits."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection

from app.domain.webhooks.throttling import rate_allows, rate_spent, rate_wait, room
from app.engine.claims import Claim
from app.engine.due_queue.backlog import FULL_SECONDS, Backlog
from app.engine.due_queue.statements import DueQueue, DueRow, State
from app.engine.hosts import HostKey, share_hosts
from app.engine.in_flight import InFlight
from app.engine.webhook_cache import CachedWebhook, WebhookCache

# How long a just paused webhook is skipped, and the longest wait for a rate limit, since either
# setting may change meanwhile.
PAUSED_SECONDS = MAX_SKIP_SECONDS = 1.0
# The largest claim: a longer one would delay the recording of finished requests.
MAX_CLAIM = 400


class Claimer:
    def __init__(
        self, due_queue: DueQueue, webhooks: WebhookCache, backlog: Backlog, in_flight: InFlight
    ) -> None:
        self._due_queue, self._webhooks = due_queue, webhooks
        self._backlog, self._in_flight = backlog, in_flight

    def claim(
        self,
        connection: Connection,
        worker_id: int,
        states: dict[str, State],
        clock: float,
        now: int,
    ) -> list[Claim]:
        """Claim for `worker_id`. clock: monotonic seconds; now: ms since the epoch.

        states: rows that the transaction has locked already. Those of the webhooks claimed from
        are added; the caller saves them all.
        """
        requested = self._choose(clock, now)
        if not requested:
            return []
        missing = {webhook_id for webhook_id, _ in requested} - states.keys()
        added = self._due_queue.states(connection, missing, wait=False) if missing else []
        locked = states | {state.webhook_id: state for state in added}
        versions = [
            (webhook_id, locked[webhook_id].version)
            for webhook_id, _ in requested
            if webhook_id in locked
        ]
        for webhook in self._webhooks.load(connection, self._webhooks.outdated(versions, now), now):
            self._in_flight.hosts.learn(webhook.host_limit)
        allowed = self._within_limits(requested, locked, clock, now)
        if not allowed:
            return []
        rows = self._due_queue.claim(connection, worker_id, allowed, now)
        received = Counter(row[3] for row in rows)
        self._backlog.claimed(allowed, received)
        for webhook_id, number in received.items():
            states[webhook_id] = locked[webhook_id]
            self._spend(locked[webhook_id], number, now)
        return self._claims(rows, worker_id)

    def _choose(self, clock: float, now: int) -> list[tuple[str, int]]:
        slots = min(self._in_flight.room, MAX_CLAIM)
        if slots <= 0:
            return []
        organizations = self._in_flight.left_to_organizations()
        return self._backlog.choose(
            slots, clock, now, room_of=self._room_of, organizations=organizations
        )

    def _room_of(self, webhook_id: str) -> int:
        webhook = self._webhooks.get(webhook_id)
        if webhook is None:
            return self._in_flight.room_of(webhook_id, 1)
        room = self._in_flight.room_of(webhook_id, webhook.facts.max_in_flight)
        if not room or self._in_flight.hosts.have_room(1):
            return room
        return self._unless_host_is_full(room, webhook)

    def _unless_host_is_full(self, room: int, webhook: CachedWebhook) -> int:
        hosts = self._in_flight.hosts
        if hosts.room(webhook.host, webhook.host_limit) > 0:
            return room
        hosts.wait(webhook.host, webhook.facts.id)
        return 0

    def _within_limits(
        self, requested: Sequence[tuple[str, int]], states: dict[str, State], clock: float, now: int
    ) -> list[tuple[str, int]]:
        """Reduce the numbers to what each webhook's own limits permit; skip those at their limit
        for as long as it lasts."""
        allowed = []
        shares = self._shares_of_hosts(requested)
        for webhook_id, _ in requested:
            state, webhook = states.get(webhook_id), self._webhooks.get(webhook_id)
            if state is None or webhook is None:
                self._backlog.skip_locked(webhook_id, clock)
                continue
            if not state.is_active:
                self._backlog.skip(webhook_id, clock + PAUSED_SECONDS)
                continue
            share = shares.get(webhook_id, 0)
            if not share:
                self._in_flight.hosts.wait(webhook.host, webhook_id)
            permitted = min(share, room(webhook.facts.max_in_flight, state.window, state.in_flight))
            pause, rate = FULL_SECONDS, webhook.facts.rate_limit_per_second
            if permitted and rate:
                permitted = min(permitted, rate_allows(state.tat, rate, now * 1000))
                pause = rate_wait(state.tat, rate, now * 1000)
            if permitted:
                allowed.append((webhook_id, permitted))
            else:
                self._backlog.skip(webhook_id, clock + min(pause, MAX_SKIP_SECONDS))
        return allowed

    def _shares_of_hosts(self, requested: Sequence[tuple[str, int]]) -> dict[str, int]:
        hosts = self._in_flight.hosts
        if hosts.have_room(sum(number for _, number in requested)):
            return dict(requested)
        demands: list[tuple[str, HostKey, int]] = []
        rooms: dict[HostKey, int] = {}
        for webhook_id, number in requested:
            webhook = self._webhooks.get(webhook_id)
            if webhook is not None:
                demands.append((webhook_id, webhook.host, number))
                rooms[webhook.host] = hosts.room(webhook.host, webhook.host_limit)
        return share_hosts(demands, rooms)

    def _spend(self, state: State, number: int, now: int) -> None:
        state.in_flight += number
        webhook = self._webhooks.get(state.webhook_id)
        assert webhook is not None
        rate = webhook.facts.rate_limit_per_second
        if rate:
            state.tat = rate_spent(state.tat, rate, now * 1000, number)

    def _claims(self, rows: Sequence[DueRow], worker_id: int) -> list[Claim]:
        claims = []
        for row in rows:
            webhook = self._webhooks.get(row[3])
            assert webhook is not None
            claims.append(Claim(*row, worker_id, webhook))
        return claims
