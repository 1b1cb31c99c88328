"""A delivery that cannot be sent fails with its cause, and the others continue."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.engine.dispatcher import Dispatcher
from app.services.events import publishing as events
from app.store.transaction import write_transaction
from tests.services.publishing import delivery_rows, draft, due_rows, webhook
from tests.support.servers.receiver import Receiver

OTHER_KEY_CIPHERTEXT = b"gAAAAABm-not-of-this-key"
DAMAGES: dict[str, tuple[dict[str, Any], str]] = {
    "unknown body format": ({"body_format": "nonsense"}, "unrenderable"),
    "broken expression": ({"body_format": "custom", "body_expression": "("}, "unrenderable"),
    "no retry policy": ({"retry_policy": '{"kind":"never"}'}, "unrenderable"),
    "headers of the wrong type": ({"headers": "[1]"}, "unrenderable"),
    "invalid URL": ({"url": "nonsense"}, "url"),
    "invalid method": ({"method": "GE T"}, "url"),
    "unsupported scheme": ({"url": "ftp://example.com/"}, "url"),
}


def _publish_and_damage(organization_id: str, receiver: Receiver, columns: dict[str, Any]) -> str:
    """Publish an event for two webhooks and damage the row of one; returns its id."""
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
    states = {row.webhook_id: (row.state, row.last_cause) for row in delivery_rows()}
    [other] = [state for key, state in states.items() if key != webhook_id]
    assert other == ("succeeded", "ok")
    return states[webhook_id]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_webhook_fails_its_delivery_only(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver, damage: str
) -> None:
    columns, cause = DAMAGES[damage]
    bad = _publish_and_damage(organization.id, receiver, columns)
    dispatcher.run(30, linger=0)
    assert _outcome(bad) == ("failed", cause)
    assert due_rows() == []
    assert len(receiver.requests) == 1


def test_invalid_json_in_a_row_does_not_affect_other_rows(
    sqlite_app: Flask, dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    """PostgreSQL would not store it."""
    bad = _publish_and_damage(organization.id, receiver, {"headers": "[", "retry_policy": "{"})
    dispatcher.run(30, linger=0)
    assert _outcome(bad) == ("failed", "unrenderable")


def test_a_secret_encrypted_with_another_key_is_retried(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    """The key may be restored before the retries are exhausted."""
    bad = _publish_and_damage(organization.id, receiver, {"signing_secret": OTHER_KEY_CIPHERTEXT})
    dispatcher.run(30, linger=0)
    assert _outcome(bad) == ("retrying", "sealed")
    assert [row.attempt for row in due_rows()] == [2]


def test_an_expired_payload_fails_its_delivery(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    webhook(organization.id, url=receiver.url)
    events.publish(organization.id, draft())
    with write_transaction() as session:
        session.execute(text("UPDATE events SET payload = NULL"))
    events.publish(organization.id, draft())
    dispatcher.run(30, linger=0)
    assert sorted((row.state, row.last_cause) for row in delivery_rows()) == [
        ("failed", "unrenderable"),
        ("succeeded", "ok"),
    ]
