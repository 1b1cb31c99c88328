"""How a webhook fares: a day in a row of the list, and the charts on its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import request

from app.domain.common.clock import now_ms
from app.domain.deliveries.causes import CAUSES
from app.models import Webhook, WebhookState
from app.queries.statistics import counters
from app.queries.statistics.counters import Figures
from app.web.common.formats import percent, plural
from app.web.overview import breakdowns, charts


@dataclass(frozen=True, slots=True)
class Health:
    """figures: of the last 24 hours. why: what there is to know about a state, or ""."""

    figures: Figures
    why: str

    @property
    def spark(self) -> list[tuple[int, charts.Segment]]:
        return charts.spark(self.figures)

    @property
    def words(self) -> str:
        if not self.figures.attempts:
            return "No attempt in the last 24 hours"
        attempts = plural(self.figures.attempts, "attempt")
        return f"Last 24 hours: {attempts}, {percent(self.figures.failure_rate)} % failed"


def of_rows(
    organization_id: str, webhooks: Sequence[Webhook], states: dict[str, WebhookState]
) -> dict[str, Health]:
    """{webhook id: how it fares}"""
    sparks = counters.sparks(organization_id, [webhook.id for webhook in webhooks], now_ms())
    return {
        webhook.id: Health(sparks[webhook.id], _why(webhook, states.get(webhook.id)))
        for webhook in webhooks
    }


def panel(organization_id: str, webhook_id: str) -> dict[str, Any]:
    """For webhooks/_charts.html; the range is the one in the address."""
    name = charts.asked_range(request.args.get("range"))
    figures_of = partial(counters.figures, organization_id, webhook_id=webhook_id)
    found = charts.panel(figures_of, name, now_ms(), webhook_id)
    parts = breakdowns.breakdowns(found["figures"], name, webhook_id)
    return {**found, "breakdowns": parts}


def _why(webhook: Webhook, state: WebhookState | None) -> str:
    if not webhook.is_active:
        return webhook.disabled_reason or ""
    if state is None:
        return ""
    if state.failing_since is not None:
        cause = CAUSES.get(state.last_failure_cause or "")
        return cause.title if cause else "Nothing has got through of late."
    if state.window is not None:
        return f"At most {max(1, int(state.window))} at once while its receiver recovers"
    return ""
