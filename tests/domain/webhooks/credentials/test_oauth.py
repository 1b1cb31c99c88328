"""OAuth client credentials: the request for a token, and what responses mean."""

import base64
import json

import pytest

from app.domain.webhooks.credentials.oauth import OAuthClient, TokenRefused, read_token

CLIENT = OAuthClient("https://id.example.com/token", "a:b", "s3cret ü", "hooks write")


def response(**fields: object) -> bytes:
    return json.dumps({"access_token": "t0ken", "token_type": "Bearer"} | fields).encode()


def test_the_client_authenticates_with_encoded_id_and_secret():
    scheme, _, encoded = CLIENT.authorization.partition(" ")
    assert (scheme, base64.b64decode(encoded)) == ("Basic", b"a%3Ab:s3cret%20%C3%BC")
    assert CLIENT.form == "grant_type=client_credentials&scope=hooks+write"


def test_the_secret_is_never_printed():
    assert "s3cret" not in repr(CLIENT)
    assert "t0ken" not in repr(read_token(200, response(), 0))


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [
        (3600, 3570),
        (40, 20),
        (1, 0.5),
        ("3600", 3570),
        (10**12, 86_370),
        (None, 270),
        ("x", 270),
        (True, 270),
        (0, 0),
        (-5, 0),
    ],
)
def test_a_token_is_replaced_before_it_expires(expires_in: object, seconds: float):
    token = read_token(200, response(expires_in=expires_in), 1000)
    assert (token.at, token.until) == (1000, 1000 + seconds * 1000)
    assert token.authorization == "Bearer t0ken"


def test_a_number_that_is_none_is_used_at_once():
    body = b'{"access_token": "t", "expires_in": NaN}'
    assert read_token(200, body, 5).until == 5


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, b'{"error": "invalid_client"}', "responded with 401: invalid_client"),
        (500, b"oops", "responded with 500"),
        (400, b'{"error": "a\\nb"}', "responded with 400"),
        (302, b"", "responded with 302"),
        (200, b"", "no valid access_token"),
        (200, b"[" * 100_000, "no valid access_token"),
        (200, b"[]", "no valid access_token"),
        (200, response(access_token="a b"), "no valid access_token"),
        (200, response(access_token="x" * 9000), "no valid access_token"),
        (200, response(access_token=5), "no valid access_token"),
        (200, response(token_type="mac"), "token_type"),
        (200, response(token_type=None), "token_type"),
    ],
)
def test_every_other_response_is_a_reason(status: int, body: bytes, words: str):
    with pytest.raises(TokenRefused) as caught:
        read_token(status, body, 0)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
