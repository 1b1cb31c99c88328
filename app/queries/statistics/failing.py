"""Which webhooks are failing, and by which numbers. The one definition for every page."""

from collections.abc import Iterable
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
from app.queries.statistics.counters import outcome_sums

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


def of_states(organization_id: str, states: Iterable[Judged]) -> dict[str, Failing]:
    """{webhook id: why it is failing} of these. Counters are read only if there were failures in
    the last hour."""
    states, now = list(states), now_ms()
    recent = [
        state.webhook_id
        for state in states
        if state.last_failure_at is not None and state.last_failure_at >= now - RATE_WINDOW_MS
    ]
    since = window(RATE_WINDOW, now).start
    sums = outcome_sums(organization_id, recent, since) if recent else {}
    result = {}
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


def has_any(organization_id: str) -> bool:
    """Whether `of_organization` would have any, for less: it stops at the first."""
    active = _active(organization_id)
    if db.session.scalar(select(active.where(IN_A_ROW).exists())):
        return True
    recent = active.where(not_(IN_A_ROW), _failed_recently()).limit(EXAMINED)
    states = list(db.session.execute(recent.order_by(WebhookState.last_failure_at.desc())))
    return any(of_states(organization_id, part) for part in (states[:FIRST], states[FIRST:]))


def by_rate(organization_id: str) -> dict[str, Failing]:
    """The same of those that fail by the rate of the last hour alone, the latest failure first."""
    statement = _active(organization_id).where(not_(IN_A_ROW), _failed_recently())
    return _judged(organization_id, statement.order_by(WebhookState.last_failure_at.desc()))


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
