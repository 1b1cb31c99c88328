"""PostgreSQL refuses statements that are sent with the commit."""

from collections.abc import Sequence

from flask import Flask
from sqlalchemy import Connection, select
from sqlalchemy.exc import DataError

from app.models import TaskSchedule
from app.models.common.base import db
from app.services.events.group_commit import GroupCommit
from app.store.direct import execute
from tests.services.events.groups import Stored, submitting, together


def test_an_item_that_postgresql_refuses_with_the_commit_does_not_fail_the_others(
    postgres_app: Flask,
) -> None:
    stored = Stored(3)

    def perform(connection: Connection, items: Sequence[int]) -> list[int]:
        stored.perform(connection, [])
        for item in items:
            # Sent with the commit, since nobody reads its result.
            insert = "INSERT INTO chores (name, next_at) VALUES (%s, 1 / %s::int)"
            execute(connection, insert, (str(item), item))
        return list(items)

    group = GroupCommit(postgres_app, perform)
    results = together(postgres_app, submitting(group, stored), 3)
    assert isinstance(results[0], DataError)
    assert results[1:] == [1, 2]
    names = select(TaskSchedule.name).order_by(TaskSchedule.name)
    assert db.session.scalars(names).all() == ["1", "2"]
