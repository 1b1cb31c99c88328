"""The payload of each system event: what Callboard publishes, and what its description says."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

Id = Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
Link = Annotated[str, Meta(description="The page about it.")]
Since = Annotated[
    str,
    Meta(description="Since when all attempts fail.", extra_json_schema={"format": "date-time"}),
]
Cause = Annotated[str, Meta(description="Why the last attempt failed.", examples=["refused"])]
Status = Annotated[int, Meta(description="Of the last response.")]
Reason = Annotated[str, Meta(description="A sentence for people.")]


class AboutWebhook(msgspec.Struct, frozen=True):
    id: Id
    name: str
    url: str


class AboutDelivery(msgspec.Struct, frozen=True):
    """attempts: how many were made."""

    id: Id
    attempts: int


class AboutEvent(msgspec.Struct, frozen=True):
    id: Id
    type: str


class _Notice(msgspec.Struct, frozen=True, kw_only=True):
    webhook: AboutWebhook


class WebhookDisabledPayload(_Notice, frozen=True, kw_only=True):
    reason: Reason | UnsetType = UNSET
    cause: Cause | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    since: Since | UnsetType = UNSET
    link: Link | UnsetType = UNSET


class WebhookFailingPayload(_Notice, frozen=True, kw_only=True):
    cause: Cause | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    since: Since | UnsetType = UNSET
    link: Link | UnsetType = UNSET


class WebhookRecoveredPayload(_Notice, frozen=True, kw_only=True):
    since: Since | UnsetType = UNSET
    link: Link | UnsetType = UNSET


class DeliveryFailedPayload(_Notice, frozen=True, kw_only=True):
    """event: of the failed delivery."""

    delivery: AboutDelivery | UnsetType = UNSET
    event: AboutEvent | UnsetType = UNSET
    cause: Cause | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    link: Link | UnsetType = UNSET


class WebhookDigestPayload(_Notice, frozen=True, kw_only=True):
    """Cause, status and since are those of the latest failure."""

    reason: Reason | UnsetType = UNSET
    cause: Cause | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    counts: Annotated[dict[str, int], Meta(description="By event type.")] | UnsetType = UNSET
    last: (
        Annotated[str, Meta(description="The last type that changed the webhook's state.")]
        | UnsetType
    ) = UNSET
    deliveries: (
        Annotated[list[Id], Meta(description="Of the last failed deliveries, at most 20.")]
        | UnsetType
    ) = UNSET
    since: Since | UnsetType = UNSET
    link: Link | UnsetType = UNSET


class TestPayload(msgspec.Struct, frozen=True):
    test: bool
    message: str


# By event type; of `webhook` and `delivery` events also what `system_events.payload` fills.
NOTICES: dict[str, type[msgspec.Struct]] = {
    "webhook.disabled": WebhookDisabledPayload,
    "webhook.failing": WebhookFailingPayload,
    "webhook.recovered": WebhookRecoveredPayload,
    "delivery.failed": DeliveryFailedPayload,
    "webhook.digest": WebhookDigestPayload,
}
# A submitted edit is any object.
PAYLOADS: dict[str, type] = {**NOTICES, "callboard.test": TestPayload, "render.queued": dict}
