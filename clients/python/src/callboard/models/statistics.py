from typing import TypedDict


class Bar(TypedDict):
    start: str
    succeeded: int
    retrying: int
    failed: int
    deliveries: int


class StatusCount(TypedDict):
    status_code: int
    attempts: int


class EventTypeCount(TypedDict):
    event_type: str
    attempts: int
    failed_attempts: int


class CauseCount(TypedDict):
    cause: str
    failed_deliveries: int


class ResponseTimes(TypedDict):
    p50: float | None
    p95: float | None
    p99: float | None


class Statistics(TypedDict):
    since: str
    until: str
    step_seconds: int
    events: int | None
    deliveries: int
    attempts: int
    succeeded: int
    retrying: int
    failed: int
    success_rate: float | None
    failure_rate: float | None
    response_ms: ResponseTimes
    status_codes: list[StatusCount]
    event_types: list[EventTypeCount]
    causes: list[CauseCount]
    series: list[Bar]
    is_complete: bool


class Acknowledgement(TypedDict):
    at: str
    by: str
    note: str
    lasts: str
    until: str | None
    owner: str | None


class Issue(TypedDict):
    webhook_id: str
    webhook_name: str
    webhook_url: str
    cause: str
    status_code: int | None
    explanation: str
    what_to_do: str
    deliveries: int
    unacknowledged: int
    since: str
    last_failed_at: str
    newest_delivery_id: str
    acknowledged: Acknowledgement | None
