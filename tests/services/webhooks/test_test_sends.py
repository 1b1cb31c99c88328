import json
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook as Verifier

from app.domain.common.errors import Conflict, NotFound
from app.domain.common.ids import new_id
from app.models import Attempt, Delivery, EventType
from app.models.common.base import db
from app.queries import issues
from app.queries.deliveries.sent_bodies import sent_body
from app.services.accounts.actor import SYSTEM
from app.services.deliveries import actions, bulk, missed
from app.services.deliveries.sent_requests import OPENED
from app.services.webhooks import service as webhooks
from app.services.webhooks import test_sends as checks
from app.store.transaction import write_transaction
from tests.support.servers.receiver import Receiver


def created(organization: Any, receiver: Receiver, **settings: Any) -> str:
    return webhooks.create(organization.id, {"url": receiver.url + "/hook", **settings}, SYSTEM).id


def test_a_test_send_is_signed(organization: Any, receiver: Receiver) -> None:
    wanted = created(organization, receiver, preset="encoding")
    result = checks.check(organization.id, wanted)
    [request] = receiver.wait_for(1)
    secret = webhooks.secrets_of(organization.id, wanted).current
    Verifier(secret).verify(request.body, dict(request.headers))
    assert (result.succeeded, result.outcome.status) == (True, 200)
    assert json.loads(request.body)["type"] == result.event_type == "file.received"


@pytest.mark.parametrize(
    "preset",
    [
        "standard",
        "form_callback",
        "live_channel",
        "asset",
        "render",
        "encoding",
        "cloudevents",
        "cloudevents_binary",
        "custom",
    ],
)
def test_every_preset_can_be_tested(
    sqlite_app: Any, organization: Any, receiver: Receiver, preset: str
) -> None:
    assert checks.check(organization.id, created(organization, receiver, preset=preset)).succeeded
    assert receiver.wait_for(1)[0].body


def test_a_response_outside_the_success_rule_fails(
    sqlite_app: Any, organization: Any, receiver: Receiver
) -> None:
    receiver.respond(302, [("Location", "/elsewhere")])
    assert not checks.check(organization.id, created(organization, receiver)).succeeded
    assert checks.check(organization.id, created(organization, receiver, preset="render")).succeeded
    assert len(receiver.requests) == 2


def test_an_unreachable_receiver_is_the_failure_reason(sqlite_app: Any, organization: Any) -> None:
    row = webhooks.create(organization.id, {"url": "http://127.0.0.1:1/"}, SYSTEM)
    result = checks.check(organization.id, row.id)
    assert (result.succeeded, result.outcome.cause) == (False, "refused")


def test_the_organizations_sample_takes_precedence(
    sqlite_app: Any, organization: Any, receiver: Receiver
) -> None:
    with write_transaction() as session:
        session.add(
            EventType(
                organization_id=organization.id, name="my.own", sample=b'{"n": 1.10}', created_at=1
            )
        )
    checks.check(organization.id, created(organization, receiver, event_types=["my.own"]))
    assert b'"data":{"n": 1.10}' in receiver.wait_for(1)[0].body


def test_a_body_that_cannot_be_rendered_is_the_failure_reason(
    sqlite_app: Any, organization: Any, receiver: Receiver
) -> None:
    wanted = created(
        organization, receiver, preset="custom", body_format="custom", body_expression="length(`1`)"
    )
    result = checks.check(organization.id, wanted)
    assert (result.succeeded, result.composed) == (False, None)
    assert result.outcome.cause == "unrenderable"
    assert receiver.requests == []


def test_an_unknown_webhook_is_not_found(sqlite_app: Any, organization: Any) -> None:
    with pytest.raises(NotFound):
        checks.check(organization.id, new_id())


def test_a_test_send_is_a_delivery_of_its_own_kind(organization: Any, receiver: Receiver) -> None:
    receiver.respond(503, body=b"later")
    wanted = created(organization, receiver, preset="form_callback", api_key="k-secret")
    result = checks.check(organization.id, wanted)
    [request] = receiver.wait_for(1)
    assert dict(request.headers)["webhook-id"] == f"msg_{result.delivery_id}"
    [row] = db.session.query(Delivery).all()
    assert (row.id, row.is_test, row.state, row.attempts) == (result.delivery_id, True, "failed", 1)
    assert (row.last_status, row.last_cause) == (503, "status")
    [attempt] = db.session.query(Attempt).all()
    assert bytes(attempt.response_body) == b"later"
    body = sent_body(organization.id, row)
    assert body is not None
    assert b"k-secret" not in body.content
    assert OPENED.body(body.content) == request.body


def test_a_test_send_is_neither_resent_nor_missed_nor_an_issue(
    organization: Any, receiver: Receiver
) -> None:
    receiver.respond(500)
    wanted = created(organization, receiver)
    other = created(organization, receiver)
    result = checks.check(organization.id, wanted)
    with pytest.raises(Conflict, match="test send"):
        actions.resend(organization.id, result.delivery_id, SYSTEM)
    assert bulk.act_on_some(organization.id, [result.delivery_id], SYSTEM, "resend") == 0
    for webhook_id in (wanted, other):
        assert missed.count_missed(organization.id, webhook_id, 0).number == 0
    assert issues.page(organization.id).groups == []
    assert len(receiver.requests) == 1


def test_a_sample_that_cannot_be_rendered_is_recorded_too(
    organization: Any, receiver: Receiver
) -> None:
    sample = {"preset": "form_callback", "event_types": ["a.b"]}
    wanted = created(organization, receiver, **sample)
    with write_transaction() as session:
        own = EventType(organization_id=organization.id, name="a.b", sample=b"{}", created_at=1)
        session.add(own)
    result = checks.check(organization.id, wanted)
    assert result.composed is None
    [row] = db.session.query(Delivery).all()
    assert (row.state, row.last_cause) == ("failed", "unrenderable")
