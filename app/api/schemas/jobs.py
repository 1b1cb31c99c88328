"""Jobs as the API shows and takes them."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from app.api.schemas import texts
from app.api.schemas.requests import Filters, Input
from app.api.schemas.responses import Id, Schema, Time
from app.api.schemas.states import CancellableState, DeliveryState, ResendableState
from app.domain.jobs.kinds import (
    CANCEL,
    EXPORT_CSV,
    EXPORT_EVENTS_CSV,
    EXPORT_EVENTS_NDJSON,
    EXPORT_NDJSON,
    KINDS,
    RESEND,
    SEND_MISSED,
    STARTABLE,
)

Kind = Annotated[str, Meta(extra_json_schema={"enum": list(KINDS)})]


class ResendJobInput(Filters, frozen=True, kw_only=True, tag_field="kind", tag=RESEND):
    """Resend all deliveries that match filters, at least one."""

    state: Annotated[
        Annotated[list[ResendableState], Meta(min_length=1)] | ResendableState | UnsetType | None,
        Meta(description="Default: failed, cancelled and skipped."),
    ] = UNSET


class CancelJobInput(Filters, frozen=True, kw_only=True, tag_field="kind", tag=CANCEL):
    """Cancel all deliveries that match filters, at least one."""

    state: Annotated[
        Annotated[list[CancellableState], Meta(min_length=1)] | CancellableState | UnsetType | None,
        Meta(description="Default: all that are not finished."),
    ] = UNSET


class SendMissedJobInput(Input, frozen=True, kw_only=True, tag_field="kind", tag=SEND_MISSED):
    """Send a webhook the matching events since then that have no delivery, or a skipped one."""

    webhook_id: Id
    since: Time


class _ExportJobInput(Filters, frozen=True, kw_only=True):
    state: Annotated[list[DeliveryState], Meta(min_length=1)] | DeliveryState | UnsetType | None = (
        UNSET
    )


class ExportCsvJobInput(
    _ExportJobInput, frozen=True, kw_only=True, tag_field="kind", tag=EXPORT_CSV
):
    """Write all deliveries that match filters, or all, into a table."""


class ExportNdjsonJobInput(
    _ExportJobInput, frozen=True, kw_only=True, tag_field="kind", tag=EXPORT_NDJSON
):
    """Write all deliveries that match filters, or all, as lines of JSON."""


class _ExportEventsJobInput(Input, frozen=True, kw_only=True):
    event_type: texts.Filter | UnsetType | None = UNSET
    source: texts.Filter | UnsetType | None = UNSET
    since: Time | UnsetType | None = UNSET
    until: Time | UnsetType | None = UNSET
    q: texts.Filter | UnsetType | None = UNSET
    value: texts.PayloadValue | UnsetType | None = UNSET


class ExportEventsCsvJobInput(
    _ExportEventsJobInput, frozen=True, kw_only=True, tag_field="kind", tag=EXPORT_EVENTS_CSV
):
    """Write all events that match filters, or all, with their payloads into a table."""


class ExportEventsNdjsonJobInput(
    _ExportEventsJobInput, frozen=True, kw_only=True, tag_field="kind", tag=EXPORT_EVENTS_NDJSON
):
    """Write all events that match filters, or all, with their payloads as lines of JSON."""


JobInput = (
    ResendJobInput
    | CancelJobInput
    | SendMissedJobInput
    | ExportCsvJobInput
    | ExportNdjsonJobInput
    | ExportEventsCsvJobInput
    | ExportEventsNdjsonJobInput
)
assert {each.__struct_config__.tag for each in JobInput.__args__} == set(STARTABLE)


class ImportItem(Input, frozen=True, kw_only=True):
    """One of them: a webhook with the fields of a request that creates one, or of one that was
    read; an event type with its `name` and the fields of a request that describes one."""

    webhook: dict[str, Any] | UnsetType = UNSET
    event_type: dict[str, Any] | UnsetType = UNSET


# Either field.
OneOfThem = Annotated[ImportItem, Meta(extra_json_schema={"minProperties": 1, "maxProperties": 1})]


class OrganizationImport(Input, frozen=True, kw_only=True):
    items: Annotated[list[OneOfThem], Meta(min_length=1, max_length=10_000)]
    replace_existing: Annotated[
        bool | UnsetType | None,
        Meta(
            description="Change event types of the same name and webhooks of the same uid, instead"
            " of skipping them."
        ),
    ] = UNSET
    paused: Annotated[
        bool | UnsetType | None, Meta(description="Create webhooks paused. Default: true.")
    ] = UNSET


class ImportNote(Schema, frozen=True):
    """line: of the file, from 1. outcome: as in the counts."""

    line: int
    name: str
    outcome: str
    note: str


class Imported(Schema, frozen=True):
    """What became of an import's lines. skipped: they describe what exists already. notes: of the
    first 50 lines with something to say, such as why they were refused. more_notes: the number of
    further ones."""

    created: int
    updated: int
    skipped: int
    refused: int
    notes: list[ImportNote]
    more_notes: int


class JobDeliveries(Schema, frozen=True):
    """What became of the deliveries that the job acted on. elsewhere: a later job acted on them, or
    their data has expired."""

    succeeded: int
    failed: int
    waiting: int
    on_hold: Annotated[int, Meta(description="Until their webhook is resumed.")]
    cancelled: int
    elsewhere: int


class ListedJob(Schema, frozen=True):
    id: Id
    kind: Kind
    state: Annotated[
        str, Meta(description="`queued`, `running`, `completed`, `stopped` or `failed`.")
    ]
    filter: dict[str, Any]
    count: Annotated[int, Meta(description="Deliveries that it has acted on.")]
    total: Annotated[int | None, Meta(description="Of all that it will act on; null: not counted.")]
    problem: Annotated[str | None, Meta(description="Why it failed.")]
    started_by: str
    created_at: Time
    started_at: Time | None
    ended_at: Time | None


class Job(ListedJob, frozen=True):
    deliveries: JobDeliveries
    seconds_left: Annotated[
        float | None,
        Meta(description="An estimate, until all deliveries have ended or the job is stopped."),
    ]
    imported: Annotated[Imported | None, Meta(description="Of an import.")] = None
