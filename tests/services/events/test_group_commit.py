import sqlite3
from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection

from app.domain.common.errors import Conflict, Unavailable
from app.runtime.metrics.requests import REGISTRY
from app.services.events import gathering, group_commit
from app.services.events.gathering import Gathering
from app.services.events.group_commit import GroupCommit
from app.store.direct import execute
from tests.services.events.groups import Held, Received, Stored, submitting, together


def test_concurrent_requests_share_a_transaction(app: Flask) -> None:
    stored = Stored(16)
    group = GroupCommit(app, stored.perform)
    together(app, submitting(group, stored), 16)
    assert len(stored.groups) < 8
    assert sorted(item for items in stored.groups for item in items) == list(range(16))


def test_items_that_come_while_a_group_gathers_are_in_it(
    sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "FOLLOWS_SECONDS", float("inf"))
    held, received = Held(), Received()

    def pause(_seconds: float) -> None:
        group.enqueue(5, received)

    group = GroupCommit(sqlite_app, held.perform, gathering=Gathering(pause))
    group.enqueue(1, received)
    held.begun.wait()
    group.enqueue(2, received)
    group.enqueue(3, received)
    held.may_go.set()
    received.wait_for(3)
    group.enqueue(4, received)
    received.wait_for(2)
    assert held.groups == [[1], [2, 3], [4, 5]]


def test_the_time_of_a_groups_transaction_is_counted(sqlite_app: Flask) -> None:
    def count() -> float:
        labels = {"process": "web"}
        return REGISTRY.get_sample_value("callboard_commit_seconds_count", labels) or 0

    before = count()
    GroupCommit(sqlite_app, Stored(1).perform).submit(0)
    assert count() == before + 1


def test_each_request_gets_its_own_result_or_error(sqlite_app: Flask) -> None:
    stored = Stored(8)
    group = GroupCommit(sqlite_app, stored.perform)
    results = together(sqlite_app, submitting(group, stored), 8)
    assert results[::2] == [0, 20, 40, 60]
    assert all(isinstance(error, Conflict) for error in results[1::2])


def test_an_item_that_cannot_be_stored_does_not_fail_the_others(sqlite_app: Flask) -> None:
    stored = Stored(8, bad=4)
    group = GroupCommit(sqlite_app, stored.perform)
    results = together(sqlite_app, submitting(group, stored), 8)
    assert isinstance(results[4], ValueError)
    assert results[0:8:2] == [0, 20, results[4], 60]


def test_a_database_that_goes_away_while_items_are_stored_singly_is_unavailable(
    sqlite_app: Flask,
) -> None:
    calls: list[int] = []

    def perform(_connection: Any, items: Sequence[int]) -> list[int]:
        calls.append(len(items))
        if len(calls) == 1:
            raise ValueError(items)
        raise sqlite3.InterfaceError("away")

    with pytest.raises(Unavailable):
        GroupCommit(sqlite_app, perform).submit(1)
    assert calls == [1, 1]


def test_the_size_of_a_group_is_limited(sqlite_app: Flask) -> None:
    stored = Stored(16)
    group = GroupCommit(sqlite_app, stored.perform, limit=3)
    together(sqlite_app, submitting(group, stored), 16)
    assert max(len(items) for items in stored.groups) <= 3


def test_a_failed_commit_is_not_retried(sqlite_app: Flask) -> None:
    performed = []

    def perform(connection: Connection, items: Sequence[int]) -> list[int]:
        performed.append(items)
        execute(connection, "PRAGMA defer_foreign_keys=ON")
        row = ("no such organization", "a.type", "", 0)
        insert = "INSERT INTO event_types (organization_id, name, description, created_at)"
        execute(connection, f"{insert} VALUES (?, ?, ?, ?)", row)
        return list(items)

    with pytest.raises(Unavailable):
        GroupCommit(sqlite_app, perform).submit(1)
    assert performed == [[1]]


def test_the_others_continue_after_the_committing_thread_was_interrupted(sqlite_app: Flask) -> None:
    ended = []

    def perform(_session: Any, items: Sequence[int]) -> list[int]:
        if not ended:
            ended.append(True)
            raise SystemExit
        return list(items)

    group = GroupCommit(sqlite_app, perform)
    with pytest.raises(Unavailable):
        group.submit(1)
    assert group.submit(2) == 2


def test_a_receiver_is_called_once_for_its_part_of_a_group(sqlite_app: Flask) -> None:
    held, first, other = Held(), Received(), Received()
    group = GroupCommit(sqlite_app, held.perform)
    group.enqueue(1, first)
    held.begun.wait()
    for item in (2, 3, 4):
        group.enqueue(item, first)
    group.enqueue(5, other)
    held.may_go.set()
    first.wait_for(4)
    other.wait_for(1)
    assert held.groups == [[1], [2, 3, 4, 5]]
    assert first.calls == [[1], [2, 3, 4]]
    assert other.calls == [[5]]


def test_the_results_of_a_group_are_told_once_and_before_the_requests_get_them(
    sqlite_app: Flask,
) -> None:
    reported: list[Sequence[Any]] = []
    group = GroupCommit(sqlite_app, lambda _, items: list(items), reported.append)
    assert group.submit(1) == 1
    assert reported == [[1]]


def test_more_items_than_may_wait_are_refused(
    sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "MAX_WAITING", 2)
    held, received = Held(), Received()
    group = GroupCommit(sqlite_app, held.perform)
    group.enqueue(0, received)
    held.begun.wait()
    group.enqueue(1, received)
    group.enqueue(2, received)
    with pytest.raises(Unavailable):
        group.enqueue(3, received)
    held.may_go.set()
    received.wait_for(3)
    assert group.submit(4) == 4


def test_a_closed_group_commit_ends_its_thread_and_starts_again_for_a_later_item(
    sqlite_app: Flask,
) -> None:
    group = GroupCommit(sqlite_app, lambda _, items: items)
    assert group.submit(1) == 1
    assert group._thread is not None
    _, thread = group._thread
    group.close()
    thread.join(10)
    assert not thread.is_alive()
    assert group.submit(2) == 2
    group.close()
