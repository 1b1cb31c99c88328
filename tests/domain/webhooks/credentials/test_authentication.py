"""How requests authenticate at the receiver."""

import base64

import pytest

from app.domain.common.errors import Invalid
from app.domain.webhooks.credentials import authentication
from app.domain.webhooks.credentials.authentication import check_authentication

BASIC = {"kind": "basic", "username": "ada", "password": "s3:cret ü"}
BEARER = {"kind": "bearer", "token": "t0ken=="}


def test_basic_sends_user_name_and_password_as_utf_8():
    scheme, _, encoded = authentication.authorization(BASIC).partition(" ")
    assert (scheme, base64.b64decode(encoded).decode()) == ("Basic", "ada:s3:cret ü")


def test_bearer_sends_the_token():
    assert authentication.authorization(BEARER) == "Bearer t0ken=="


def test_every_error_is_reported_at_once():
    with pytest.raises(Invalid) as caught:
        check_authentication({"kind": "basic", "username": "a:b", "password": 5, "realm": "x"})
    assert {(e.field, e.code) for e in caught.value.errors} == {
        ("authentication.username", "characters"),
        ("authentication.password", "type"),
        ("authentication.realm", "unknown"),
    }


@pytest.mark.parametrize("document", [BASIC, BEARER])
def test_text_of_it_is_read_back(document: dict[str, str]):
    assert authentication.parsed(authentication.dumped(document)) == document


def test_secrets_are_hidden_and_put_back():
    hidden = authentication.with_hidden(BASIC, "****")
    assert hidden == BASIC | {"password": "****"}
    assert authentication.with_stored(hidden | {"username": "ben"}, BASIC, "****") == (
        BASIC | {"username": "ben"}
    )
    assert authentication.with_stored(hidden, BEARER, "****")["password"] == ""
    assert authentication.with_hidden(BASIC | {"password": ""}, "****")["password"] == ""
    assert (authentication.secret_of(BASIC), authentication.secret_of(BEARER)) == (
        "s3:cret ü",
        "t0ken==",
    )


OAUTH2 = {
    "kind": "oauth2",
    "token_url": "https://id.example.com/token",
    "client_id": "c",
    "client_secret": "s3cret",
    "scope": "",
}


def test_another_token_url_does_not_get_the_stored_client_secret():
    hidden = authentication.with_hidden(OAUTH2, "****")
    assert authentication.with_stored(hidden | {"client_id": "d"}, OAUTH2, "****") == (
        OAUTH2 | {"client_id": "d"}
    )
    moved = hidden | {"token_url": "https://id.example.com/other"}
    with pytest.raises(Invalid) as caught:
        authentication.with_stored(moved, OAUTH2, "****")
    [error] = caught.value.errors
    assert (error.field, error.code) == ("authentication.client_secret", "required")
    assert error.problem == "The Token URL has changed."
    again = moved | {"client_secret": "new"}
    assert authentication.with_stored(again, OAUTH2, "****") == again


@pytest.mark.parametrize(
    ("document", "name"), [(BASIC, "password"), (BEARER, "token"), (OAUTH2, "client_secret")]
)
def test_a_stored_secret_is_not_put_back_for_another_host(document: dict[str, str], name: str):
    hidden = authentication.with_hidden(document, "****")
    with pytest.raises(Invalid, match="host of the URL has changed") as caught:
        authentication.with_stored(hidden, document, "****", is_moved=True)
    assert caught.value.errors[0].field == f"authentication.{name}"
    new = hidden | {name: "new"}
    assert authentication.with_stored(new, document, "****", is_moved=True) == new
