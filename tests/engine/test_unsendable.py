"""A row that cannot be sent is given up with its cause, and the others go on."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.engine.dispatcher import Dispatcher
from app.services.events import publishing as events
from app.store.transaction import write_transaction
from tests.services.publishing import delivery_rows, draft, due_rows, webhook
from tests.support.receiver import Receiver

OTHERWISE_SEALED = b"gAAAAABm-not-of-this-key"
DAMAGES: dict[str, tuple[dict[str, Any], str]] = {
    "unknown body format": ({"body_format": "nonsense"}, "unrenderable"),
    "broken expression": ({"body_format": "custom", "body_expression": "("}, "unrenderable"),
    "no retry policy": ({"retry_policy": '{"kind":"never"}'}, "unrenderable"),
    "headers of another shape": ({"headers": "[1]"}, "unrenderable"),
    "no URL": ({"url": "nonsense"}, "url"),
    "no method": ({"method": "GE T"}, "url"),
    "a scheme that is not called": ({"url": "ftp://example.com/"}, "url"),
}


def _publish_and_damage(organization_id: str, receiver: Receiver, columns: dict[str, Any]) -> str:
    """An event for a webhook that is damaged before it is sent, and for one that is not."""
    bad = webhook(organization_id, url=receiver.url)
    webhook(organization_id, url=receiver.url)
    events.publish(organization_id, draft())
    change = ", ".join(f"{name} = :{name}" for name in columns)
    with write_transaction() as session:
        session.execute(
            text(f"UPDATE webhooks SET {change}, version = version + 1 WHERE id = :id"),
            columns | {"id": bad},
        )
    return bad


def _outcome(webhook_id: str) -> tuple[str, str | None]:
    states = {one.webhook_id: (one.state, one.last_cause) for one in delivery_rows()}
    [other] = [state for key, state in states.items() if key != webhook_id]
    assert other == ("succeeded", "ok")
    return states[webhook_id]


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_cannot_be_understood_is_given_up_and_the_drain_goes_on(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver, damage: str
) -> None:
    columns, cause = DAMAGES[damage]
    bad = _publish_and_damage(organization.id, receiver, columns)
    dispatcher.run(5, linger=0)
    assert _outcome(bad) == ("failed", cause)
    assert due_rows() == []
    assert len(receiver.requests) == 1


def test_a_document_that_is_none_keeps_nobody_elses_row_from_being_read(
    sqlite_app: Flask, dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    """PostgreSQL would not keep it."""
    bad = _publish_and_damage(organization.id, receiver, {"headers": "[", "retry_policy": "{"})
    dispatcher.run(5, linger=0)
    assert _outcome(bad) == ("failed", "unrenderable")


def test_what_was_sealed_under_another_key_is_tried_again(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    """The key may come back: until the table ends nothing is lost."""
    bad = _publish_and_damage(organization.id, receiver, {"signing_secret": OTHERWISE_SEALED})
    dispatcher.run(5, linger=0)
    assert _outcome(bad) == ("retrying", "sealed")
    assert [row.attempt for row in due_rows()] == [2]


def test_a_payload_that_has_expired_is_given_up(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    webhook(organization.id, url=receiver.url)
    events.publish(organization.id, draft())
    with write_transaction() as session:
        session.execute(text("UPDATE events SET payload = NULL"))
    events.publish(organization.id, draft())
    dispatcher.run(5, linger=0)
    assert sorted((one.state, one.last_cause) for one in delivery_rows()) == [
        ("failed", "unrenderable"),
        ("succeeded", "ok"),
    ]
