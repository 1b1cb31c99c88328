"""Jobs as the API shows and takes them."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from app.api.schemas.requests import Input
from app.api.schemas.responses import Id, Schema, Time
from app.api.schemas.states import DeliveryState
from app.domain.jobs.kinds import KINDS, STARTABLE

Kind = Annotated[str, Meta(extra_json_schema={"enum": list(KINDS)})]
StartableKind = Annotated[str, Meta(extra_json_schema={"enum": list(STARTABLE)})]


class JobInput(Input, frozen=True, kw_only=True):
    """kind: `resend` and `cancel` take the filters of the bulk actions, at least one;
    `send_missed` takes `webhook_id` and `since`; `export_csv` and `export_ndjson` take any filters
    or none, and have a file when they are done. So do `export_events_csv` and
    `export_events_ndjson`, which take `event_type`, `source`, `since`, `until`, `q` and `value`;
    their rows have the payloads."""

    kind: StartableKind
    state: Annotated[
        list[DeliveryState] | DeliveryState | UnsetType | None,
        Meta(
            description="Default of resend: failed, cancelled and skipped."
            " Default of cancel: all that are not finished."
        ),
    ] = UNSET
    webhook_id: Id | UnsetType | None = UNSET
    event_id: Id | UnsetType | None = UNSET
    event_type: str | UnsetType | None = UNSET
    source: str | UnsetType | None = UNSET
    status_code: int | str | UnsetType | None = UNSET
    cause: str | UnsetType | None = UNSET
    since: Time | UnsetType | None = UNSET
    until: Time | UnsetType | None = UNSET
    q: str | UnsetType | None = UNSET
    value: str | UnsetType | None = UNSET


class ImportItem(Input, frozen=True, kw_only=True):
    """One of them: a webhook with the fields of a request that creates one, or of one that was
    read; an event type with its `name` and the fields of a request that describes one."""

    webhook: dict[str, Any] | UnsetType = UNSET
    event_type: dict[str, Any] | UnsetType = UNSET


class OrganizationImport(Input, frozen=True, kw_only=True):
    items: Annotated[list[ImportItem], Meta(min_length=1, max_length=10_000)]
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
    first 200 lines with something to say, such as why they were refused."""

    created: int
    updated: int
    skipped: int
    refused: int
    notes: list[ImportNote]


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
        float | None, Meta(description="An estimate, until all deliveries have ended.")
    ]
    imported: Annotated[Imported | None, Meta(description="Of an import.")] = None
