from typing import Any, Literal, TypedDict

JobKind = Literal[
    "resend",
    "cancel",
    "send_missed",
    "export_csv",
    "export_ndjson",
    "export_events_csv",
    "export_events_ndjson",
    "import",
]
JobState = Literal["queued", "running", "completed", "stopped", "failed"]


class JobDeliveries(TypedDict):
    succeeded: int
    failed: int
    waiting: int
    on_hold: int
    cancelled: int
    elsewhere: int


class ImportNote(TypedDict):
    """line: of the items, from 1. outcome: as in the counts."""

    line: int
    name: str
    outcome: str
    note: str


class ImportCounts(TypedDict):
    """skipped: they describe what exists already. notes: of the first ones with something to say.
    more_notes: how many others there are."""

    created: int
    updated: int
    skipped: int
    refused: int
    notes: list[ImportNote]
    more_notes: int


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
    imported: ImportCounts | None
