"""Posted events against their types' schemas."""

from typing import Any

import pytest
from sqlalchemy import func, select

from app.domain.common.errors import Invalid
from app.domain.event_types.fields import OFF, REJECT, WARN, EventTypeFields
from app.models import Event
from app.models.common.base import db
from app.services.accounts.actor import SYSTEM
from app.services.event_types import service as event_types
from app.services.event_types.payload_checks import MAX_PAYLOAD
from app.services.events.publishing import Published, publish, publish_batch
from app.services.maintenance.expiry import strip
from app.store.transaction import write_transaction
from tests.services.publishing import draft

NAME = "order.paid"
SCHEMA = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
# Takes longer than anyone would wait for some texts.
SLOW = {"properties": {"id": {"type": "string", "pattern": "^(a+)+$"}}}
GOOD, WRONG = b'{"id": 7}', b'{"id": "seven"}'
ENDLESS = b'{"id": "%s!"}' % (b"a" * 40)


def describe(organization_id: str, check: str, schema: dict[str, Any] = SCHEMA) -> None:
    fields = EventTypeFields(schema=schema, schema_check=check)
    event_types.put(organization_id, NAME, fields, SYSTEM)


def post(organization_id: str, payload: bytes, **more: Any) -> Published:
    return publish(organization_id, draft(NAME, payload, **more))


def marks(published: Published) -> Any:
    db.session.expire_all()
    return db.session.get_one(Event, published.id).schema_mismatches


def number_of_events() -> int:
    return db.session.scalar(select(func.count()).select_from(Event)) or 0


def test_an_event_of_a_type_without_checks_is_accepted_whatever_it_has(organization: Any) -> None:
    describe(organization.id, OFF)
    published = post(organization.id, WRONG)
    assert (published.mismatches, marks(published)) == ((), None)


def test_a_type_that_warns_accepts_an_event_and_marks_it(organization: Any) -> None:
    describe(organization.id, WARN)
    wrong, good = post(organization.id, WRONG), post(organization.id, GOOD)
    [mismatch] = wrong.mismatches
    assert mismatch.path == "$.id"
    assert marks(wrong) == [["$.id", mismatch.problem]]
    assert (good.mismatches, marks(good)) == ((), None)


def test_a_type_that_rejects_stores_nothing_of_an_event_that_does_not_match(
    organization: Any,
) -> None:
    describe(organization.id, REJECT)
    with pytest.raises(Invalid) as refused:
        post(organization.id, WRONG)
    [error] = refused.value.errors
    assert (error.field, error.code) == ("payload.id", "schema")
    assert number_of_events() == 0
    assert post(organization.id, GOOD).mismatches == ()


def test_a_change_of_the_check_counts_for_the_next_event(organization: Any) -> None:
    describe(organization.id, OFF)
    post(organization.id, WRONG)
    describe(organization.id, REJECT)
    with pytest.raises(Invalid):
        post(organization.id, WRONG)
    describe(organization.id, OFF)
    assert post(organization.id, WRONG).mismatches == ()
    describe(organization.id, REJECT)
    event_types.delete(organization.id, NAME, SYSTEM)
    assert post(organization.id, WRONG).mismatches == ()


def test_an_event_that_was_accepted_before_its_schema_is_still_a_duplicate(
    organization: Any,
) -> None:
    first = post(organization.id, WRONG, producer_id="order-7")
    describe(organization.id, REJECT)
    again = post(organization.id, WRONG, producer_id="order-7")
    assert (again.id, again.duplicate) == (first.id, True)


def test_one_event_that_is_rejected_keeps_its_batch_away_and_is_named(organization: Any) -> None:
    describe(organization.id, REJECT)
    with pytest.raises(Invalid) as refused:
        publish_batch(organization.id, [draft(NAME, GOOD), draft("a"), draft(NAME, WRONG)])
    assert [error.field for error in refused.value.errors] == ["events[2].payload.id"]
    assert number_of_events() == 0


def test_the_events_of_a_batch_are_marked_one_by_one(organization: Any) -> None:
    describe(organization.id, WARN)
    drafts = [draft(NAME, GOOD), draft("a", WRONG), draft(NAME, WRONG)]
    published = publish_batch(organization.id, drafts)
    assert [len(event.mismatches) for event in published] == [0, 0, 1]
    assert [marks(event) is None for event in published] == [True, True, False]


def test_a_payload_that_cannot_be_checked_in_time_is_rejected_and_costs_no_other_its_check(
    organization: Any,
) -> None:
    describe(organization.id, REJECT, SLOW)
    with pytest.raises(Invalid, match=r"cannot be checked against .*: it takes too much"):
        post(organization.id, ENDLESS)
    assert post(organization.id, b'{"id": "aa"}').mismatches == ()


def test_a_payload_that_cannot_be_checked_in_time_is_marked_where_the_type_warns(
    organization: Any,
) -> None:
    describe(organization.id, WARN, SLOW)
    drafts = [draft(NAME, b'{"id": "aa"}'), draft(NAME, ENDLESS), draft(NAME, GOOD)]
    first, slow, last = publish_batch(organization.id, drafts)
    assert first.mismatches == ()
    assert "too much time" in slow.mismatches[0].problem
    assert "is not of type" in last.mismatches[0].problem


def test_a_large_payload_is_not_checked(organization: Any) -> None:
    describe(organization.id, WARN)
    large = b'{"id": 7, "text": "%s"}' % (b"x" * MAX_PAYLOAD)
    [mismatch] = post(organization.id, large).mismatches
    assert "at most 262144" in mismatch.problem


def test_numbers_of_any_size_are_checked(organization: Any) -> None:
    describe(organization.id, WARN, {"properties": {"n": {"multipleOf": 0.1}}})
    published = post(organization.id, b'{"n": %s}' % (b"9" * 5_000))
    assert len(published.mismatches) <= 1


def test_marks_expire_with_the_payload(organization: Any) -> None:
    describe(organization.id, WARN)
    published = post(organization.id, WRONG)
    with write_transaction() as session:
        strip(session, [published.id])
    assert marks(published) is None
