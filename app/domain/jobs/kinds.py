"""What a job can do, and the states that it goes through."""

from dataclasses import dataclass

RESEND, CANCEL, SEND_MISSED = "resend", "cancel", "send_missed"
# Jobs that only read, one organization after the other: the event types that its webhooks select,
# or the number of its deliveries.
EVENT_TYPES, DELIVERY_COUNTS = "event_types", "delivery_counts"
REPORTS = frozenset({EVENT_TYPES, DELIVERY_COUNTS})

# Jobs that write a file, and its format.
EXPORTS = {"export_csv": "csv", "export_ndjson": "ndjson"}

QUEUED, RUNNING = "queued", "running"
COMPLETED, STOPPED, FAILED = "completed", "stopped", "failed"
OPEN = frozenset({QUEUED, RUNNING})

# An organization's jobs that are not finished.
MAX_OPEN = 10
# Those of them that write a file. All who read deliveries may start them: others keep room.
MAX_OPEN_EXPORTS = 2


@dataclass(frozen=True, slots=True)
class Kind:
    """title: of a job. acted: what it has done with a delivery. unit: singular and plural of what
    it acts on."""

    title: str
    acted: str
    unit: tuple[str, str] = ("delivery", "deliveries")


# Those of one organization's deliveries.
KINDS = {
    RESEND: Kind("Resend deliveries", "queued for resend"),
    CANCEL: Kind("Cancel deliveries", "cancelled"),
    SEND_MISSED: Kind("Send missed events", "queued", ("event", "events")),
    "export_csv": Kind("Export deliveries as CSV", "exported"),
    "export_ndjson": Kind("Export deliveries as NDJSON", "exported"),
}
