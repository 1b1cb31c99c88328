"""PostgreSQL walks along the index of values, however frequent a value is."""

from typing import Any

from flask import Flask
from sqlalchemy import event, insert

from app.domain.common.ids import new_id
from app.domain.events.search_values import hashes, hour_of, number_of
from app.models import EventValue
from app.models.common.base import db
from app.queries.events import listing as events
from app.queries.events.listing import EventFilter
from app.store.transaction import write_transaction

VALUE = "customer-0001"


def test_a_value_that_each_event_has_is_not_sorted(postgres_app: Flask, organization: Any) -> None:
    [digest] = hashes(organization.id, [VALUE])
    ids = [new_id() for _ in range(5_000)]
    rows = [{"hour": hour_of(id_), "hash": number_of(digest), "event_id": id_} for id_ in ids]
    with write_transaction() as session:
        session.execute(insert(EventValue), rows)
    statements: list[tuple[str, Any]] = []

    def note(*parameters: Any) -> None:
        statements.append(parameters[2:4])

    event.listen(db.engine, "before_cursor_execute", note)
    events.page(organization.id, EventFilter(value=VALUE))
    event.remove(db.engine, "before_cursor_execute", note)
    db.session.rollback()
    [(walk, parameters), *_] = [
        pair for pair in statements if "event_values.event_id DESC" in pair[0]
    ]
    with db.engine.connect() as connection:
        plan = [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {walk}", parameters)]
    assert any("pk_event_values" in line for line in plan), plan
    assert not any("Sort" in line for line in plan), plan
