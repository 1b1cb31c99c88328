"""Which webhooks are failing, and by which numbers. The one definition for every page."""

from collections.abc import Iterable

from sqlalchemy import or_, select

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
from app.queries.statistics.counters import outcomes

# Webhooks that are examined for the whole organization.
EXAMINED = 200


def of_states(organization_id: str, states: Iterable[WebhookState]) -> dict[str, Failing]:
    """{webhook id: why it is failing} of these. Counters are read only if there were failures in
    the last hour."""
    states, now = list(states), now_ms()
    recent = [
        state.webhook_id
        for state in states
        if state.last_failure_at is not None and state.last_failure_at >= now - RATE_WINDOW_MS
    ]
    figures = outcomes(organization_id, recent, window(RATE_WINDOW, now)) if recent else {}
    result = {}
    for state in states:
        hour = figures.get(state.webhook_id)
        failing = judge_failing(
            state.consecutive_failures,
            state.failing_since,
            hour.failed_attempts if hour else 0,
            hour.attempts if hour else 0,
        )
        if failing is not None:
            result[state.webhook_id] = failing
    return result


def of_organization(organization_id: str) -> dict[str, Failing]:
    """{webhook id: why it is failing} of its active webhooks, the longest failing first."""
    in_a_row = WebhookState.failing_since.is_not(None) & (
        WebhookState.consecutive_failures >= CONSECUTIVE
    )
    recent = WebhookState.last_failure_at >= now_ms() - RATE_WINDOW_MS
    states = db.session.scalars(
        select(WebhookState)
        .join(Webhook, Webhook.id == WebhookState.webhook_id)
        .where(
            WebhookState.organization_id == organization_id,
            Webhook.kind == "webhook",
            Webhook.deleted_at.is_(None),
            Webhook.is_active,
            or_(in_a_row, recent),
        )
        .order_by(WebhookState.failing_since.is_(None), WebhookState.failing_since)
        .limit(EXAMINED)
    )
    return of_states(organization_id, states)
