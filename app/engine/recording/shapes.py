"""The columns of the rows that recording inserts."""

from app.models import Attempt, DeliveryBody, Tally
from app.store import bulk

ATTEMPTS = bulk.Shape(
    Attempt.__table__,
    (
        "organization_id",
        "webhook_id",
        "delivery_id",
        "number",
        "started_at",
        "cause",
        "detail",
        "status",
        "url",
        "request_head",
        "response_head",
        "response_body",
        "response_truncated",
        "remote_address",
        "dns_us",
        "connect_us",
        "tls_us",
        "first_byte_us",
        "total_us",
        "late_at",
        "retried",
    ),
)
TALLIES = bulk.Shape(Tally.__table__, ("minute", "deltas"))
BODIES = bulk.Shape(DeliveryBody.__table__, ("delivery_id", "content_type", "body"))
