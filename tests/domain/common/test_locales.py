"""Numbers and times as the reader's browser asks for them."""

import pytest

from app.domain.common.locales import HOUSE, of_header


@pytest.mark.parametrize(
    ("header", "number", "times"),
    [
        ("", "12\u2009345.5", "en-GB"),
        ("de-DE,de;q=0.9,en;q=0.8", "12.345,5", "en-GB"),
        ("de-CH", "12\u2019345.5", "en-GB"),
        ("fr", "12\u202f345,5", "en-GB"),
        ("en-US,en;q=0.5", "12,345.5", "en-US"),
        ("en-AU", "12,345.5", "en-AU"),
        ("en-GB", "12,345.5", "en-GB"),
        ("ja", "12,345.5", "en-GB"),
        ("en;q=0.2, sv-SE;q=0.9", "12\u00a0345,5", "en-GB"),
        ("zh-Hant-TW", "12,345.5", "en-GB"),
        ("xx, de;q=0.1", "12.345,5", "en-GB"),
        ("de;q=0", "12\u2009345.5", "en-GB"),
        ("*", "12\u2009345.5", "en-GB"),
        ("de;q=nan", "12\u2009345.5", "en-GB"),
        ("<script>" * 100, "12\u2009345.5", "en-GB"),
    ],
)
def test_the_best_known_language_decides(header: str, number: str, times: str) -> None:
    locale = of_header(header)
    assert (locale.numbers_in("12\u2009345.5"), locale.times) == (number, times)


def test_only_numbers_change() -> None:
    text = "1.5 ms, example.com, 2\u2009000 deliveries. 3"
    assert of_header("de").numbers_in(text) == "1,5 ms, example.com, 2.000 deliveries. 3"
    assert HOUSE.numbers_in(text) == text
