"""Patterns of event types."""

import pytest

from app.domain.common.errors import Invalid
from app.domain.event_types.names import PRODUCT_TYPES, TEST_TYPE
from app.domain.event_types.patterns import (
    check_selector,
    patterns_of,
    sample_type,
    selected,
    selector_of,
)


@pytest.mark.parametrize(
    "selector", ["encoding.finished", "encoding.*", "*.failed", "a.b.*", "*.a.b", "x" * 128 + ".*"]
)
def test_a_name_with_an_asterisk_as_its_first_or_last_word_is_a_pattern(selector):
    assert check_selector(selector, "event_types[0]") == selector


@pytest.mark.parametrize(
    "selector",
    [
        "*",
        "*.*",
        "a*",
        "*a",
        "a.*.b",
        "*.a.*",
        "a.**",
        ".*",
        "*.",
        "a..*",
        "x" * 129 + ".*",
        "ü.*",
        7,
    ],
)
def test_other_asterisks_are_refused(selector):
    with pytest.raises(Invalid) as refusal:
        check_selector(selector, "event_types[0]")
    assert refusal.value.errors[0].field == "event_types[0]"


@pytest.mark.parametrize(
    ("selectors", "event_type", "expected"),
    [
        (["encoding.*"], "encoding.failed", "encoding.*"),
        (["encoding.*"], "encoding.video.failed", "encoding.*"),
        (["encoding.video.*"], "encoding.video.failed", "encoding.video.*"),
        (["*.failed"], "encoding.video.failed", "*.failed"),
        (["*.video.failed"], "encoding.video.failed", "*.video.failed"),
        (["*.failed", "encoding.failed"], "encoding.failed", "encoding.failed"),
        (["encoding.*"], "encoding", None),
        (["encoding.*"], "encodings.failed", None),
        (["*.failed"], "encoding.notfailed", None),
        (["*.failed"], "failed", None),
        (["Encoding.*"], "encoding.failed", None),
    ],
)
def test_a_pattern_selects_by_whole_words(selectors, event_type, expected):
    assert selector_of(selectors, event_type) == expected


def test_no_pattern_selects_a_system_event():
    assert "delivery.failed" in PRODUCT_TYPES
    assert selected(["*.failed", "webhook.*", "delivery.*", "render.*"], PRODUCT_TYPES) == []


def test_an_event_type_has_two_patterns_for_each_dot():
    assert patterns_of("a.b.c") == ("a.*", "a.b.*", "*.b.c", "*.c")
    assert len(patterns_of(".".join("a" * 64))) == 126


@pytest.mark.parametrize(
    ("preset", "selectors", "expected"),
    [
        ("encoding", {"*.failed"}, "encoding.failed"),
        ("standard", {"encoding.*"}, "file.received"),
        ("standard", {"order.*"}, "order.test"),
        ("standard", {"*.paid"}, "test.paid"),
        ("standard", None, TEST_TYPE),
    ],
)
def test_a_test_send_has_an_event_type_that_a_pattern_matches(preset, selectors, expected):
    types = None if selectors is None else frozenset(selectors)
    chosen = sample_type(preset, types)
    if expected == "file.received":
        assert selector_of(types, chosen) == "encoding.*"
    else:
        assert chosen == expected
