"""What happened: posted by producers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Unpack, cast

from callboard import batches, ndjson
from callboard.batches import EventFields, EventInput
from callboard.models import AcceptedEvent, Event, ListedEvent
from callboard.paging import Pages
from callboard.resources.base import Resource
from callboard.retries import RetryPolicy
from callboard.streaming import EventStream, Refused
from callboard.times import Time, time_text
from callboard.transport import path_of


class Events(Resource):
    def create(
        self, event_type: str, payload: Mapping[str, Any], **fields: Unpack[EventFields]
    ) -> AcceptedEvent:
        """Post one event. When this returns, the event and its deliveries are stored durably.

        Retried under the same id, so that it is accepted once. Conflict: the id was used before,
        for another event. Invalid: the server refused a field.
        """
        fields.setdefault("id", batches.new_id())
        raw = batches.encode({"type": event_type, **fields, "payload": payload})
        response = self._transport.request("POST", "/events", body=raw, repeatable=True)
        return cast("AcceptedEvent", response)

    def create_batch(self, events: Sequence[EventInput]) -> list[AcceptedEvent]:
        """Post up to 1,000 events in one transaction: all are accepted, or none."""
        # The id comes first, so that one of the event's own replaces it.
        raw = [batches.encode({"id": batches.new_id(), **event}) for event in events]
        return batches.post(self._transport, raw)

    def stream(
        self,
        *,
        max_events: int = 10_000,
        max_bytes: int = 64 << 20,
        batch_size: int = 500,
        on_refused: Refused | None = None,
        retry_policy: RetryPolicy | None = None,
    ) -> EventStream:
        """Post events in the background from a bounded buffer."""
        return EventStream(
            self._transport,
            max_events=max_events,
            max_bytes=max_bytes,
            batch_size=batch_size,
            on_refused=on_refused,
            retry_policy=retry_policy,
        )

    def send_ndjson(
        self, lines: Iterable[bytes | str], *, key: str | None = None, batch_size: int = 500
    ) -> Iterator[ndjson.Progress]:
        """Post one event per line, in batches, holding one batch in memory.

        key: names these lines; sending them again under the same key creates nothing twice.
        BrokenLine: a line is no event, or was refused.
        """
        return ndjson.send(
            self._transport, lines, key=key or batches.new_id(), batch_size=batch_size
        )

    def list(
        self,
        *,
        event_type: str | None = None,
        source: str | None = None,
        since: Time | None = None,
        until: Time | None = None,
        q: str | None = None,
        value: str | None = None,
    ) -> Pages[ListedEvent]:
        """Newest first. q: an id, or text in the payload. value: an id in the payload, such as an
        asset's; whole, in any case."""
        query = {
            "type": event_type,
            "source": source,
            "since": time_text(since),
            "until": time_text(until),
            "q": q,
            "value": value,
        }
        return Pages(self._transport, "/events", query)

    def get(self, event_id: str) -> Event:
        """With its payload, its deliveries, and why other webhooks did not match."""
        return cast("Event", self._transport.get(path_of("events", event_id)))
