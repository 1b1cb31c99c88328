"""Commit concurrent requests in one transaction.

One thread commits for all requests of a process. It takes the database's write lock and only then
collects all waiting items, so that requests that arrived meanwhile are included. A commit that
takes 4 ms on a slow disk is thus shared by many requests (726 events/s instead of 166). In a flood
it first waits a moment for more.
"""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from flask import Flask
from sqlalchemy import Connection

from app.domain.common.errors import Unavailable
from app.models.common.base import db
from app.runtime.metrics.commits import by_web
from app.services.events.gathering import Gathering
from app.store.availability import is_reported
from app.store.direct import is_refused, is_unavailable
from app.store.kept import KeptConnection
from app.store.transaction import kept_connection, kept_transaction

_log = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")

# Performs a group: one result or error per item, in order. Raising rolls back the whole group.
Perform = Callable[[Connection, Sequence[T]], Sequence[R | Exception]]

MAX_GROUP = 256
# More than this is refused: the last one would wait for longer than its client does.
MAX_WAITING = 4096
# The thread ends after this time without items; the next one starts it again.
_LINGER_SECONDS = 60.0


class Receiver(Protocol):
    """Gets the entries of a group that are its own, in the committing thread, with their results.
    Must not raise or wait."""

    def receive(self, entries: Sequence["Entry"]) -> None: ...


class Entry:
    """An item on its way. result: what `perform` gave for it, or an error. is_taken: its
    transaction has begun."""

    __slots__ = ("is_taken", "item", "receiver", "result")

    def __init__(self, item: Any, receiver: Receiver) -> None:
        self.item, self.receiver = item, receiver
        self.is_taken = False
        self.result: Any = None

    def outcome(self) -> Any:
        """The result. Raises the item's own error."""
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result


class _Waiter:
    """Receives for a thread that waits."""

    __slots__ = ("_done",)

    def __init__(self) -> None:
        self._done = threading.Lock()
        self._done.acquire()

    def receive(self, entries: Sequence[Entry]) -> None:  # noqa: ARG002
        self._done.release()

    def wait(self) -> None:
        self._done.acquire()


class GroupCommit(Generic[T, R]):
    """perform: called with a connection in a transaction and the items of a group. After it raises,
    or the database refuses one of its statements, it is called again for each item alone.
    committed: called once with the results of each committed group."""

    def __init__(
        self,
        app: Flask,
        perform: Perform[T, R],
        committed: Callable[[Sequence[R | Exception]], None] = lambda _: None,
        limit: int = MAX_GROUP,
        gathering: Gathering | None = None,
    ) -> None:
        self._app, self._perform, self._committed, self._limit = app, perform, committed, limit
        self._gathering = gathering or Gathering()
        self._waiting: deque[Entry] = deque()
        self._queue = threading.Lock()
        self._arrived = threading.Event()
        self._mutex = threading.Lock()
        # The committing thread and its process: threads do not survive a fork.
        self._thread: tuple[int, threading.Thread] | None = None
        self._is_closing = False

    def submit(self, item: T) -> R:
        """Block until the item is committed. Raises only the item's own error."""
        # A read transaction of this request would not see what it stores here.
        db.session.commit()
        waiter = _Waiter()
        entry = self.enqueue(item, waiter)
        waiter.wait()
        result: R = entry.outcome()
        return result

    def enqueue(self, item: T, receiver: Receiver) -> Entry:
        """Hand over an item; `receiver` gets its entry later. Unavailable: too many wait."""
        if len(self._waiting) >= MAX_WAITING:
            raise Unavailable("Too many events are waiting to be stored. Retry the request.")
        entry = Entry(item, receiver)
        self._waiting.append(entry)
        self._arrived.set()
        thread = self._thread
        if thread is None or thread[0] != os.getpid():
            self._start()
        return entry

    def withdraw(self, entry: Entry) -> bool:
        """Whether the item is not stored after all, because its transaction has not begun."""
        with self._queue:
            if not entry.is_taken:
                self._waiting.remove(entry)
            return not entry.is_taken

    def close(self) -> None:
        """End the thread as soon as nothing waits; a later item starts another one."""
        self._is_closing = True
        self._arrived.set()

    def _start(self) -> None:
        # After a fork the lock may be held by a thread that does not exist in this process.
        if self._thread is not None and self._thread[0] != os.getpid():
            self._mutex = threading.Lock()
        with self._mutex:
            if self._thread is None or self._thread[0] != os.getpid():
                thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
                self._thread = (os.getpid(), thread)
                thread.start()

    def _run(self) -> None:
        with self._app.app_context():
            kept = kept_connection()
            while self._wait_for_items():
                try:
                    self._commit_group(kept)
                except BaseException:  # noqa: BLE001 -- every later request needs this thread
                    _log.exception("group commit failed")
            kept.close()

    def _wait_for_items(self) -> bool:
        while not self._waiting:
            if self._is_closing or not self._arrived.wait(_LINGER_SECONDS):
                self._is_closing = False
                return self._end_unless_needed()
            # Its items may have been taken with an earlier group.
            self._arrived.clear()
        return True

    def _end_unless_needed(self) -> bool:
        with self._mutex:
            # From here on `enqueue` starts a new thread; an item just before is handled below.
            self._thread = None
        if self._waiting:
            self._start()
        return False

    def _commit_group(self, kept: KeptConnection) -> None:
        group: list[Entry] = []
        self._gathering.gather(len(self._waiting), time.monotonic())
        try:
            self._commit(kept, group)
            self._committed([entry.result for entry in group])
        finally:
            # Those who wait get a result in every case.
            _hand_out(group)
            self._gathering.ended(len(group), time.monotonic())

    def _commit(self, kept: KeptConnection, group: list[Entry]) -> None:
        """Fills `group`. An entry without a result was not committed."""
        performed, began = False, time.monotonic()
        try:
            with kept_transaction(kept) as connection:
                group.extend(self._take_group())
                results = self._perform(connection, [entry.item for entry in group])
                performed = True
        except Exception as error:  # noqa: BLE001 -- each waiting request gets its own error
            has_begun = bool(group)
            if not has_begun:
                # It would not begin for any of those who wait.
                group.extend(self._take_group())
            if is_reported(error):
                # No item's fault: each of them alone would fail, too. They get Unavailable.
                return
            _log.exception("group commit of %d items failed", len(group))
            # Not after a failed commit, whose outcome is unknown. On PostgreSQL statements may be
            # refused only there.
            if has_begun and (not performed or is_refused(error)):
                self._commit_singly(kept, group)
            return
        by_web.observe(time.monotonic() - began)
        for entry, result in zip(group, results, strict=True):
            entry.result = result

    def _commit_singly(self, kept: KeptConnection, group: list[Entry]) -> None:
        """So that one item that cannot be stored does not fail the others."""
        for entry in group:
            try:
                with kept_transaction(kept) as connection:
                    [result] = self._perform(connection, [entry.item])
            except Exception as error:  # noqa: BLE001 -- raised where the item was submitted
                # Not the item's fault: Unavailable.
                entry.result = None if is_unavailable(error) else error
            else:
                entry.result = result

    def _take_group(self) -> list[Entry]:
        with self._queue:
            size = min(self._limit, len(self._waiting))
            group = [self._waiting.popleft() for _ in range(size)]
            for entry in group:
                entry.is_taken = True
        return group


def _hand_out(group: Sequence[Entry]) -> None:
    """One call for each receiver."""
    receivers: dict[int, list[Entry]] = {}
    for entry in group:
        if entry.result is None:
            entry.result = Unavailable()
        receivers.setdefault(id(entry.receiver), []).append(entry)
    for entries in receivers.values():
        entries[0].receiver.receive(entries)
