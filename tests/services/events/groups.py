"""Items that are submitted at once, and what stores them."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask
from sqlalchemy import text

from app.domain.common.errors import Conflict
from app.services.events.group_commit import Entry, GroupCommit


def together(app: Flask, work: Callable[[int], Any], number: int) -> list[Any]:
    """What `work(0)` ... gave or raised, each in a thread and app context of its own."""
    results: list[Any] = [None] * number

    def run(index: int) -> None:
        with app.app_context():
            try:
                results[index] = work(index)
            except Exception as error:  # noqa: BLE001
                results[index] = error

    threads = [threading.Thread(target=run, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


class Stored:
    """Counts its groups; the first one waits until all others have come."""

    def __init__(self, everybody: int, bad: int | None = None) -> None:
        self.groups: list[list[int]] = []
        self.waiting = threading.Semaphore(0)
        self.everybody = everybody
        self.bad = bad

    def perform(self, session: Any, items: Sequence[int]) -> list[int | Exception]:
        if not self.groups:
            for _ in range(self.everybody - 1):
                self.waiting.acquire()
        self.groups.append(list(items))
        session.execute(text("SELECT 1"))
        if self.bad in items:
            raise ValueError(self.bad)
        return [Conflict("odd") if item % 2 else item * 10 for item in items]


class Held:
    """The first group waits for `may_go`."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.begun, self.may_go = threading.Event(), threading.Event()

    def perform(self, _session: Any, items: Sequence[int]) -> list[int]:
        self.begun.set()
        self.may_go.wait()
        self.groups.append(list(items))
        return list(items)


class Received:
    """Collects what it receives, by call."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self._all = threading.Semaphore(0)

    def receive(self, entries: Sequence[Entry]) -> None:
        self.calls.append([entry.outcome() for entry in entries])
        for _ in entries:
            self._all.release()

    def wait_for(self, number: int) -> None:
        """Until so many more entries were received."""
        for _ in range(number):
            self._all.acquire()


def submitting(group: GroupCommit[int, int], stored: Stored) -> Callable[[int], int]:
    def work(index: int) -> int:
        if index:
            stored.waiting.release()
        return group.submit(index)

    return work
