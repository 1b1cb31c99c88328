"""What a portal link may say."""

from typing import Any

import pytest

from app.domain.common.errors import Invalid
from app.domain.portal.links import PORTAL_ROLES, Terms, check_terms


def test_a_link_without_terms_is_for_a_member_and_an_hour() -> None:
    assert check_terms({"role": None}) == Terms(3600, "member", None, None, None, None, ())


def test_terms_are_normalized() -> None:
    origins = ["https://App.Example.com/", "https://app.example.com:443", "http://localhost:3000"]
    terms = check_terms(
        {
            "expires_in": 60,
            "role": "viewer",
            "visitor": " ada ",
            "brand_name": "Acme",
            "brand_color": "#ABC",
            "brand_logo": "HTTPS://Example.com/ä.svg",
            "allowed_origins": origins,
        }
    )
    logo = "https://example.com/%C3%A4.svg"
    allowed = ("https://app.example.com", "http://localhost:3000")
    assert terms == Terms(60, "viewer", "ada", "Acme", "#aabbcc", logo, allowed)


def test_no_link_grants_the_owner_role() -> None:
    assert PORTAL_ROLES == ("member", "consumer", "viewer")


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"expires_in": 59}, "expires_in"),
        ({"expires_in": 604_801}, "expires_in"),
        ({"expires_in": "60"}, "expires_in"),
        ({"expires_in": True}, "expires_in"),
        ({"role": "owner"}, "role"),
        ({"visitor": ""}, "visitor"),
        ({"brand_name": "x" * 61}, "brand_name"),
        ({"brand_color": "red"}, "brand_color"),
        ({"allowed_origins": "https://a.test"}, "allowed_origins"),
        ({"allowed_origins": ["https://a.test"] * 9}, "allowed_origins"),
        ({"name": "x"}, "name"),
    ],
)
def test_a_value_out_of_bounds_is_an_error_of_its_field(terms: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_terms(terms)
    assert [error.field for error in refusal.value.errors] == [field]


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "https://*.example.com",
        "https://a.test/path",
        "https://a.test?x",
        "https://a.test?",
        "https://a.test#x",
        "https://a.test; script-src *",
        "https://a.test 'self'",
        "https://[::1]",
        "ftp://a.test",
        "https://user@a.test",
        "data:",
        "'self'",
        "https://" + ".".join(["a" * 60] * 4),
        None,
        7,
    ],
)
def test_only_valid_origins_are_accepted_for_the_policy(origin: object) -> None:
    with pytest.raises(Invalid) as refusal:
        check_terms({"allowed_origins": [origin]})
    assert refusal.value.errors[0].field == "allowed_origins[0]"


def test_all_errors_are_reported_at_once() -> None:
    with pytest.raises(Invalid) as refusal:
        check_terms({"expires_in": 0, "role": "x", "allowed_origins": ["*", "data:"], "a": 1})
    assert len(refusal.value.errors) == 5
