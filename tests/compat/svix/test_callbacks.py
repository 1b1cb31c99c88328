"""What a receiver gets of an endpoint, verified by the packages that receivers use."""

import json
from typing import Any

import pytest
import standardwebhooks
import svix.webhooks
from svix.api import Svix
from svix.models import EndpointOut, EndpointSecretRotateIn, MessageIn

from tests.compat.svix.conftest import Deliver
from tests.support.servers.receiver import Received, Receiver

PAYLOAD = {"n": 1.5, "name": "ü"}


def _sent(own: Svix, app_id: str, receiver: Receiver, deliver: Deliver) -> tuple[str, Received]:
    message = own.message.create(app_id, MessageIn(event_type="user.created", payload=PAYLOAD))
    deliver(lambda: receiver.requests)
    return message.id, receiver.requests[0]


def _headers(request: Received) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers}


def test_the_body_is_the_payload_and_its_id_is_that_of_the_message(
    own: Svix, app_id: str, endpoint: EndpointOut, receiver: Receiver, deliver: Deliver
) -> None:
    message_id, request = _sent(own, app_id, receiver, deliver)
    assert json.loads(request.body) == PAYLOAD
    assert request.header("svix-id") == message_id


def test_both_packages_verify_the_request_and_reject_an_altered_one(
    own: Svix, app_id: str, endpoint: EndpointOut, receiver: Receiver, deliver: Deliver
) -> None:
    secret = own.endpoint.get_secret(app_id, endpoint.id).key
    _, request = _sent(own, app_id, receiver, deliver)
    headers = _headers(request)
    only_svix = {name: text for name, text in headers.items() if name.startswith("svix-")}
    svix.webhooks.Webhook(secret).verify(request.body, only_svix)
    assert standardwebhooks.Webhook(secret).verify(request.body, headers) == PAYLOAD
    altered = request.body.replace(b"1.5", b"2.5")
    with pytest.raises(svix.webhooks.WebhookVerificationError):
        svix.webhooks.Webhook(secret).verify(altered, only_svix)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(secret).verify(altered, headers)


def test_both_secrets_verify_during_a_rotation(
    own: Svix, app_id: str, endpoint: EndpointOut, receiver: Receiver, deliver: Deliver
) -> None:
    former = own.endpoint.get_secret(app_id, endpoint.id).key
    new = own.endpoint.rotate_secret(app_id, endpoint.id, EndpointSecretRotateIn()).key
    _, request = _sent(own, app_id, receiver, deliver)
    for secret in (former, new):
        svix.webhooks.Webhook(secret).verify(request.body, _headers(request))


def test_a_retry_has_the_same_id_as_the_first_attempt(
    own: Svix, app_id: str, endpoint: EndpointOut, receiver: Receiver, deliver: Deliver
) -> None:
    receiver.respond(500, times=1)
    message_id, _ = _sent(own, app_id, receiver, deliver)
    deliver(lambda: own.message_attempt.list_by_msg(app_id, message_id).data)
    own.message_attempt.resend(app_id, message_id, endpoint.id)
    deliver(lambda: len(receiver.requests) == 2)
    ids: Any = {request.header("svix-id") for request in receiver.requests}
    assert ids == {message_id}
