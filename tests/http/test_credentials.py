import base64
from typing import Any

import pytest

from app.http.credentials import KeyPair, WholeKey, parse_authorization


def basic(text: bytes) -> str:
    return "Basic " + base64.b64encode(text).decode()


@pytest.mark.parametrize(
    ("header", "credential"),
    [
        ("Bearer abc", WholeKey("abc")),
        ("bearer   abc ", WholeKey("abc")),
        ("TOKEN abc", WholeKey("abc")),
        (basic(b"id:secret"), KeyPair("id", "secret")),
        (basic(b"id:a:b"), KeyPair("id", "a:b")),
        (basic(b":"), KeyPair("", "")),
        ("", None),
        ("Bearer", None),
        ("Bearer ", None),
        ("abc", None),
        ("Digest abc", None),
        ("Basic ???", None),
        ("Basic é", None),
        (basic(b"no colon"), None),
        (basic(b"\xff:\xfe"), None),
    ],
)
def test_the_authorization_header_is_parsed(header: str, credential: Any) -> None:
    assert parse_authorization(header) == credential
