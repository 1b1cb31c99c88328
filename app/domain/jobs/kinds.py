"""What a job can do, and the states that it goes through."""

from dataclasses import dataclass

RESEND, CANCEL, SEND_MISSED = "resend", "cancel", "send_missed"
# Jobs that only read, one organization after the other: the event types that its webhooks select,
# or the number of its deliveries.
EVENT_TYPES, DELIVERY_COUNTS = "event_types", "delivery_counts"
REPORTS = frozenset({EVENT_TYPES, DELIVERY_COUNTS})

# Jobs that write a file, and its format. The last ones' rows are events, with their payloads.
EXPORT_CSV, EXPORT_NDJSON = "export_csv", "export_ndjson"
EXPORT_EVENTS_CSV, EXPORT_EVENTS_NDJSON = "export_events_csv", "export_events_ndjson"
EXPORTS = {
    EXPORT_CSV: "csv",
    EXPORT_NDJSON: "ndjson",
    EXPORT_EVENTS_CSV: "csv",
    EXPORT_EVENTS_NDJSON: "ndjson",
}
EVENT_EXPORTS = frozenset({EXPORT_EVENTS_CSV, EXPORT_EVENTS_NDJSON})
# A job that reads an uploaded file of event types and webhooks.
IMPORT = "import"

QUEUED, RUNNING = "queued", "running"
COMPLETED, STOPPED, FAILED = "completed", "stopped", "failed"
OPEN = frozenset({QUEUED, RUNNING})

# An organization's jobs that are not finished.
MAX_OPEN = 10
# Those of them that write a file. All who read deliveries may start them: others keep room.
MAX_OPEN_EXPORTS = 2
# Each has a file of some MiB until it is done.
MAX_OPEN_IMPORTS = 2


@dataclass(frozen=True, slots=True)
class Kind:
    """title: of a job. acted: what it has done with a delivery. unit: singular and plural of what
    it acts on. subjects: which these are."""

    title: str
    acted: str
    unit: tuple[str, str] = ("delivery", "deliveries")
    subjects: str = "All deliveries that matched"


_EVENTS = ("event", "events")
_MATCHED = "All events that matched"
# Those of one organization.
KINDS = {
    RESEND: Kind("Resend deliveries", "queued for resend"),
    CANCEL: Kind("Cancel deliveries", "cancelled"),
    SEND_MISSED: Kind("Send missed events", "queued", _EVENTS, "Events without a delivery"),
    EXPORT_CSV: Kind("Export deliveries as CSV", "exported"),
    EXPORT_NDJSON: Kind("Export deliveries as NDJSON", "exported"),
    EXPORT_EVENTS_CSV: Kind("Export events as CSV", "exported", _EVENTS, _MATCHED),
    EXPORT_EVENTS_NDJSON: Kind("Export events as NDJSON", "exported", _EVENTS, _MATCHED),
    IMPORT: Kind(
        "Import webhooks and event types",
        "read",
        ("line", "lines"),
        "A file of webhooks and event types",
    ),
}
# Those that a filter or a webhook is enough for, so that `POST /jobs` can start them.
STARTABLE = tuple(kind for kind in KINDS if kind != IMPORT)
# Those that act on no delivery: what they have done is done.
WITHOUT_DELIVERIES = frozenset({*EXPORTS, IMPORT})
