import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from standardwebhooks.webhooks import Webhook

from callboard import VerificationError, verify
from callboard.verification import sign

# The example of the specification.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
NOW = 1614265330
HEADERS = {
    "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": str(NOW),
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()


def test_a_valid_callback_is_returned():
    callback = verify(HEADERS, BODY, SECRET, now=NOW)
    assert callback.id == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert callback.timestamp == NOW
    assert callback.json() == {"test": 2432232314}


def test_headers_may_be_pairs():
    assert verify(list(HEADERS.items()), BODY.decode(), SECRET, now=NOW).body == BODY


def test_one_of_several_secrets_is_enough():
    assert verify(HEADERS, BODY, [OTHER, SECRET], now=NOW)


def test_one_of_several_signatures_is_enough():
    signatures = f"v1,AAAA v2,BBBB {HEADERS['webhook-signature']}"
    assert verify(HEADERS | {"webhook-signature": signatures}, BODY, SECRET, now=NOW)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Webhook-Id": ""}, "webhook-id is missing"),
        ({"Webhook-Id": "msg_other"}, "No signature matches"),
        ({"webhook-timestamp": "now"}, "not a number"),
        ({"webhook-timestamp": str(NOW + 301)}, "off by 301 seconds"),
        ({"webhook-timestamp": str(NOW - 301)}, "off by 301 seconds"),
        ({"webhook-signature": "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}, "No signature"),
        ({"webhook-signature": "v1,ü"}, "No signature"),
    ],
)
def test_an_invalid_signature_or_timestamp_is_rejected(change, reason):
    with pytest.raises(VerificationError, match=reason):
        verify(HEADERS | change, BODY, SECRET, now=NOW)


def test_a_modified_body_is_rejected():
    with pytest.raises(VerificationError, match="No signature matches"):
        verify(HEADERS, BODY + b" ", SECRET, now=NOW)


def test_the_timestamp_check_can_be_disabled():
    assert verify(HEADERS, BODY, SECRET, tolerance=None)


@pytest.mark.parametrize("secret", ["", [], "whsec_", "whsec_***", "whsk_AAAA"])
def test_an_invalid_secret_is_an_error_of_the_caller(secret):
    with pytest.raises(ValueError):
        verify(HEADERS, BODY, secret, now=NOW)


def test_v1a_is_verified_with_the_public_key():
    private = Ed25519PrivateKey.generate()
    signed = f"msg_p5jXN8AQM9LWM0D4loKWxJek.{NOW}.".encode() + BODY
    signature = f"v1a,{base64.b64encode(private.sign(signed)).decode()}"
    public = "whpk_" + base64.b64encode(private.public_key().public_bytes_raw()).decode()
    headers = HEADERS | {"webhook-signature": signature}
    assert verify(headers, BODY, public, now=NOW)
    with pytest.raises(VerificationError):
        verify(headers, BODY + b" ", public, now=NOW)


def test_our_signature_is_valid_for_standardwebhooks():
    assert sign(SECRET, HEADERS["Webhook-Id"], NOW, BODY) == HEADERS["webhook-signature"]
    import time

    now = int(time.time())
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(now),
        "webhook-signature": sign(SECRET, "msg_1", now, BODY),
    }
    assert Webhook(SECRET).verify(BODY, headers) == {"test": 2432232314}
