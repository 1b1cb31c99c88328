"""What a producer is told: about an event that was just accepted, or about the one that it posted
before under the same idempotency key."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.domain.common.errors import CallboardError, Conflict, Unavailable
from app.domain.deliveries.states import PENDING, SKIPPED
from app.queries.events import publishing as publishing_queries
from app.services.events.drafts import Prepared
from app.services.events.rows import Wanted


@dataclass(frozen=True, slots=True)
class MadeDelivery:
    """webhook_id: None for the one-off callback. state: at acceptance, `pending`, or `skipped` when
    the webhook is paused."""

    id: str
    webhook_id: str | None
    state: str


@dataclass(frozen=True, slots=True)
class Published:
    """duplicate: its key had been used for the same event, whose deliveries these are."""

    id: str
    type: str
    deliveries: tuple[MadeDelivery, ...]
    duplicate: bool


@dataclass(frozen=True, slots=True)
class Accepted:
    """is_due: there is something to send. new_type: (organization id, event type) that may have
    joined the catalogue. judged: the organization, and its webhooks whose filter the
    sandbox judged, with whether it exceeded its budget."""

    published: Published
    is_due: bool = False
    new_type: tuple[str, str] | None = None
    judged: tuple[str, Mapping[str, bool]] | None = None


@dataclass(slots=True)
class Made:
    """An event on its way through the transaction."""

    id: str
    item: Prepared
    is_fresh: bool = False
    is_new_type: bool = False
    wanted: list[Wanted] = field(default_factory=list)
    judged: dict[str, bool] = field(default_factory=dict)

    @property
    def organization_id(self) -> str:
        return self.item.organization_id

    @property
    def key(self) -> tuple[str, str | None]:
        return self.item.organization_id, self.item.draft.producer_id

    def accepted(self) -> Accepted:
        type_ = self.item.draft.type
        deliveries = tuple(
            MadeDelivery(one.id, one.webhook_id if one.url is None else None, one.state)
            for one in self.wanted
        )
        return Accepted(
            Published(self.id, type_, deliveries, duplicate=False),
            is_due=any(one.active for one in self.wanted),
            new_type=(self.organization_id, type_) if self.is_new_type else None,
            judged=(self.organization_id, self.judged) if self.judged else None,
        )


def repeated(repeats: list[Made]) -> dict[str, Accepted | CallboardError]:
    """The answer for each by the id that it would have had."""
    if not repeats:
        return {}
    used = publishing_queries.used_keys([made.key for made in repeats])
    same = [event_id for made in repeats for event_id in _same(made, used)]
    deliveries = _deliveries(same)
    return {made.id: _answer(made, used, deliveries) for made in repeats}


_Used = dict[tuple[str, str | None], tuple[str, bytes]]


def _same(made: Made, used: _Used) -> Iterator[str]:
    event_id, fingerprint = used.get(made.key, ("", b""))
    if fingerprint == made.item.fingerprint:
        yield event_id


def _answer(
    made: Made, used: _Used, deliveries: dict[str, list[MadeDelivery]]
) -> Accepted | CallboardError:
    if made.key not in used:
        return Unavailable("The earlier event of this key is just being removed.")
    for event_id in _same(made, used):
        return Accepted(
            Published(event_id, made.item.draft.type, tuple(deliveries[event_id]), duplicate=True)
        )
    key = made.item.draft.producer_id
    return Conflict(f"The id {key!r} was used before, for an event that was not the same.")


def _deliveries(event_ids: list[str]) -> dict[str, list[MadeDelivery]]:
    by_event: dict[str, list[MadeDelivery]] = defaultdict(list)
    for event_id, delivery_id, webhook_id, url, state in publishing_queries.deliveries(event_ids):
        shown = webhook_id if url is None else None
        # The state at acceptance, so that a repeated request gets the first response again.
        first = state if state == SKIPPED else PENDING
        by_event[event_id].append(MadeDelivery(delivery_id, shown, first))
    return by_event
