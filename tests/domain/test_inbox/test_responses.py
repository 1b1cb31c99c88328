"""Which URLs are a catcher's own, and what a catcher answers."""

from typing import Any

import pytest

from app.domain.common.errors import Invalid
from app.domain.test_inbox.responses import (
    FAILURE_STATUS,
    TOKEN,
    ResponseSettings,
    check_response_settings,
    inbox_exemption,
    inbox_url,
    new_token,
    reply_of,
)

T = "AbcdefghijklmnopqrstuvwxyZ_-0123"


def test_a_token_is_long_and_unique() -> None:
    first, second = new_token(), new_token()
    assert TOKEN.fullmatch(first)
    assert first != second


@pytest.mark.parametrize(
    ("public_url", "url"),
    [
        ("http://127.0.0.1:8000", f"http://127.0.0.1:8000/catch/{T}"),
        ("http://127.0.0.1:8000/", f"http://127.0.0.1:8000/catch/{T}?a=1&b=/../%2e"),
        ("https://hooks.example.com", f"HTTPS://Hooks.Example.COM/catch/{T}"),
        ("https://hooks.example.com", f"https://hooks.example.com:443/catch/{T}"),
        ("https://hooks.example.com:443", f"https://hooks.example.com/catch/{T}#f"),
        ("https://example.com/callboard", f"https://example.com/callboard/catch/{T}"),
        ("http://[::1]:8000", f"http://[0:0::1]:8000/catch/{T}"),
    ],
)
def test_the_url_of_a_test_inbox_is_exempt(public_url: str, url: str) -> None:
    assert inbox_exemption(public_url)(url)


@pytest.mark.parametrize(
    "url",
    [
        f"https://hooks.example.com/catch/{T}",
        f"http://hooks.example.com:8000/catch/{T}",
        f"http://hooks.example.com.evil.test/catch/{T}",
        f"http://evil.test/catch/{T}",
        f"http://evil.test@hooks.example.com/catch/{T}",
        f"http://hooks.example.com@evil.test/catch/{T}",
        f"http://evil.test\\@hooks.example.com/catch/{T}",
        f"http://evil.test#@hooks.example.com/catch/{T}",
        "http://hooks.example.com/catch/",
        "http://hooks.example.com/catch",
        "http://hooks.example.com/catch/short",
        f"http://hooks.example.com/catch/{T}x",
        f"http://hooks.example.com/catch/{T}/",
        f"http://hooks.example.com/catch/{T}/../../api/v1/events",
        f"http://hooks.example.com/catch/../catch/{T}",
        f"http://hooks.example.com/catch/./{T}",
        f"http://hooks.example.com/catch/%2e%2e/{T}",
        f"http://hooks.example.com/catch%2f{T}",
        f"http://hooks.example.com/%63atch/{T}",
        f"http://hooks.example.com//catch/{T}",
        f"http://hooks.example.com/catch/{T};a",
        f"http://hooks.example.com/catch/{T[:-1]}.",
        f"http://hooks.example.com/catch/{T[:-3]}%41",
        f"http://hooks.example.com/CATCH/{T}",
        f"http://hooks.example.com/x/catch/{T}",
        f"http://hooks.example.com/?/catch/{T}",
        f"http://hooks.example.com/catch/{T}\n",
        f"ftp://hooks.example.com/catch/{T}",
        f"/catch/{T}",
        "",
    ],
)
def test_other_urls_of_the_installation_are_not_exempt(url: str) -> None:
    assert not inbox_exemption("http://hooks.example.com")(url)


def test_the_path_of_the_public_url_is_not_a_pattern() -> None:
    exempt = inbox_exemption("http://example.com/a.b")
    assert not exempt(f"http://example.com/axb/catch/{T}")
    assert not exempt(f"http://example.com/catch/{T}")


def test_an_invalid_public_url_exempts_nothing() -> None:
    assert not inbox_exemption("http://user:pw@x.test")(f"http://user:pw@x.test/catch/{T}")


def test_every_url_that_is_shown_is_exempt() -> None:
    for public_url in ("http://127.0.0.1:8000", "https://example.com/callboard/"):
        assert inbox_exemption(public_url)(inbox_url(public_url, new_token()))


def test_the_default_response_is_200_without_delay() -> None:
    assert check_response_settings({"name": None}) == ResponseSettings("Test inbox", 200, 0, 0)
    settings = {"name": " Mine ", "status": 500, "delay_seconds": 2.5, "failure_percent": 20.0}
    assert check_response_settings(settings) == ResponseSettings("Mine", 500, 2500, 20)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"status": 199}, "status"),
        ({"status": 600}, "status"),
        ({"status": "abc"}, "status"),
        ({"status": 200.5}, "status"),
        ({"status": True}, "status"),
        ({"delay_seconds": -1}, "delay_seconds"),
        ({"delay_seconds": 10.1}, "delay_seconds"),
        ({"delay_seconds": float("nan")}, "delay_seconds"),
        ({"failure_percent": 101}, "failure_percent"),
        ({"failure_percent": float("inf")}, "failure_percent"),
        ({"name": ""}, "name"),
        ({"name": 7}, "name"),
    ],
)
def test_an_invalid_setting_is_an_error_of_its_field(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_response_settings(settings)
    assert [error.field for error in refusal.value.errors] == [field]


def test_all_errors_are_reported_at_once() -> None:
    with pytest.raises(Invalid) as refusal:
        check_response_settings(
            {"status": 0, "delay_seconds": "x", "failure_percent": -1, "name": "\0"}
        )
    assert len(refusal.value.errors) == 4


@pytest.mark.parametrize(
    ("percent", "draw", "status", "why"),
    [
        (0, 0.0, 204, "status"),
        (30, 0.29, FAILURE_STATUS, "failure"),
        (30, 0.3, 204, "status"),
        (100, 0.999, FAILURE_STATUS, "failure"),
    ],
)
def test_the_failure_rate_decides_by_a_random_draw(
    percent: int, draw: float, status: int, why: str
) -> None:
    reply = reply_of(ResponseSettings("a", 204, 1500, percent), draw)
    assert (reply.status, reply.why, reply.delay_seconds) == (status, why, 1.5)
