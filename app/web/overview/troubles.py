"""What needs attention now: a row for each trouble, the most severe first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from app.domain.deliveries.causes import CAUSES
from app.domain.webhooks.failing import Failing
from app.domain.webhooks.states import DISABLED, FAILING
from app.models import Webhook, WebhookState
from app.queries.deliveries.walks import Counted
from app.queries.statistics import by_webhook, troubles
from app.queries.statistics.overview import LISTED, Trouble, troubled
from app.web.overview.charts import minute
from app.web.webhooks.health import Health, why_failing

# Rows of the table, and those that are left on a small screen.
SHOWN, SHOWN_SMALL = 5, 2
DAY_MS, MINUTE_MS = 86_400_000, 60_000


@dataclass(frozen=True, slots=True)
class Row:
    """A webhook in trouble. reason, what_to_do: in words. since: when it began, in milliseconds
    since the epoch; None: it fails some of the time. failed: deliveries created since `counted`
    (as lists have it in their URL) that have failed. next_at: of its next attempt; None: none is
    planned. health: of its last day."""

    webhook: Webhook
    state: WebhookState
    failing: Failing | None
    reason: str
    what_to_do: str
    since: int | None
    counted: str
    failed: Counted
    next_at: int | None
    health: Health


@dataclass(frozen=True, slots=True)
class More:
    """Webhooks in trouble that have no row. url: the list that has them."""

    number: int
    is_all: bool
    url: str


@dataclass(frozen=True, slots=True)
class Attention:
    """small: how many rows a small screen shows. more, more_small: None if all are shown."""

    rows: list[Row]
    small: int
    more: More | None
    more_small: More | None


def attention(
    organization_id: str, damaged: Sequence[str], now: int, *, has_general: bool = False
) -> Attention:
    """damaged: as `troubled` takes it. has_general: a row is taken by a trouble that is no
    webhook's."""
    listed = troubled(organization_id, damaged)
    wide, small = (shown - has_general for shown in (SHOWN, SHOWN_SMALL))
    rows = _rows(organization_id, listed[:wide], now)
    return Attention(rows, small, _more(listed, wide), _more(listed, small))


def _rows(organization_id: str, listed: Sequence[Trouble], now: int) -> list[Row]:
    """By as many statements, however many there are."""
    starts = {trouble.webhook.id: _start(trouble, now) for trouble in listed}
    sparks = by_webhook.sparks(organization_id, list(starts), now)
    failed = troubles.failed_since(organization_id, starts)
    next_at = troubles.next_attempts(organization_id, list(starts))
    statuses = troubles.last_statuses(organization_id, list(starts))
    reasons = {trouble.webhook.id: _reason(trouble, statuses) for trouble in listed}
    return [
        Row(
            webhook=trouble.webhook,
            state=trouble.state,
            failing=trouble.failing,
            reason=reasons[trouble.webhook.id],
            what_to_do=_what_to_do(trouble),
            since=_since(trouble),
            counted=minute(starts[trouble.webhook.id]),
            failed=failed[trouble.webhook.id],
            next_at=next_at.get(trouble.webhook.id) if trouble.webhook.is_active else None,
            health=Health(sparks[trouble.webhook.id], trouble.failing, reasons[trouble.webhook.id]),
        )
        for trouble in listed
    ]


def _since(trouble: Trouble) -> int | None:
    return trouble.state.failing_since or trouble.webhook.disabled_at


def _start(trouble: Trouble, now: int) -> int:
    """Count from the first failed attempt, to the minute, as lists filter; or of the last day."""
    since = trouble.state.failing_since
    if since is None:
        since = (trouble.webhook.disabled_at or now) - DAY_MS
    return since - since % MINUTE_MS


def _reason(trouble: Trouble, statuses: Mapping[str, int]) -> str:
    if trouble.failing is None:
        return trouble.webhook.disabled_reason or ""
    cause = trouble.state.last_failure_cause
    return why_failing(trouble.failing, cause, statuses.get(trouble.webhook.id))


def _what_to_do(trouble: Trouble) -> str:
    cause = CAUSES.get(trouble.state.last_failure_cause or "")
    return cause.what_to_do if cause and trouble.failing else ""


def _more(listed: Sequence[Trouble], shown: int) -> More | None:
    hidden = listed[shown:]
    if not hidden:
        return None
    states = [FAILING] * any(trouble.failing is not None for trouble in hidden)
    states += [DISABLED] * any(trouble.failing is None for trouble in hidden)
    # The list finds damaged ones in no state: they are disabled only in memory.
    is_damaged = any(trouble.webhook.damaged for trouble in hidden)
    url = url_for("webhooks.index", state=None if is_damaged else ",".join(states))
    return More(len(hidden), len(listed) < LISTED, url)
