"""Request bodies as types, only for openapi.py: the rules in `domain` check them."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from app.api.schemas import settings, texts
from app.api.schemas.responses import Id, Time
from app.api.schemas.states import CancellableState, ResendableState
from app.domain.accounts.networks import MAX_NETWORKS
from app.domain.accounts.permissions import SCOPES
from app.domain.accounts.quotas import BOUNDS
from app.domain.addresses.urls import MAX_URL
from app.domain.common.names import NOT_NUL_PATTERN, TEXT_PATTERN
from app.domain.deliveries.causes import CAUSES
from app.domain.event_types.names import MAX_NAME_LENGTH, NAME_PATTERN
from app.domain.events.fields import MAX_FIND, MAX_MERGE
from app.domain.issues.coverage import LASTS
from app.domain.webhooks.presets import PRESETS
from app.domain.webhooks.signing import SECRET_PATTERN
from app.services.issues.acknowledgements import NOTE_LENGTH

Scope = Annotated[str, Meta(extra_json_schema={"enum": list(SCOPES)})]
# Merge fields make a URL of it.
CallbackUrl = Annotated[str, Meta(min_length=1, max_length=MAX_URL, pattern=TEXT_PATTERN)]
PresetName = Annotated[str, Meta(extra_json_schema={"enum": list(PRESETS)})]


class Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Missing fields have their defaults; unknown ones are errors."""


class Merge(Input, frozen=True, kw_only=True):
    find: Annotated[str, Meta(pattern=rf"^[^{{}}\x00]{{1,{MAX_FIND}}}$")]
    replace: Annotated[str, Meta(max_length=MAX_URL, pattern=NOT_NUL_PATTERN)]


class EventInput(Input, frozen=True, kw_only=True):
    """An event. Its payload is stored and sent byte for byte."""

    type: Annotated[
        str,
        Meta(
            pattern=NAME_PATTERN,
            max_length=MAX_NAME_LENGTH,
            examples=["encoding.finished"],
        ),
    ]
    payload: dict[str, Any]
    source: texts.Source | UnsetType | None = UNSET
    occurred_at: Annotated[Time | UnsetType | None, Meta(description="Default: now.")] = UNSET
    id: Annotated[
        texts.ProducerId | UnsetType | None,
        Meta(description="Your own ID: repeating the request creates nothing new."),
    ] = UNSET
    callback: Annotated[
        CallbackUrl | UnsetType | None,
        Meta(description="A URL that receives this event once, besides all webhooks."),
    ] = UNSET
    callback_preset: PresetName | UnsetType | None = UNSET
    merge: Annotated[
        Annotated[list[Merge], Meta(max_length=MAX_MERGE)] | UnsetType | None,
        Meta(description="Values for {{FIND}} in `callback`."),
    ] = UNSET
    ordering_key: texts.OrderingKey | UnsetType | None = UNSET


class BatchInput(Input, frozen=True, kw_only=True):
    events: Annotated[list[EventInput], Meta(min_length=1, max_length=1000)]


WebhookUid = Annotated[
    str,
    Meta(
        pattern="^[A-Za-z0-9._-]{1,256}$",
        description="An id of your own, but not one of Callboard's, unique among the organization's"
        " webhooks. Paths take it in place of the ID.",
        examples=["orders-1"],
    ),
]


@settings.created
class WebhookInput(Input, frozen=True, kw_only=True):
    """The settings of a webhook. Fields that are left out come from its preset."""

    uid: WebhookUid | UnsetType | None = UNSET


@settings.changed
class WebhookChange(Input, frozen=True, kw_only=True):
    """Settings that are left out stay unchanged."""

    uid: WebhookUid | UnsetType | None = UNSET


class CallbackRotateInput(Input, frozen=True, kw_only=True):
    """overlap_seconds: how long the previous secret stays valid. Default: one day."""

    overlap_seconds: Annotated[int, Meta(ge=0, le=2_592_000)] | UnsetType | None = UNSET


class RotateInput(CallbackRotateInput, frozen=True, kw_only=True):
    """secret: your own. Default: a generated one."""

    secret: Annotated[str, Meta(pattern=SECRET_PATTERN)] | UnsetType | None = UNSET


class Filters(Input, frozen=True, kw_only=True):
    """Those of the list of deliveries, but for `state`."""

    webhook_id: Id | UnsetType | None = UNSET
    event_id: Id | UnsetType | None = UNSET
    event_type: texts.Filter | UnsetType | None = UNSET
    source: texts.Filter | UnsetType | None = UNSET
    status_code: texts.StatusCode | UnsetType | None = UNSET
    cause: texts.Cause | UnsetType | None = UNSET
    since: Time | UnsetType | None = UNSET
    until: Time | UnsetType | None = UNSET
    q: texts.Filter | UnsetType | None = UNSET
    value: texts.PayloadValue | UnsetType | None = UNSET


class BulkInput(Filters, frozen=True, kw_only=True):
    """The filters of the list; at least one is required. dry_run: only count."""

    dry_run: bool | UnsetType = UNSET


class ResendInput(BulkInput, frozen=True, kw_only=True):
    """Which deliveries to resend."""

    state: Annotated[
        Annotated[list[ResendableState], Meta(min_length=1)] | ResendableState | UnsetType | None,
        Meta(description="Default: failed, cancelled and skipped."),
    ] = UNSET


class CancelInput(BulkInput, frozen=True, kw_only=True):
    """Which deliveries to cancel."""

    state: Annotated[
        Annotated[list[CancellableState], Meta(min_length=1)] | CancellableState | UnsetType | None,
        Meta(description="Default: all that are not finished."),
    ] = UNSET


class RecoveryInput(Input, frozen=True, kw_only=True):
    """since: for events created at or after this time. dry_run: only count."""

    since: Time
    dry_run: bool | UnsetType = UNSET


class IssueInput(Input, frozen=True, kw_only=True):
    """An issue of the list. status_code: only if the issue has one."""

    webhook_id: Id
    cause: Annotated[str, Meta(extra_json_schema={"enum": ["", *CAUSES]})]
    status_code: Annotated[int, Meta(ge=100, le=599)] | UnsetType | None = UNSET


class AcknowledgeInput(IssueInput, frozen=True, kw_only=True):
    note: Annotated[str, Meta(max_length=NOTE_LENGTH)] | UnsetType | None = UNSET
    lasts: Annotated[
        str | UnsetType | None,
        Meta(
            description="Until the next failure (the default), until deliveries succeed again, or"
            " until the time `until`.",
            extra_json_schema={"enum": [*LASTS, None]},
        ),
    ] = UNSET
    until: Annotated[
        Time | UnsetType | None,
        Meta(description="With `time` only: at most 90 days from now."),
    ] = UNSET
    owner_id: Annotated[
        Id | UnsetType | None, Meta(description="The user ID of a member who takes care of it.")
    ] = UNSET


OrganizationUid = Annotated[
    str,
    Meta(
        pattern="^[A-Za-z0-9._-]{1,256}$",
        description="An id of your own, but not one of Callboard's. Paths of the asset dialect and"
        " of Svix's API take it in place of the ID.",
        examples=["9mg3d2"],
    ),
]


class OrganizationChange(Input, frozen=True, kw_only=True):
    """What is left out stays unchanged."""

    name: texts.Name | UnsetType = UNSET
    uid: OrganizationUid | UnsetType | None = UNSET
    requires_two_factor: (
        Annotated[
            bool, Meta(description="Members without a second factor are asked to set one up.")
        ]
        | UnsetType
    ) = UNSET
    indexes_values: (
        Annotated[
            bool, Meta(description="Whether new events can be found by values of their payload.")
        ]
        | UnsetType
    ) = UNSET


class OrganizationInput(Input, frozen=True, kw_only=True):
    name: texts.Name
    id: Annotated[Id | UnsetType | None, Meta(description="Your own UUID.")] = UNSET
    uid: OrganizationUid | UnsetType | None = UNSET


class QuotasInput(Input, frozen=True, kw_only=True):
    """Quotas that are left out stay unchanged; null resets one to the installation's default."""

    webhooks: Annotated[int, Meta(ge=1, le=BOUNDS["webhooks"])] | UnsetType | None = UNSET
    deliveries_per_event: (
        Annotated[int, Meta(ge=1, le=BOUNDS["deliveries_per_event"])] | UnsetType | None
    ) = UNSET
    requests_per_host: (
        Annotated[int, Meta(ge=1, le=BOUNDS["requests_per_host"])] | UnsetType | None
    ) = UNSET


NetworkText = Annotated[str, Meta(pattern=texts.NETWORK_PATTERN, examples=["203.0.113.0/24"])]
Networks = Annotated[list[NetworkText], Meta(min_length=1, max_length=MAX_NETWORKS)]
NETWORKS_META = Meta(
    description="Addresses or CIDR networks from which the key may be used. Null: all."
)


class ApiKeyInput(Input, frozen=True, kw_only=True):
    name: texts.Name
    scopes: Annotated[
        Annotated[list[Scope], Meta(min_length=1)] | UnsetType | None,
        Meta(description="Default: all."),
    ] = UNSET
    expires_at: Annotated[Time | UnsetType | None, Meta(description="Default: never.")] = UNSET
    allowed_networks: Annotated[Networks | UnsetType | None, NETWORKS_META] = UNSET


class ApiKeyChange(Input, frozen=True, kw_only=True):
    allowed_networks: Annotated[Networks | None, NETWORKS_META]
