"""Responses with figures: statistics and issues."""

from typing import Annotated

from msgspec import Meta

from app.api.schemas.responses import Id, Milliseconds, Schema, Time
from app.domain.issues.coverage import LASTS

Share = Annotated[float, Meta(ge=0, le=1)]


class ResponseTimes(Schema, frozen=True):
    """Percentiles in milliseconds, accurate to 9 %. null: no responses."""

    p50: Milliseconds | None
    p95: Milliseconds | None
    p99: Milliseconds | None


class Bar(Schema, frozen=True):
    """Attempts by outcome and created deliveries, from `start` for `step_seconds`. success_rate:
    share of the deliveries ended then that succeeded; null: none ended."""

    start: Time
    succeeded: int
    retrying: int
    failed: int
    deliveries: int
    success_rate: Share | None
    response_ms: ResponseTimes


class StatusCount(Schema, frozen=True):
    status_code: int
    attempts: int


class EventTypeCount(Schema, frozen=True):
    event_type: str
    attempts: int
    failed_attempts: int


class CauseCount(Schema, frozen=True):
    cause: str
    failed_deliveries: int


class Statistics(Schema, frozen=True):
    """The figures of the overview, or of one webhook's page.

    retrying: failed attempts with a retry. failed: deliveries that failed. success_rate: share of
    ended deliveries that succeeded. failure_rate: share of attempts that failed; null:
    there were none. causes: of the
    failed deliveries created in this time."""

    since: Time
    until: Time
    step_seconds: int
    events: Annotated[int | None, Meta(description="null: not counted by webhook.")]
    deliveries: int
    attempts: int
    succeeded: int
    retrying: int
    failed: int
    success_rate: Share | None
    failure_rate: Share | None
    response_ms: ResponseTimes
    status_codes: list[StatusCount]
    event_types: list[EventTypeCount]
    causes: list[CauseCount]
    series: Annotated[list[Bar], Meta(description="Oldest first; the last one is still growing.")]
    is_complete: Annotated[
        bool,
        Meta(description="false: recent attempts, or old failed deliveries, are not counted yet."),
    ]


class Acknowledgement(Schema, frozen=True):
    """lasts: until deliveries failed after `at` (`failure`), until deliveries succeed again
    (`resolved`), or until a `time`, then `until`. owner: the email address of the member who takes
    care of it."""

    at: Time
    by: str
    note: str
    lasts: Annotated[str, Meta(extra_json_schema={"enum": list(LASTS)})]
    until: Time | None
    owner: str | None


class Issue(Schema, frozen=True):
    """Failed deliveries of one webhook with the same failure reason. webhook_id: for one-off
    callbacks that of their target, which is not listed. deliveries: all of them; unacknowledged:
    those that failed after the acknowledgement, since `since`."""

    webhook_id: Id
    webhook_name: str
    webhook_url: str
    cause: str
    status_code: int | None
    explanation: str
    what_to_do: str
    deliveries: int
    unacknowledged: int
    since: Time
    last_failed_at: Time
    newest_delivery_id: Id
    acknowledged: Acknowledgement | None


class Issues(Schema, frozen=True):
    """Latest first. is_complete: every failed delivery was examined; otherwise the newest ones."""

    data: list[Issue]
    is_complete: bool
