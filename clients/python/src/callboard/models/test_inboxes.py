"""Test inboxes and the requests that they received."""

from typing import Literal, TypedDict

from callboard.models.deliveries import Body, Header


class TestInboxSettings(TypedDict, total=False):
    """How it responds. failure_percent: the share of requests that get 503."""

    name: str
    status: int
    delay_seconds: float
    failure_percent: int


class TestInbox(TypedDict):
    """url: where requests go; anybody who knows it may call it."""

    id: str
    url: str
    name: str
    status: int
    delay_seconds: float
    failure_percent: int
    received: int
    last_received_at: str | None
    created_at: str


class ListedReceivedRequest(TypedDict):
    """signature: as a receiver would verify it. webhook_id, delivery_id: what sent it. status,
    status_reason: of the response."""

    id: str
    received_at: str
    method: str
    event_type: str | None
    bytes: int
    remote_address: str | None
    signature: Literal["valid", "wrong", "none", "unknown", "unchecked"]
    webhook_id: str | None
    delivery_id: str | None
    status: int
    status_reason: Literal["status", "failure", "busy", "rate"]


class ReceivedRequest(ListedReceivedRequest):
    """truncated: the body was longer than what is stored."""

    request_line: str
    headers: list[Header]
    body: Body
    truncated: bool
