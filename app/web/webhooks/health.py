"""The health of webhooks: a day in a row of the list, and the charts of a webhook's page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request

from app.domain.common.clock import now_ms
from app.domain.deliveries.causes import CAUSES, STATUS
from app.domain.webhooks.failing import Failing
from app.models import Webhook, WebhookState
from app.queries.statistics import by_webhook
from app.queries.statistics import failing as failing_queries
from app.queries.statistics.counters import Figures
from app.queries.statistics.failing import ByRate
from app.queries.statistics.troubles import last_statuses
from app.web.common.rendering.localized import number, percent, plural
from app.web.overview import charts, panels


@dataclass(frozen=True, slots=True)
class Health:
    """figures: of the last 24 hours. failing: None if it is not. reason: why the webhook is
    disabled, failing or throttled."""

    figures: Figures
    failing: Failing | None
    reason: str

    @property
    def spark(self) -> list[tuple[str, str]]:
        return charts.spark(self.figures)

    @property
    def summary(self) -> str:
        if not self.figures.attempts:
            return "No attempts in the last 24 hours"
        attempts = plural(self.figures.attempts, "attempt")
        return f"Last 24 hours: {attempts}, {percent(self.figures.failure_rate)} % failed"


def of_webhooks(
    organization_id: str,
    webhooks: Sequence[Webhook],
    states: dict[str, WebhookState],
    known: ByRate | None = None,
) -> dict[str, Health]:
    """{webhook id: its health}. known: the failing ones, if they were read already."""
    sparks = by_webhook.sparks(organization_id, [webhook.id for webhook in webhooks], now_ms())
    failing = failing_queries.of_states(organization_id, states.values(), known)
    by_status = [id_ for id_ in failing if states[id_].last_failure_cause == STATUS]
    statuses = last_statuses(organization_id, by_status)
    return {
        webhook.id: Health(
            sparks[webhook.id],
            failing.get(webhook.id),
            _reason(webhook, states.get(webhook.id), failing.get(webhook.id), statuses),
        )
        for webhook in webhooks
    }


def panel(organization_id: str, webhook_id: str) -> panels.Panel:
    """For the time range in the URL."""
    return panels.panel(organization_id, request.args.get("range"), now_ms(), webhook_id)


def _reason(
    webhook: Webhook,
    state: WebhookState | None,
    failing: Failing | None,
    statuses: Mapping[str, int],
) -> str:
    if not webhook.is_active:
        return webhook.disabled_reason or ""
    if state is None:
        return ""
    if failing is not None:
        return why_failing(failing, state.last_failure_cause, statuses.get(webhook.id))
    if state.window is not None:
        return f"Limited to {max(1, int(state.window))} in flight while the receiver recovers"
    return ""


def why_failing(failing: Failing, last_cause: str | None, status: int | None = None) -> str:
    """`Last 3 attempts failed: DNS lookup failed`. status: of the last response, if known."""
    cause = CAUSES.get(last_cause or "")
    # In few words: there is one line for them.
    title = f"HTTP {status}" if last_cause == STATUS and status else cause and cause.title
    if failing.in_a_row:
        numbers = f"Last {plural(failing.consecutive, 'attempt')} failed"
    else:
        attempts = plural(failing.attempts, "attempt")
        numbers = f"{number(failing.failed)} of {attempts} failed in an hour"
    return f"{numbers}: {title}" if title else numbers
