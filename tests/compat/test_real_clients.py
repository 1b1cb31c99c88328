"""Public client packages against the running product."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks
import svix.webhooks

from app.domain.webhooks.presets import PRESETS
from tests.compat.customer import Customer
from tests.support.servers.receiver import Received, Receiver

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400)]

SHOTSTACK = Path(__file__).parents[2] / "script" / "clients" / "shotstack.py"
# Every body format finds its fields in it.
PAYLOAD = {"callback_id": "1", "callback_value": "https://a.com/", "callback_format": "video"}


def verify(secret: str, request: Received, body: bytes | None = None) -> None:
    """By both packages; each raises when the signature is not right."""
    headers = {name.lower(): value for name, value in request.headers}
    content = request.body if body is None else body
    standardwebhooks.Webhook(secret).verify(content, headers, json_parse=False)
    svix.webhooks.Webhook(secret).verify(content, headers)


@pytest.mark.parametrize("preset", PRESETS)
def test_standardwebhooks_and_svix_verify_what_every_preset_sends(
    customer: Customer, receiver: Receiver, preset: str
) -> None:
    webhook_id = customer.webhook(receiver.url, preset=preset)
    customer.publish("transcoding.finished", PAYLOAD)
    [request] = receiver.wait_for(1)
    verify(customer.secret(webhook_id), request)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        verify(customer.secret(webhook_id), request, request.body + b" ")


def test_both_verify_the_query_of_a_request_without_a_body(
    customer: Customer, receiver: Receiver
) -> None:
    webhook_id = customer.webhook(receiver.url + "/?kept=1", preset="form_callback", method="GET")
    customer.publish("transcoding.finished", PAYLOAD)
    [request] = receiver.wait_for(1)
    verify(customer.secret(webhook_id), request, request.query.encode())


def test_both_verify_with_either_secret_during_a_rotation(
    customer: Customer, receiver: Receiver
) -> None:
    webhook_id = customer.webhook(receiver.url)
    before = customer.secret(webhook_id)
    customer("POST", f"/api/v1/webhooks/{webhook_id}/rotate-secret", json={})
    customer.publish("file.received", PAYLOAD)
    [request] = receiver.wait_for(1)
    for secret in (before, customer.secret(webhook_id)):
        verify(secret, request)


def test_both_verify_a_retry_with_its_own_timestamp(customer: Customer, receiver: Receiver) -> None:
    receiver.respond(500, times=1)
    policy = {"kind": "fixed", "interval_seconds": 1, "max_attempts": 2}
    webhook_id = customer.webhook(receiver.url, retry_policy=policy)
    customer.publish("file.received", PAYLOAD)
    for request in receiver.wait_for(2):
        verify(customer.secret(webhook_id), request)


def test_shotstacks_client_posts_an_edit_polls_it_and_gets_its_callback(
    customer: Customer, receiver: Receiver
) -> None:
    more = {"CALLBOARD": customer.url, "KEY": customer.key, "RECEIVER": receiver.url}
    command = [sys.executable, str(SHOTSTACK)]
    with subprocess.Popen(
        command, env=os.environ | more, stdout=subprocess.PIPE, text=True
    ) as client:
        assert client.stdout is not None
        render_id = client.stdout.readline().strip()
        payload: Any = {"status": "done", "url": f"https://cdn.example.com/{render_id}.mp4"}
        customer.publish("render.done", payload, source=render_id)
        assert client.wait(30) == 0
    [request] = receiver.wait_for(1)
    assert (request.path, request.query) == ("/status.php", "var=foo")
