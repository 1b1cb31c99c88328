from dataclasses import dataclass

import pytest

from app.domain.deliveries import masking as concealing


@dataclass
class Hook:
    secret_header: str | None = None
    body_format: str = "asset"


FORM = Hook(body_format="form_callback")


@pytest.mark.parametrize(
    ("hook", "head", "shown"),
    [
        (Hook(), b"x-streams-token: t0p", b"x-streams-token: ********"),
        (Hook(), b"X-Streams-Token:  t0p", b"X-Streams-Token:  ********"),
        (Hook(), b"X-Callboard-Token: t0p", b"X-Callboard-Token: ********"),
        (Hook("X-Mine"), b"x-mine: t0p", b"x-mine: ********"),
        (Hook("X-Mine"), b"x-streams-token: older", b"x-streams-token: ********"),
        (Hook(), b"X-Other: x-streams-token: open", b"X-Other: x-streams-token: open"),
        (Hook(), b"api_key: open", b"api_key: open"),
    ],
)
def test_the_token_header_is_masked(hook: Hook, head: bytes, shown: bytes) -> None:
    frame = b"POST /?api_key=open HTTP/1.1\r\n%b\r\nHost: h\r\n\r\n"
    assert concealing.of(hook).head(frame % head) == frame % shown


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("a=1&api_key=k3y", "a=1&api_key=********"),
        ("api_key=k3y&a=1", "api_key=********&a=1"),
        ("my_api_key=open", "my_api_key=open"),
        ("api_key=", "api_key="),
    ],
)
def test_the_api_key_of_a_form_is_masked_in_url_and_body(query: str, shown: str) -> None:
    concealer = concealing.of(FORM)
    assert concealer.url(f"https://h/?{query}") == f"https://h/?{shown}"
    assert concealer.body(query.encode()) == shown.encode()
    line = "GET /?{} HTTP/1.1\r\nA: b\r\n\r\n"
    assert concealer.head(line.format(query).encode()) == line.format(shown).encode()


def test_nothing_is_masked_without_secrets() -> None:
    assert concealing.of(None).body(b"api_key=open") == b"api_key=open"


def test_a_sealed_secret_is_hidden_whatever_its_header_is_called_now() -> None:
    head = b"GET / HTTP/1.1\r\nX-Before: \x02c2VhbGVk\x03\r\nA: b\r\n\r\n"
    assert concealing.of(Hook("X-Now")).head(head) == head.replace(b"\x02c2VhbGVk\x03", b"********")


def test_authorization_is_hidden_even_if_it_was_not_sealed() -> None:
    head = b"GET / HTTP/1.1\r\nauthorization: Bearer x\r\n\r\n"
    assert concealing.of(None).head(head).endswith(b"authorization: ********\r\n\r\n")
