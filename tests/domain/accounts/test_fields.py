import pytest

from app.domain.accounts.fields import (
    check_choices,
    check_email,
    check_expiry,
    check_id,
    check_name,
    check_password,
)
from app.domain.common.errors import Invalid

NOW = 1_760_000_000_000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        ("  ada@example.com ", "ada@example.com"),
        ("ada+tag@mail.example.com", "ada+tag@mail.example.com"),
        ("owner@localhost", "owner@localhost"),
        ("o@corp.local", "o@corp.local"),
        ("jo\u0308rg@exa\u0308mple.de", "jörg@exämple.de"),
    ],
)
def test_an_email_address_is_normalized(value: str, expected: str) -> None:
    assert check_email(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        *("", "ada", "@example.com", "ada@", "a b@example.com", "a@b@c", "ada@-b.c", "ada@b..c"),
        *("a\x00@b.c", "a@b.c\ud800", "a@[127.0.0.1]", "<a>@b.c", "a" * 65 + "@b.c", "a\u202e@b.c"),
        *("a@" + "b." * 130 + "c", 7, None),
    ],
)
def test_an_invalid_email_address_is_rejected(value: object) -> None:
    with pytest.raises(Invalid) as caught:
        check_email(value)
    assert caught.value.errors[0].field == "email"


@pytest.mark.parametrize("value", ["", "  ", "x" * 201, "a\x00b", "a\nb", "\ud800", 3, None, []])
def test_an_invalid_name_is_rejected(value: object) -> None:
    with pytest.raises(Invalid):
        check_name(value)


@pytest.mark.parametrize(
    "value", ["short", "aaaaaaaaaaaa", "Ada@example.com", "x" * 257, None, 1234567890]
)
def test_a_weak_password_is_rejected(value: object) -> None:
    with pytest.raises(Invalid):
        check_password(value, "ada@example.com")


def test_a_password_is_stored_unchanged() -> None:
    assert check_password("  four dull words \u2603 ") == "  four dull words \u2603 "


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("2030-01-01T00:00:00Z", 1_893_456_000_000),
        ("2030-01-01T02:00:00+02:00", 1_893_456_000_000),
        (NOW + 1, NOW + 1),
    ],
)
def test_an_expiry_is_converted_to_milliseconds(value: object, expected: int | None) -> None:
    assert check_expiry(value, NOW) == expected


@pytest.mark.parametrize(
    "value", ["soon", "", NOW, 10**20, True, 1.5, float("nan"), [], "1999-01-01"]
)
def test_an_expiry_in_the_past_or_of_another_type_is_rejected(value: object) -> None:
    with pytest.raises(Invalid):
        check_expiry(value, NOW)


def test_choices_are_returned_in_declared_order() -> None:
    assert check_choices(["c", "a", "a"], ("a", "b", "c"), "scopes") == ["a", "c"]
    assert check_choices(None, ("a", "b"), "scopes") is None


@pytest.mark.parametrize("value", [[], "a", {}, ["a", 1], [["a"]], [{"a": 1}], ["z"]])
def test_unknown_choices_are_rejected(value: object) -> None:
    with pytest.raises(Invalid):
        check_choices(value, ("a", "b"), "scopes")


def test_an_id_is_converted_to_lower_case() -> None:
    assert check_id("0198C1F0-6E1F-7C3A-9B1E-2F0C5A7D4E11").islower()
    with pytest.raises(Invalid):
        check_id("acme")


@pytest.mark.parametrize(
    "password", ["password123", "Passw0rd!!", "qwertyuiop", "1234567890", "ada.lovelace"]
)
def test_a_common_password_is_rejected(password: str) -> None:
    with pytest.raises(Invalid, match="guess"):
        check_password(password, "ada.lovelace@example.com")


def test_a_long_password_is_checked_in_bounded_time() -> None:
    with pytest.raises(Invalid):
        check_password("aB3$" * 64)
