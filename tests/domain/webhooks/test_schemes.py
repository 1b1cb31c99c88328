"""Signature schemes of other senders: what is sent, and that a receiver verifies it."""

import hashlib
import hmac

import pytest

from app.domain.deliveries.composing import Composer
from app.domain.webhooks import schemes
from callboard import VerificationError
from callboard import verify as client_verify
from tests.domain.facts import AT, SECRET, event, webhook

DELIVERY = "0198c9f6-1c71-7f6d-8eca-92432aaf42e6"
OTHER = "whsec_" + "b3RoZXIx" * 6
NOW = AT // 1000
BOTH = ("timestamped", "sha256")
PAYLOAD = b'{"a":1}'


def sent(preset="render", **settings):
    happened = event(PAYLOAD.decode())
    composed = Composer(webhook(preset, **settings)).compose(happened, DELIVERY, 1, AT)
    return composed.body, dict(composed.headers)


def mac(content, secret=SECRET):
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


TIMESTAMPED = f"t={NOW},v1={mac(b'%d.%s' % (NOW, PAYLOAD))}"
OF_BODY = f"sha256={mac(PAYLOAD)}"


@pytest.mark.parametrize(
    ("scheme", "header", "name", "value"),
    [
        ("timestamped", None, "X-Callboard-Signature", TIMESTAMPED),
        ("timestamped", "X-Sig", "X-Sig", TIMESTAMPED),
        ("sha256", None, "X-Hub-Signature-256", OF_BODY),
        ("sha256", "X-Sig", "X-Sig", OF_BODY),
    ],
)
@pytest.mark.parametrize("preset", ["render", "svix"])
def test_the_signature_is_in_its_header_and_nowhere_else(preset, scheme, header, name, value):
    _, headers = sent(preset, signature_scheme=scheme, signature_header=header)
    assert headers[name] == value
    assert {"webhook-id", "webhook-timestamp"} < headers.keys()
    assert not {"webhook-signature", "svix-signature"} & headers.keys()


def test_the_standard_signature_can_have_a_header_of_its_own():
    _, usual = sent()
    _, headers = sent(signature_header="X-Acme-Signature")
    assert headers["X-Acme-Signature"] == usual["webhook-signature"]
    assert headers.keys() ^ usual.keys() == {"X-Acme-Signature", "webhook-signature"}


def test_a_header_of_the_webhook_does_not_replace_the_signature():
    _, headers = sent(
        signature_scheme="sha256", signature_header="X-Sig", headers=(("x-sig", "mine"),)
    )
    assert headers["X-Sig"].startswith("sha256=")
    assert "x-sig" not in headers


def test_an_unsigned_webhook_has_no_signature_in_any_scheme():
    _, headers = sent(signing="none", signature_scheme="sha256", secrets=())
    assert "X-Hub-Signature-256" not in headers


@pytest.mark.parametrize("header", [None, "X-Sig"])
@pytest.mark.parametrize("scheme", ["standard", *BOTH])
def test_the_client_and_the_test_inbox_verify_every_scheme(scheme, header):
    body, headers = sent(signature_scheme=scheme, signature_header=header)
    verified = client_verify(headers, body, SECRET, now=NOW, scheme=scheme, header=header)
    assert (verified.id, verified.timestamp) == (f"msg_{DELIVERY}", NOW)
    named = {name.lower(): value for name, value in headers.items()}
    signature = named[schemes.header_of(scheme, header).lower()]
    assert schemes.verify(scheme, SECRET, signature, named, body, now=NOW)


@pytest.mark.parametrize("scheme", BOTH)
@pytest.mark.parametrize(
    ("body", "secret", "signature"),
    [(b"other", SECRET, None), (None, OTHER, None), (None, SECRET, "x"), (None, SECRET, "=é,=")],
)
def test_what_was_changed_is_refused(scheme, body, secret, signature):
    sent_body, headers = sent(signature_scheme=scheme)
    name = schemes.DEFAULT_HEADERS[scheme]
    headers[name] = signature or headers[name]
    content = body or sent_body
    with pytest.raises(VerificationError):
        client_verify(headers, content, secret, now=NOW, scheme=scheme)
    assert not schemes.verify(scheme, secret, headers[name], {}, content, now=NOW)


@pytest.mark.parametrize(("seconds", "is_valid"), [(300, True), (301, False), (-301, False)])
def test_a_time_that_is_far_off_is_refused(seconds, is_valid):
    body, headers = sent(signature_scheme="timestamped")
    signature, now = headers["X-Callboard-Signature"], NOW + seconds
    assert schemes.verify("timestamped", SECRET, signature, {}, body, now=now) is is_valid
    if not is_valid:
        with pytest.raises(VerificationError, match="off by 301 seconds"):
            client_verify(headers, body, SECRET, now=now, scheme="timestamped")


def test_while_a_secret_is_rotated_both_sign_where_there_is_room():
    secrets = (OTHER, SECRET)
    body, headers = sent(signature_scheme="timestamped", secrets=secrets)
    for secret in secrets:
        assert client_verify(headers, body, secret, now=NOW, scheme="timestamped")
    body, headers = sent(signature_scheme="sha256", secrets=secrets)
    assert client_verify(headers, body, OTHER, now=NOW, scheme="sha256")
    with pytest.raises(VerificationError):
        client_verify(headers, body, SECRET, now=NOW, scheme="sha256")
