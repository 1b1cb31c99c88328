"""Which webhooks are failing, and by which numbers. The one definition for every page."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Select, and_, func, not_, or_, select

from app.domain.common.clock import now_ms
from app.domain.deliveries.spans import window
from app.domain.webhooks.failing import (
    CONSECUTIVE,
    RATE_WINDOW,
    RATE_WINDOW_MS,
    Failing,
    judge_failing,
)
from app.models import Webhook, WebhookState
from app.models.common.base import db
from app.queries.common.scans import Condition
from app.queries.statistics.by_webhook import outcome_sums

# Webhooks that are examined for the whole organization.
EXAMINED = 200
# Those of them whose counters `has_any` reads first.
FIRST = 20
# Failing by attempts in a row, as `judge_failing` has it; never NULL.
IN_A_ROW = and_(
    WebhookState.failing_since.is_not(None),
    func.coalesce(WebhookState.consecutive_failures, 0) >= CONSECUTIVE,
)


class Judged(Protocol):
    """What of a webhook's state decides: the columns of `WebhookState`."""

    @property
    def webhook_id(self) -> str: ...
    @property
    def last_failure_at(self) -> int | None: ...
    @property
    def consecutive_failures(self) -> int: ...
    @property
    def failing_since(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class ByRate:
    """What was read of the last hour. examined: ids of webhooks whose counters were read. failing:
    why those of them are that fail by their rate alone."""

    examined: frozenset[str]
    failing: dict[str, Failing]


def of_states(
    organization_id: str, states: Iterable[Judged], known: ByRate | None = None
) -> dict[str, Failing]:
    """{webhook id: why it is failing} of these. Counters are read only if there were failures in
    the last hour, and not again of webhooks that `known` has."""
    states, now = list(states), now_ms()
    result = {}
    if known is not None:
        ids = [state.webhook_id for state in states]
        result = {id_: known.failing[id_] for id_ in ids if id_ in known.failing}
        states = [state for state in states if state.webhook_id not in known.examined]
    recent = [
        state.webhook_id
        for state in states
        if state.last_failure_at is not None and state.last_failure_at >= now - RATE_WINDOW_MS
    ]
    since = window(RATE_WINDOW, now).start
    sums = outcome_sums(organization_id, recent, since) if recent else {}
    for state in states:
        numbers = sums.get(state.webhook_id, {})
        attempts = sum(numbers.values())
        failing = judge_failing(
            state.consecutive_failures,
            state.failing_since,
            attempts - numbers.get("succeeded", 0),
            attempts,
        )
        if failing is not None:
            result[state.webhook_id] = failing
    return result


def of_organization(organization_id: str) -> dict[str, Failing]:
    """{webhook id: why it is failing} of its active webhooks, the longest failing first."""
    statement = _active(organization_id).where(or_(IN_A_ROW, _failed_recently()))
    longest = (WebhookState.failing_since.is_(None), WebhookState.failing_since)
    return _judged(organization_id, statement.order_by(*longest))


def has_any(organization_id: str, known: ByRate | None = None) -> bool:
    """Whether `of_organization` would have any, for less: it stops at the first. known: if it was
    read already."""
    active = _active(organization_id)
    if known is not None and known.failing:
        return True
    if db.session.scalar(select(active.where(IN_A_ROW).exists())):
        return True
    if known is not None:
        return False
    recent = active.where(not_(IN_A_ROW), _failed_recently()).limit(EXAMINED)
    states = list(db.session.execute(recent.order_by(WebhookState.last_failure_at.desc())))
    return any(of_states(organization_id, part) for part in (states[:FIRST], states[FIRST:]))


def by_rate(organization_id: str) -> ByRate:
    """Of those that do not fail by attempts in a row, the latest failure first."""
    statement = _active(organization_id).where(not_(IN_A_ROW), _failed_recently())
    statement = statement.order_by(WebhookState.last_failure_at.desc()).limit(EXAMINED)
    states = list(db.session.execute(statement))
    examined = frozenset(state.webhook_id for state in states)
    return ByRate(examined, of_states(organization_id, states))


def _active(organization_id: str) -> Select[Any]:
    """Plain columns, as there may be EXAMINED."""
    columns = (
        WebhookState.webhook_id,
        WebhookState.last_failure_at,
        WebhookState.consecutive_failures,
        WebhookState.failing_since,
    )
    statement: Any = select(*columns)
    return (  # type: ignore[no-any-return]
        statement.join(Webhook, Webhook.id == WebhookState.webhook_id).where(
            WebhookState.organization_id == organization_id,
            Webhook.kind == "webhook",
            Webhook.deleted_at.is_(None),
            Webhook.is_active,
        )
    )


def _failed_recently() -> Condition:
    return WebhookState.last_failure_at >= now_ms() - RATE_WINDOW_MS


def _judged(organization_id: str, statement: Select[Any]) -> dict[str, Failing]:
    return of_states(organization_id, db.session.execute(statement.limit(EXAMINED)))
