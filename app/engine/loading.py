"""What a claim needs before it can be sent: its event, its own URL, the body of before."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from cryptography.fernet import InvalidToken
from sqlalchemy import Connection, Table, select

from app.domain.bodies.formats import again
from app.domain.bodies.spec import Body, CannotRender
from app.domain.events.event import EventFacts
from app.engine.claims import Claim
from app.models import Delivery, DeliveryBody, Event
from app.store.among import among

_EVENTS: Table = Event.__table__
_DELIVERIES: Table = Delivery.__table__
_BODIES: Table = DeliveryBody.__table__

# Events wanted by many webhooks are read once; so many bytes of them are kept.
KEPT_BYTES = 4 << 20
_SEALED = "The body was sealed under another SECRET_KEY"
_EXPIRED = "The event's payload has expired: there is nothing to send any more"


class Loader:
    def __init__(self) -> None:
        self._events: OrderedDict[str, EventFacts] = OrderedDict()
        self._bytes = 0

    def load(self, connection: Connection, claims: Sequence[Claim]) -> None:
        """Fill in `event`, `url`, `body`, or `fault` where there is no payload any more."""
        events = self._found(connection, {claim.event_id for claim in claims})
        for claim in claims:
            claim.event = events.get(claim.event_id)
            if claim.event is None:
                claim.fault = _EXPIRED
        _load_urls(connection, claims)
        _load_bodies(connection, claims)

    def _found(self, connection: Connection, wanted: set[str]) -> dict[str, EventFacts]:
        found = {event_id: self._events[event_id] for event_id in wanted & self._events.keys()}
        missing = sorted(wanted - found.keys())
        if missing:
            columns = (
                _EVENTS.c.id,
                _EVENTS.c.type,
                _EVENTS.c.source,
                _EVENTS.c.occurred_at,
                _EVENTS.c.payload,
            )
            statement = select(*columns).where(
                among(connection, _EVENTS.c.id, missing), _EVENTS.c.payload.is_not(None)
            )
            for row in connection.execute(statement):
                facts = EventFacts(row[0], row[1], row[2], row[3], bytes(row[4]))
                found[facts.id] = facts
                self._keep(facts)
        return found

    def _keep(self, facts: EventFacts) -> None:
        self._events[facts.id] = facts
        self._bytes += len(facts.payload)
        while self._bytes > KEPT_BYTES or len(self._events) > 1000:
            _, old = self._events.popitem(last=False)
            self._bytes -= len(old.payload)


def _load_urls(connection: Connection, claims: Iterable[Claim]) -> None:
    """Only one-off callbacks have a URL of their own."""
    theirs = {c.delivery_id: c for c in claims if c.known.facts.kind == "callback"}
    if theirs:
        columns = (_DELIVERIES.c.id, _DELIVERIES.c.url)
        statement = select(*columns).where(among(connection, _DELIVERIES.c.id, theirs.keys()))
        for delivery_id, url in connection.execute(statement):
            theirs[delivery_id].url = url


def _load_bodies(connection: Connection, claims: Iterable[Claim]) -> None:
    """A retry sends what the first attempt of its run sent; what a person has sent again is a new
    run, of the webhook as it is now."""
    theirs = {c.delivery_id: c for c in claims if c.attempt > c.run_start and c.event is not None}
    if theirs:
        statement = select(_BODIES).where(among(connection, _BODIES.c.delivery_id, theirs.keys()))
        for row in connection.execute(statement):
            _put_body(theirs[row.delivery_id], row.content_type, bytes(row.body))


def _put_body(claim: Claim, content_type: str, kept: bytes) -> None:
    assert claim.event is not None
    try:
        claim.body = again(Body(content_type, claim.known.seals.take_out(kept)), claim.event)
    except CannotRender as error:
        claim.event, claim.fault = None, error.detail
    except InvalidToken:
        claim.event, claim.fault = None, _SEALED
