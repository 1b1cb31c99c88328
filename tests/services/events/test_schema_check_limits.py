"""What checking posted events against their types' schemas may cost."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.event import listen, remove

from app.domain.common.clock import now_ms
from app.domain.common.errors import Invalid, QuotaExceeded, Unavailable
from app.domain.event_types.fields import REJECT, WARN, EventTypeFields
from app.domain.events.event import EventFacts
from app.http.front.front import API_THREADS
from app.models import EventType, Organization
from app.models.common.base import db
from app.queries.event_types import catalogue
from app.runtime.context import runtime
from app.runtime.expressions import judge_filters
from app.runtime.sandbox.places import PLACES, SCHEMA_PLACES, place_of
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.event_types import service as event_types
from app.services.event_types.payload_checks import mismatches_of
from app.services.events.conformity import checked
from app.services.events.drafts import prepare
from app.services.events.publishing import publish_batch
from app.store.transaction import write_transaction
from tests.services.publishing import draft, webhook

NAME = "order.paid"
SCHEMA = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
# Takes longer than anyone would wait for some texts.
SLOW = {"properties": {"id": {"type": "string", "pattern": "^(a+)+$"}}}
GOOD, WRONG = b'{"id": 7}', b'{"id": "seven"}'
ENDLESS = b'{"id": "%s!"}' % (b"a" * 40)


def describe(organization_id: str, check: str, schema: dict[str, Any] = SCHEMA) -> None:
    fields = EventTypeFields(schema=schema, schema_check=check)
    event_types.put(organization_id, NAME, fields, SYSTEM)


@pytest.fixture
def statements(sqlite_app: Any) -> Iterator[list[str]]:
    """What the database is asked for."""
    seen: list[str] = []
    note = lambda *parameters: seen.append(parameters[2])  # noqa: E731
    listen(db.engine, "before_cursor_execute", note)
    yield seen
    remove(db.engine, "before_cursor_execute", note)


@pytest.mark.usefixtures("sqlite_app")
def test_one_query_finds_the_earlier_ones_of_all_events_that_do_not_match(
    organization: Any, statements: list[str]
) -> None:
    describe(organization.id, REJECT)
    first = [draft(NAME, WRONG, producer_id=f"order-{n}") for n in range(20)]
    statements.clear()
    with pytest.raises(Invalid):
        publish_batch(organization.id, first)
    assert len([text for text in statements if "idempotency_keys" in text]) == 1


@pytest.mark.usefixtures("sqlite_app")
def test_one_query_finds_the_earlier_ones_of_all_events_above_the_quota(
    organization: Any, statements: list[str]
) -> None:
    with write_transaction() as session:
        session.get_one(Organization, organization.id).max_deliveries_per_event = 1
    first = publish_batch(organization.id, [draft(producer_id="order-0")])
    webhook(organization.id)
    webhook(organization.id)
    assert publish_batch(organization.id, [draft(producer_id="order-0")])[0].id == first[0].id
    statements.clear()
    new = [draft(producer_id=f"order-{n}") for n in range(1, 21)]
    with pytest.raises(QuotaExceeded, match="This event would create 2 deliveries"):
        publish_batch(organization.id, new)
    assert len([text for text in statements if "idempotency_keys" in text]) == 1


def test_schemas_are_read_as_text_up_to_a_total_size(organization: Any) -> None:
    with write_transaction() as session:
        for name, schema, check in (
            ("a", {"title": "ä"}, WARN),
            ("b", {"title": "x" * 100}, REJECT),
            ("c", {}, None),
            ("d", None, None),
        ):
            row = EventType(name=name, schema=schema, schema_check=check, created_at=now_ms())
            row.organization_id = organization.id
            session.add(row)
    read = catalogue.checked_types(organization.id, ["a", "b", "d", "e"], 60)
    assert [(type_.name, type_.check) for type_ in read] == [("a", WARN), ("b", REJECT)]
    assert json.loads(read[0].schema or "") == {"title": "ä"}
    assert read[1].schema is None


@pytest.mark.usefixtures("sqlite_app")
@pytest.mark.parametrize("check", [WARN, REJECT])
def test_types_whose_schemas_are_too_large_together_are_not_checked(
    organization: Any, check: str
) -> None:
    names = [f"large.{n}" for n in range(5)]
    with write_transaction() as session:
        session.get_one(Organization, organization.id).webhooks_version += 1
        for name in names:
            row = EventType(name=name, schema_check=check, created_at=now_ms())
            row.organization_id, row.schema = organization.id, {"title": "x" * (250 << 10)}
            session.add(row)
    drafts = [draft(name) for name in names]
    if check == REJECT:
        with pytest.raises(Invalid, match="send fewer event types at once"):
            publish_batch(organization.id, drafts)
        return
    published = publish_batch(organization.id, drafts)
    assert [len(event.mismatches) for event in published] == [0, 0, 0, 0, 1]


@pytest.mark.usefixtures("sqlite_app")
def test_no_transaction_is_open_while_payloads_are_checked(organization: Any) -> None:
    describe(organization.id, WARN)
    prepared = prepare(organization.id, draft(NAME, WRONG), runtime().guard, None)
    [item] = checked([prepared], [0])
    assert item.mismatches
    assert not db.session().in_transaction()


@pytest.mark.long
@pytest.mark.usefixtures("sqlite_app")
def test_slow_payloads_take_no_more_than_the_time_of_their_request(organization: Any) -> None:
    describe(organization.id, WARN, SLOW)
    published = publish_batch(organization.id, [draft(NAME, ENDLESS)] * 5)
    problems = [event.mismatches[0].problem for event in published]
    assert ["too much time" in problem for problem in problems] == [True] * 4 + [False]
    assert problems[4] == "not checked: the checks of this request took too long"


@pytest.mark.usefixtures("sqlite_app")
def test_an_organization_has_one_number_of_places_for_filters_and_checks(
    organization: Any,
) -> None:
    event = EventFacts("e", NAME, None, 0, GOOD)
    with ExitStack() as held:
        for _ in range(PLACES):
            held.enter_context(place_of(runtime().sandbox_places, organization.id))
        with pytest.raises(Unavailable, match="schema checks"):
            mismatches_of(organization.id, [b"{}"], [(0, GOOD)])
        with pytest.raises(Unavailable, match="Too many schemas are"):
            describe(organization.id, WARN)
        with pytest.raises(Unavailable, match="filter evaluations"):
            judge_filters(organization.id, event, ["id"])
        assert mismatches_of("another", [b"{}"], [(0, GOOD)]) == [()]
    assert mismatches_of(organization.id, [b"{}"], [(0, GOOD)]) == [()]


@pytest.mark.usefixtures("sqlite_app")
def test_saving_schemas_leaves_places_to_publishing(organization: Any) -> None:
    event = EventFacts("e", NAME, None, 0, GOOD)
    with ExitStack() as held:
        for _ in range(SCHEMA_PLACES):
            held.enter_context(place_of(runtime().schema_places, organization.id))
        with pytest.raises(Unavailable, match="Too many schemas are"):
            describe(organization.id, WARN)
        assert judge_filters(organization.id, event, ["id"])
        assert mismatches_of(organization.id, [b"{}"], [(0, GOOD)]) == [()]
    describe(organization.id, WARN)


@pytest.mark.long
def test_saving_slow_schemas_leaves_threads_to_others(sqlite_app: Flask, organization: Any) -> None:
    other = organizations.create("Other")

    def put(organization_id: str, fields: EventTypeFields) -> None:
        with sqlite_app.app_context():
            event_types.put(organization_id, NAME, fields, SYSTEM)

    slow = EventTypeFields(sample=ENDLESS, schema=SLOW)
    with ThreadPoolExecutor(API_THREADS) as threads:
        saved = [threads.submit(put, organization.id, slow) for _ in range(API_THREADS)]
        # In a thread of the same pool, after those that are refused at once.
        threads.submit(put, other.id, EventTypeFields(schema=SCHEMA)).result(10)
        refusals = [type(future.exception()) for future in saved]
    # One is checked for three seconds; others wait for two at most.
    assert refusals.count(Unavailable) >= API_THREADS - 2
    assert set(refusals) <= {Unavailable, Invalid}


def test_an_organization_leaves_threads_of_the_apis_to_others() -> None:
    assert SCHEMA_PLACES < PLACES < API_THREADS
