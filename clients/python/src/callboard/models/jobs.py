from typing import Any, Literal, TypedDict

JobKind = Literal["resend", "cancel", "send_missed"]
JobState = Literal["queued", "running", "completed", "stopped", "failed"]


class JobDeliveries(TypedDict):
    succeeded: int
    failed: int
    waiting: int
    on_hold: int
    cancelled: int
    elsewhere: int


class ListedJob(TypedDict):
    id: str
    kind: JobKind
    state: JobState
    filter: dict[str, Any]
    count: int
    total: int | None
    problem: str | None
    started_by: str
    created_at: str
    started_at: str | None
    ended_at: str | None


class Job(ListedJob):
    deliveries: JobDeliveries
    seconds_left: float | None
