"""Commit concurrent requests in one transaction.

The first waiting request leads: it takes the database's write lock and only then collects all
waiting items, so that requests that arrived meanwhile are included. Afterwards it wakes each of
them, and the first of the later arrivals leads next. A commit that takes 4 ms on a slow disk is
thus shared by many requests (726 events/s instead of 166).
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from app.domain.common.errors import Unavailable
from app.store.availability import is_reported
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

_log = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")

# Performs a group: one result or error per item, in order. Raising rolls back the whole group.
Perform = Callable[[WriteSession, Sequence[T]], Sequence[R | Exception]]

MAX_GROUP = 256


class _Entry(Generic[T, R]):
    __slots__ = ("item", "result", "turn")

    def __init__(self, item: T) -> None:
        self.item = item
        self.result: R | BaseException | None = None
        # Released when the entry is done, or when its thread shall lead.
        self.turn = threading.Lock()
        self.turn.acquire()


class GroupCommit(Generic[T, R]):
    """perform: called with an open session and the items of a group. After it raises it is called
    again for each item alone."""

    def __init__(self, perform: Perform[T, R], limit: int = MAX_GROUP) -> None:
        self._perform = perform
        self._limit = limit
        self._mutex = threading.Lock()
        self._waiting: deque[_Entry[T, R]] = deque()
        self._has_leader = False

    def submit(self, item: T) -> R:
        """Block until the item is committed. Raises only the item's own error."""
        entry: _Entry[T, R] = _Entry(item)
        with self._mutex:
            self._waiting.append(entry)
            leads, self._has_leader = not self._has_leader, True
        if not leads:
            entry.turn.acquire()
        if entry.result is None:
            self._lead()
        if isinstance(entry.result, BaseException):
            raise entry.result
        assert entry.result is not None
        return entry.result

    def _lead(self) -> None:
        group: list[_Entry[T, R]] = []
        try:
            self._commit(group)
        finally:
            group = group or self._take_group()
            self._pass_lead()
            for entry in group:
                if entry.result is None:
                    entry.result = Unavailable()
                entry.turn.release()

    def _commit(self, group: list[_Entry[T, R]]) -> None:
        """Fills `group`. An entry without a result was not committed."""
        performed = False
        try:
            with write_transaction() as session:
                group.extend(self._take_group())
                results = self._perform(session, [entry.item for entry in group])
                performed = True
        except Exception as error:  # noqa: BLE001  (each waiting thread gets its own error)
            if is_reported(error):
                # No item's fault: each of them alone would fail, too. They get Unavailable.
                return
            _log.exception("group commit of %d items failed", len(group))
            # Not after a failed commit, whose outcome is unknown.
            if not performed:
                self._commit_singly(group)
            return
        for entry, result in zip(group, results, strict=True):
            entry.result = result

    def _commit_singly(self, group: list[_Entry[T, R]]) -> None:
        """So that one item that cannot be stored does not fail the others."""
        for entry in group:
            try:
                with write_transaction() as session:
                    [result] = self._perform(session, [entry.item])
            except Exception as error:  # noqa: BLE001  (raised where the item was submitted)
                entry.result = error
            else:
                entry.result = result

    def _take_group(self) -> list[_Entry[T, R]]:
        with self._mutex:
            size = min(self._limit, len(self._waiting))
            return [self._waiting.popleft() for _ in range(size)]

    def _pass_lead(self) -> None:
        """Let the next waiting entry lead. It stays in the queue until it collects its group."""
        with self._mutex:
            if self._waiting:
                self._waiting[0].turn.release()
            else:
                self._has_leader = False
