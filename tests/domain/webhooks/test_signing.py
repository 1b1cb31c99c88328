"""Signatures, against the public vector and the public verifiers."""

import base64
import time

import pytest
import standardwebhooks
import svix.webhooks
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from app.domain.common.errors import Invalid
from app.domain.webhooks import signing

VECTOR_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
VECTOR_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
VECTOR_TIME = 1614265330
VECTOR_BODY = b'{"test": 2432232314}'
VECTOR_SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
BODIES = [b"", b'{"a":1.10}', "Đường dẫn".encode(), b"callback_id=1&callback_value=a%2Cb"]


def headers(secrets: list[str], body: bytes) -> dict[str, str]:
    now = int(time.time())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(now),
        "webhook-signature": signing.sign(secrets, "msg_1", now, body),
    }


def test_the_public_vector_is_reproduced():
    assert signing.sign([VECTOR_SECRET], VECTOR_ID, VECTOR_TIME, VECTOR_BODY) == VECTOR_SIGNATURE


@pytest.mark.parametrize("body", BODIES)
def test_the_verifier_of_standardwebhooks_accepts(body):
    secret = signing.new_secret()
    verifier = standardwebhooks.Webhook(secret)
    verifier.verify(body, headers([secret], body), json_parse=False)


@pytest.mark.parametrize("body", [b'{"a":1.10}', '{"t":"Đường"}'.encode()])
def test_the_verifier_of_svix_accepts(body):
    secret = signing.new_secret()
    svix.webhooks.Webhook(secret).verify(body, headers([secret], body))


def test_two_secrets_overlap_while_one_is_rotated():
    old, new = signing.new_secret(), signing.new_secret()
    sent = headers([new, old], b"{}")
    assert len(sent["webhook-signature"].split(" ")) == 2
    for secret in (old, new):
        standardwebhooks.Webhook(secret).verify(b"{}", sent)


def test_v1a_is_an_ed25519_signature_over_id_timestamp_and_body():
    secret = signing.new_secret("v1a")
    version, _, text = signing.sign([secret], "msg_1", 5, b"{}").partition(",")
    raw = base64.b64decode(signing.public_key(secret).removeprefix("whpk_"))
    public = Ed25519PublicKey.from_public_bytes(raw)
    public.verify(base64.b64decode(text), b"msg_1.5.{}")
    assert version == "v1a"
    with pytest.raises(InvalidSignature):
        public.verify(base64.b64decode(text), b"msg_1.6.{}")


def test_v1_and_v1a_signatures_can_be_combined():
    text = signing.sign([signing.new_secret("v1a"), signing.new_secret("v1")], "m", 1, b"")
    assert [part.partition(",")[0] for part in text.split(" ")] == ["v1a", "v1"]


@given(
    kind=st.sampled_from(signing.KINDS), body=st.binary(), now=st.integers(0, 2**40), flip=st.data()
)
def test_only_the_signed_content_verifies(kind, body, now, flip):
    secret = signing.new_secret(kind)
    text = signing.sign([secret], "msg_1", now, body)
    assert signing.verify(secret, "msg_1", str(now), text, body, now=now)
    assert not signing.verify(secret, "msg_2", str(now), text, body, now=now)
    assert not signing.verify(secret, "msg_1", str(now), text, body + b" ", now=now)
    assert not signing.verify(signing.new_secret(kind), "msg_1", str(now), text, body, now=now)


def test_a_public_key_verifies_a_signature():
    secret = signing.new_secret("v1a")
    text = signing.sign([secret], "msg_1", 9, b"{}")
    assert signing.verify(signing.public_key(secret), "msg_1", "9", text, b"{}", now=9)


@pytest.mark.parametrize("timestamp", ["", "x", "-5", "٣", "1" * 5000, "699", "1301"])
def test_an_invalid_or_distant_timestamp_is_rejected(timestamp):
    text = signing.sign([VECTOR_SECRET], "msg_1", 1000, b"{}")
    assert not signing.verify(VECTOR_SECRET, "msg_1", timestamp, text, b"{}", now=1000)


@pytest.mark.parametrize("signature", ["", "v1", "v1,", "v1a,abc", "v2,x", "v1,é"])
def test_an_invalid_header_has_no_signature(signature):
    assert not signing.verify(VECTOR_SECRET, "msg_1", "1000", signature, b"{}", now=1000)


def b64(length: int) -> str:
    return base64.b64encode(bytes(range(length))).decode()


@pytest.mark.parametrize(
    "text",
    [
        *(None, 5, "", "whsec_", "secret", "whsec_!!!!", "whsec_é", f"whpk_{b64(32)}"),
        *(f"whsec_{b64(23)}", f"whsec_{b64(65)}", f"whsec_{b64(25)[:-1]}"),
        *(f"whsk_{b64(31)}", f"whsk_{b64(64)}"),
    ],
)
def test_an_invalid_secret_is_rejected(text):
    with pytest.raises(Invalid) as refusal:
        signing.parse_secret(text)
    assert refusal.value.errors[0].field == "secret"


@pytest.mark.parametrize("text", [f"whsec_{b64(24)}", f"whsec_{b64(64)}", f"whsk_{b64(32)}"])
def test_a_valid_secret_is_unchanged(text):
    assert signing.parse_secret(text) == text


def test_an_ed25519_key_with_its_public_half_is_accepted_as_the_same_key():
    secret = signing.new_secret("v1a")
    seed = base64.b64decode(secret.removeprefix("whsk_"))
    public = base64.b64decode(signing.public_key(secret).removeprefix("whpk_"))
    assert signing.parse_secret("whsk_" + base64.b64encode(seed + public).decode()) == secret


@pytest.mark.parametrize("kind", signing.KINDS)
def test_a_new_secret_is_valid(kind):
    secret = signing.new_secret(kind)
    assert signing.parse_secret(secret) == secret
    assert signing.kind_of(secret) == kind
