"""Jobs as the API shows and takes them."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from app.api.schemas.requests import Input
from app.api.schemas.responses import Id, Schema, Time
from app.api.schemas.states import DeliveryState
from app.domain.jobs.kinds import KINDS

Kind = Annotated[str, Meta(extra_json_schema={"enum": list(KINDS)})]


class JobInput(Input, frozen=True, kw_only=True):
    """kind: `resend` and `cancel` take the filters of the bulk actions, at least one;
    `send_missed` takes `webhook_id` and `since`; `export_csv` and `export_ndjson` take any filters
    or none, and have a file when they are done."""

    kind: Kind
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
