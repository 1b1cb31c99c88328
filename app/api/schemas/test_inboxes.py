"""Test inboxes as the API shows and takes them."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from app.api.schemas.requests import Input
from app.api.schemas.responses import Body, Header, Id, Schema, Time
from app.api.schemas.texts import Name
from app.domain.test_inbox.responses import HIGHEST_STATUS, LOWEST_STATUS, MAX_DELAY_SECONDS

Signature = Annotated[
    str,
    Meta(
        description="`valid`, `wrong`, `none` (not signed), `unknown` (the sender is not a webhook"
        " of this organization) or `unchecked` (too long)."
    ),
]


class TestInbox(Schema, frozen=True):
    """url: where requests go; anybody who knows it may call it. received: requests so far, those
    included that were deleted since."""

    id: Id
    url: str
    name: str
    status: int
    delay_seconds: float
    failure_percent: int
    received: int
    last_received_at: Time | None
    created_at: Time


class TestInboxInput(Input, frozen=True, kw_only=True):
    """Fields that are left out have their defaults, or in a change their present values."""

    name: Name | UnsetType | None = UNSET
    status: (
        Annotated[int, Meta(ge=LOWEST_STATUS, le=HIGHEST_STATUS, description="Default: 200.")]
        | UnsetType
        | None
    ) = UNSET
    delay_seconds: (
        Annotated[float, Meta(ge=0, le=MAX_DELAY_SECONDS, description="Before the response.")]
        | UnsetType
        | None
    ) = UNSET
    failure_percent: (
        Annotated[int, Meta(ge=0, le=100, description="Of the requests, which get 503 instead.")]
        | UnsetType
        | None
    ) = UNSET


class ListedReceivedRequest(Schema, frozen=True):
    """webhook_id, delivery_id: what sent it; null: something else. status, status_reason: of the
    response."""

    id: Id
    received_at: Time
    method: str
    event_type: str | None
    bytes: Annotated[int, Meta(description="Of the whole body.")]
    remote_address: str | None
    signature: Signature
    webhook_id: Id | None
    delivery_id: Id | None
    status: int
    status_reason: Annotated[
        str,
        Meta(description="`status`: the inbox's own; `failure`: its failure rate; `busy`; `rate`."),
    ]


class ReceivedRequest(ListedReceivedRequest, frozen=True):
    """truncated: the body was longer than what is stored."""

    request_line: str
    headers: list[Header]
    body: Body
    truncated: bool
