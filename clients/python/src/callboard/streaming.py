"""A stream of events: a bounded buffer, and a thread that posts what is in it."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, Unpack

from callboard import batches
from callboard.batches import EventFields
from callboard.errors import ApiError, CallboardError, RateLimited, Unavailable, Unreachable
from callboard.retries import RetryPolicy
from callboard.transport import Transport

log = logging.getLogger("callboard.stream")

SECONDS_AFTER_EXCEPTION = 5.0


class BufferFull(CallboardError):
    """The buffer stayed full for the whole timeout; the event was not taken."""


class StreamClosed(CallboardError):
    """The stream was closed, or it failed for the reason given."""


@dataclass(slots=True)
class StreamStatistics:
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0


Refused = Callable[[bytes, ApiError], None]


class EventStream:
    """Posts events in the background, in order, in batches.

    `send` returns as soon as the event is in the buffer, and waits while that is full. Batches are
    repeated with growing delays for as long as the server cannot be reached. An event that the
    server refuses goes to `on_refused` as JSON; the others go on. What is in the buffer when the
    process dies is lost: see `callboard.outbox` for events that must not be.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        max_events: int = 10_000,
        max_bytes: int = 64 << 20,
        batch_size: int = 500,
        on_refused: Refused | None = None,
        retry_policy: RetryPolicy | None = None,
    ) -> None:
        self.statistics = StreamStatistics()
        self._transport = transport.without_retries()
        self._max_events, self._max_bytes = max_events, max_bytes
        self._batch_size = min(batch_size, batches.MAX_BATCH)
        self._on_refused = on_refused
        self._retry_policy = retry_policy or RetryPolicy()
        self._buffer: deque[bytes] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_closed = False
        self._error: CallboardError | None = None

    def send(
        self,
        event_type: str,
        payload: Mapping[str, Any],
        *,
        timeout: float | None = None,
        **fields: Unpack[EventFields],
    ) -> str:
        """Put an event into the buffer; its id.

        timeout: seconds to wait for room; None waits as long as it takes. BufferFull, StreamClosed.
        """
        event_id = fields.setdefault("id", batches.new_id())
        raw = batches.encode({"type": event_type, **fields, "payload": payload})
        with self._changed:
            if not self._changed.wait_for(lambda: self._can_take(len(raw)), timeout):
                raise BufferFull(f"{len(self._buffer)} events are waiting to be posted.")
            self._check_open()
            self._buffer.append(raw)
            self._bytes += len(raw)
            self._start()
            self._changed.notify_all()
        return event_id

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until all events are accepted or refused; False after the timeout."""
        with self._changed:
            is_done = self._changed.wait_for(lambda: not self._buffer or self._error, timeout)
            if self._error is not None:
                raise StreamClosed(str(self._error)) from self._error
            return bool(is_done)

    def close(self, timeout: float | None = None) -> bool:
        """Flush, then end. False: not all was posted in time; `unsent` has the rest."""
        try:
            return self.flush(timeout)
        finally:
            with self._changed:
                self._is_closed = True
                self._changed.notify_all()
            if self._thread is not None:
                self._thread.join(timeout)

    @property
    def unsent(self) -> list[bytes]:
        """The events in the buffer, as JSON."""
        with self._changed:
            return list(self._buffer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # After an exception, do not wait forever for a server that is down.
        self.close(None if error is None else SECONDS_AFTER_EXCEPTION)

    def _can_take(self, size: int) -> bool:
        if self._is_closed or self._error is not None or not self._buffer:
            return True
        return len(self._buffer) < self._max_events and self._bytes + size <= self._max_bytes

    def _check_open(self) -> None:
        if self._error is not None:
            raise StreamClosed(str(self._error)) from self._error
        if self._is_closed:
            raise StreamClosed("The stream is closed.")

    def _start(self) -> None:
        """Late, so that a server that forks after its import has the thread in each process."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="callboard-stream", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        failures = 0
        while batch := self._next_batch():
            try:
                self._post(batch)
                failures = 0
            except (Unreachable, Unavailable, RateLimited) as error:
                failures += 1
                self._back_off(failures, error)
            except CallboardError as error:
                # The caller gets the error itself, with its trace, from send() and flush().
                log.error("The stream ends: %s", error)  # noqa: TRY400
                with self._changed:
                    self._error = error
                    self._changed.notify_all()
                return

    def _next_batch(self) -> list[bytes]:
        """The oldest events, which stay in the buffer until they are accepted. Empty: the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._buffer or self._is_closed)
            if self._is_closed:
                return []
            batch: list[bytes] = []
            total = 0
            for raw in self._buffer:
                total += len(raw)
                if batch and (len(batch) == self._batch_size or total > batches.MAX_BATCH_BYTES):
                    break
                batch.append(raw)
            return batch

    def _post(self, batch: list[bytes]) -> None:
        try:
            accepted = batches.post(self._transport, batch)
        except ApiError as error:
            if batches.is_too_many_bytes(error, len(batch)):
                self._post(batch[: len(batch) // 2])
                return
            index = batches.refused_index(error)
            if index is None or index >= len(batch):
                raise
            # All before it is fine, and must be accepted first.
            if index:
                self._post(batch[:index])
            else:
                self._refuse(batch[0], error)
            return
        duplicates = sum(event["duplicate"] for event in accepted)
        self.statistics.duplicates += duplicates
        self.statistics.accepted += len(accepted) - duplicates
        self._remove(len(batch))

    def _refuse(self, raw: bytes, error: ApiError) -> None:
        self.statistics.refused += 1
        if self._on_refused is None:
            log.error("An event was refused: %s", error)
        else:
            try:
                self._on_refused(raw, error)
            except Exception:
                log.exception("on_refused failed")
        self._remove(1)

    def _remove(self, count: int) -> None:
        with self._changed:
            for _ in range(count):
                self._bytes -= len(self._buffer.popleft())
            self._changed.notify_all()

    def _back_off(self, failures: int, error: CallboardError) -> None:
        retry_after = error.retry_after if isinstance(error, ApiError) else None
        delay = self._retry_policy.delay(failures, retry_after)
        log.warning("%s Retrying in %.1f s.", error, delay)
        until = time.monotonic() + delay
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed, max(0.0, until - time.monotonic()))
