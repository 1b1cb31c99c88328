"""With the reader's zone in a cookie, the server writes times as the script would."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.domain.common.clock import parse_iso
from app.domain.common.locales import of_header
from app.web.common.rendering import formats
from tests.services.publishing import webhook
from tests.web.records import delivery
from tests.web.visitor import Visitor

NOON = parse_iso("2026-02-24T12:00:05.120")
KOLKATA, HONOLULU = ZoneInfo("Asia/Kolkata"), ZoneInfo("Pacific/Honolulu")


def test_times_are_in_the_zone() -> None:
    assert formats.exact(NOON, KOLKATA) == "24 Feb 2026, 17:30:05.120 UTC+5:30"
    assert formats.exact(NOON, HONOLULU) == "24 Feb 2026, 02:00:05.120 UTC-10"
    assert formats.exact(NOON) == "24 Feb 2026, 12:00:05.120 UTC"
    assert (formats.clock(NOON, KOLKATA), formats.clock(NOON)) == ("17:30:05", "12:00:05 UTC")


def test_today_is_that_of_the_zone() -> None:
    midnight = parse_iso("2026-02-24T23:00:00")
    assert formats.since(NOON, HONOLULU, midnight) == "02:00"
    assert formats.since(NOON, KOLKATA, midnight) == "24 Feb, 17:30"


def test_how_far_a_search_got_is_said_to_the_second() -> None:
    midnight = parse_iso("2026-02-24T23:00:00")
    assert formats.since(NOON, HONOLULU, midnight, to_the_second=True) == "02:00:05"
    assert formats.since(NOON, KOLKATA, midnight, to_the_second=True) == "24 Feb, 17:30:05"
    assert formats.since(NOON, to_the_second=True) == "24 Feb, 12:00:05 UTC"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "now"), (27, "in 27 s"), (272, "in 4 min 32 s"), (3600, "in 1 h"), (90_000, "in 1 d 1 h")],
)
def test_a_countdown_has_two_units(seconds: int, words: str) -> None:
    assert formats.countdown(NOON + seconds * 1000, NOON) == words


def test_the_page_uses_the_cookie(owner: Visitor, organization: Any) -> None:
    path = f"/deliveries/{delivery(organization.id, webhook(organization.id))}"
    owner.client.set_cookie("zone", "Asia%2FKolkata")
    assert "UTC+5:30</time>" in owner.get(path).text


@pytest.mark.parametrize("zone", ["", "Nowhere", "../../etc/passwd", "Europe", "%00", "x" * 500])
def test_an_unknown_zone_is_utc(owner: Visitor, organization: Any, zone: str) -> None:
    path = f"/deliveries/{delivery(organization.id, webhook(organization.id))}"
    owner.client.set_cookie("zone", zone)
    page = owner.get(path)
    assert page.status_code == 200
    assert "UTC</time>" in page.text


def test_times_are_in_the_locale() -> None:
    american, australian = of_header("en-US"), of_header("en-AU")
    assert formats.exact(NOON, locale=american) == "Feb 24, 2026, 12:00:05.120 PM UTC"
    assert formats.stamp(NOON, KOLKATA, american) == "Feb 24, 05:30:05 PM"
    assert formats.since(NOON, KOLKATA, NOON, australian) == "05:30 pm"
    assert formats.day(NOON, locale=american) == "Feb 24"
    hour = 3_600_000
    words = "Feb 24, 12:00 PM to 01:00 PM UTC"
    assert formats.between(NOON, NOON + hour, american) == words
