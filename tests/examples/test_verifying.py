"""The lines that docs/verifying.md gives to receivers do what it says."""

import re
import time
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature

from app.domain import signing
from tests.examples.conftest import ROOT

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "docs/verifying.md").read_text(), re.DOTALL)


def headers(secrets: tuple[str, ...], timestamp: int) -> dict[str, str]:
    signature = signing.sign(secrets, "msg_1", timestamp, BODY)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }


@pytest.mark.parametrize(
    ("secrets", "seconds", "body", "is_right"),
    [
        ((SECRET,), 0, BODY, True),
        ((signing.new_secret("v1"), SECRET), 0, BODY, True),
        ((signing.new_secret("v1"),), 0, BODY, False),
        ((SECRET,), 0, BODY + b" ", False),
        ((SECRET,), -400, BODY, False),
        ((SECRET,), 400, BODY, False),
    ],
)
def test_the_lines_tell_what_is_genuine(
    secrets: tuple[str, ...], seconds: int, body: bytes, is_right: bool
) -> None:
    given: dict[str, Any] = {}
    exec(BLOCKS[0], given)
    signed = headers(secrets, int(time.time()) + seconds)
    assert given["is_genuine"](SECRET, signed, body) is is_right
    assert given["is_genuine"](SECRET, {}, body) is False


def test_the_lines_for_v1a_verify_with_the_public_key_alone() -> None:
    secret = signing.new_secret("v1a")
    given = {
        "public_key": signing.public_key(secret),
        "headers": headers((secret,), 1614265330),
        "body": BODY,
    }
    exec(BLOCKS[1], given)
    with pytest.raises(InvalidSignature):
        exec(BLOCKS[1], given | {"body": b"{}"})
