"""Load what a claim needs before it can be sent: event, one-off URL, body of earlier attempts."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from cryptography.fernet import InvalidToken
from sqlalchemy import Connection, Table, select

from app.domain.bodies.formats import restored
from app.domain.bodies.spec import Body, CannotRender
from app.domain.events.event import EventFacts, TracedEvent
from app.engine.claims import Claim
from app.engine.due_queue.statements import DueQueue
from app.models import Delivery, DeliveryBody
from app.store.id_filter import id_in

_DELIVERIES: Table = Delivery.__table__
_BODIES: Table = DeliveryBody.__table__

# An event that goes to many webhooks is read once; at most this many bytes are cached.
CACHE_BYTES = 4 << 20
_ENCRYPTED = "The body was encrypted with another SECRET_KEY"
_EXPIRED = "The event's payload has expired"


class Loader:
    def __init__(self, due_queue: DueQueue, *, is_traced: bool = False) -> None:
        """is_traced: the due queue reads the column `traceparent`, too."""
        self._due_queue = due_queue
        self._facts = TracedEvent if is_traced else EventFacts
        self._events: OrderedDict[str, EventFacts] = OrderedDict()
        self._bytes = 0

    def load(self, connection: Connection, claims: Sequence[Claim]) -> None:
        """Set `event`, `url` and `body` of each claim, or `fault` if the payload has expired."""
        events = self._events_of(connection, {claim.event_id for claim in claims})
        for claim in claims:
            claim.event = events.get(claim.event_id)
            if claim.event is None:
                claim.fault = _EXPIRED
        _load_urls(connection, claims)
        _load_bodies(connection, claims)

    def _events_of(self, connection: Connection, event_ids: set[str]) -> dict[str, EventFacts]:
        events = {event_id: self._events[event_id] for event_id in event_ids & self._events.keys()}
        missing = sorted(event_ids - events.keys())
        if missing:
            for row in self._due_queue.events(connection, missing):
                facts = self._facts(*row)
                events[facts.id] = facts
                self._cache(facts)
        return events

    def _cache(self, facts: EventFacts) -> None:
        self._events[facts.id] = facts
        self._bytes += len(facts.payload)
        while self._bytes > CACHE_BYTES or len(self._events) > 1000:
            _, old = self._events.popitem(last=False)
            self._bytes -= len(old.payload)


def _load_urls(connection: Connection, claims: Iterable[Claim]) -> None:
    """Only deliveries of one-off callbacks carry their own URL."""
    callbacks = {c.delivery_id: c for c in claims if c.webhook.facts.kind == "callback"}
    if callbacks:
        columns = (_DELIVERIES.c.id, _DELIVERIES.c.url)
        statement = select(*columns).where(id_in(connection, _DELIVERIES.c.id, callbacks.keys()))
        for delivery_id, url in connection.execute(statement):
            callbacks[delivery_id].url = url


def _load_bodies(connection: Connection, claims: Iterable[Claim]) -> None:
    """A retry sends the body of the first attempt of its run. A resend starts a new run, rendered
    with the webhook's current settings."""
    retries = {c.delivery_id: c for c in claims if c.attempt > c.run_start and c.event is not None}
    if retries:
        statement = select(_BODIES).where(id_in(connection, _BODIES.c.delivery_id, retries.keys()))
        for row in connection.execute(statement):
            _set_body(retries[row.delivery_id], row.content_type, bytes(row.body))


def _set_body(claim: Claim, content_type: str, stored: bytes) -> None:
    assert claim.event is not None
    try:
        claim.body = restored(Body(content_type, claim.webhook.seals.take_out(stored)), claim.event)
    except CannotRender as error:
        claim.event, claim.fault = None, error.detail
    except InvalidToken:
        claim.event, claim.fault = None, _ENCRYPTED
