import base64
from typing import Any

import pytest

from app.http.reading import Key, Pair, credential


def basic(text: bytes) -> str:
    return "Basic " + base64.b64encode(text).decode()


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("Bearer abc", Key("bearer", "abc")),
        ("bearer   abc ", Key("bearer", "abc")),
        ("TOKEN abc", Key("token", "abc")),
        (basic(b"id:secret"), Pair("id", "secret")),
        (basic(b"id:a:b"), Pair("id", "a:b")),
        (basic(b":"), Pair("", "")),
        (None, None),
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
def test_a_credential_is_read_from_the_authorization_header(header: str | None, found: Any) -> None:
    assert credential(header) == found
