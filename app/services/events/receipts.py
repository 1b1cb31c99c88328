"""Results of publishing: for a new event, or for one that was published before under its key."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.domain.common.errors import CallboardError, Conflict, Unavailable
from app.domain.deliveries.states import PENDING, SKIPPED
from app.domain.events.event import Mismatch
from app.queries.events import publishing as publishing_queries
from app.runtime.redis.due_channel import Due
from app.services.events.drafts import Prepared
from app.services.events.rows import NewDelivery


@dataclass(frozen=True, slots=True)
class CreatedDelivery:
    """webhook_id: None for the one-off callback. state: at acceptance, `pending`, or `skipped` if
    the webhook is paused."""

    id: str
    webhook_id: str | None
    state: str


@dataclass(frozen=True, slots=True)
class Published:
    """duplicate: the same event was published before under this key; these are its deliveries.
    mismatches: with the schema of its type."""

    id: str
    type: str
    deliveries: tuple[CreatedDelivery, ...]
    duplicate: bool
    mismatches: tuple[Mismatch, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """due: the webhooks that have something to send now. new_type: (organization id, event type)
    that may be new in the catalogue. item: what was stored; None for a duplicate."""

    published: Published
    due: tuple[Due, ...] = ()
    new_type: tuple[str, str] | None = None
    item: Prepared | None = None


@dataclass(slots=True)
class Submission:
    """An event on its way through the transaction."""

    id: str
    item: Prepared
    is_new: bool = False
    is_new_type: bool = False
    deliveries: list[NewDelivery] = field(default_factory=list)

    @property
    def organization_id(self) -> str:
        return self.item.organization_id

    @property
    def key(self) -> publishing_queries.Key:
        return self.item.organization_id, self.item.draft.producer_id

    def accepted(self) -> Accepted:
        type_ = self.item.draft.type
        deliveries = tuple(
            CreatedDelivery(d.id, d.webhook_id if d.url is None else None, d.state)
            for d in self.deliveries
        )
        return Accepted(
            Published(self.id, type_, deliveries, False, self.item.mismatches or ()),
            due=tuple((self.organization_id, d.webhook_id) for d in self.deliveries if d.active),
            new_type=(self.organization_id, type_) if self.is_new_type else None,
            item=self.item,
        )


def repeated(repeats: list[Submission]) -> dict[str, Accepted | CallboardError]:
    """Results for events whose idempotency key was used before, by submission id."""
    if not repeats:
        return {}
    used = publishing_queries.used_keys([submission.key for submission in repeats])
    same = [used[s.key][0] for s in repeats if s.key in used and _is_same(s, used[s.key][1])]
    deliveries = _deliveries(same)
    return {s.id: _result(s, used.get(s.key), deliveries) for s in repeats}


def unused(submissions: Sequence[Submission]) -> list[Submission]:
    """Those under whose idempotency key no event was published before, with one query for all."""
    keyed = [each.key for each in submissions if each.item.fingerprint is not None]
    used = publishing_queries.used_keys(keyed) if keyed else {}
    return [each for each in submissions if each.item.fingerprint is None or each.key not in used]


def _is_same(submission: Submission, fingerprint: bytes) -> bool:
    return fingerprint == submission.item.fingerprint


def _result(
    submission: Submission,
    used: tuple[str, bytes] | None,
    deliveries: dict[str, list[CreatedDelivery]],
) -> Accepted | CallboardError:
    if used is None:
        return Unavailable("The earlier event with this id is being deleted. Try again later.")
    event_id, fingerprint = used
    draft = submission.item.draft
    if not _is_same(submission, fingerprint):
        return Conflict(f"The id {draft.producer_id!r} was already used for a different event.")
    # As in the first response, unless the schema has changed.
    mismatches = submission.item.mismatches or ()
    return Accepted(Published(event_id, draft.type, tuple(deliveries[event_id]), True, mismatches))


def _deliveries(event_ids: list[str]) -> dict[str, list[CreatedDelivery]]:
    by_event: dict[str, list[CreatedDelivery]] = defaultdict(list)
    for event_id, delivery_id, webhook_id, url, state in publishing_queries.deliveries(event_ids):
        shown = webhook_id if url is None else None
        # The state at acceptance, so that a repeated request gets the first response again.
        first = state if state == SKIPPED else PENDING
        by_event[event_id].append(CreatedDelivery(delivery_id, shown, first))
    return by_event
