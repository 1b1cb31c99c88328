"""The header `traceparent`, and who is sampled."""

import pytest

from app.domain.common.trace_context import (
    TraceContext,
    delivery_span_id,
    is_in_ratio,
    parse_traceparent,
)

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
VALID = f"00-{TRACE}-{SPAN}-01"


def test_a_valid_header_is_read_and_written_alike() -> None:
    context = parse_traceparent(VALID)
    assert context == TraceContext(int(TRACE, 16), int(SPAN, 16), is_sampled=True)
    assert context.header == VALID


@pytest.mark.parametrize(
    ("header", "is_sampled"),
    [
        (f"00-{TRACE}-{SPAN}-00", False),
        (f"00-{TRACE}-{SPAN}-03", True),
        (f" {VALID}\t", True),
        (f"cc-{TRACE}-{SPAN}-01-of-a-later-version", True),
    ],
)
def test_flags_and_later_versions_are_understood(header: str, is_sampled: bool) -> None:
    context = parse_traceparent(header)
    assert context is not None
    assert context.is_sampled is is_sampled


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "nonsense",
        VALID.upper(),
        f"ff-{TRACE}-{SPAN}-01",
        f"{VALID}-more",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-0g",
        f"00-{TRACE}-{SPAN}-01\r\nX-Forged: 1",
        f"cc-{TRACE}-{SPAN}-01-{'a' * 300}",
        f"00-{TRACE}-{SPAN}-\u0661\u0661",
    ],
)
def test_an_invalid_header_is_ignored(header: str | None) -> None:
    assert parse_traceparent(header) is None


def test_a_child_stays_in_its_trace() -> None:
    parent = TraceContext(7, 8, is_sampled=False)
    assert parent.child(9) == TraceContext(7, 9, is_sampled=False)


@pytest.mark.parametrize(("ratio", "expected"), [(0.0, 0), (0.25, 25), (1.0, 100)])
def test_the_ratio_decides_how_many_traces_are_exported(ratio: float, expected: int) -> None:
    ids = [(7 << 64) + (2 * number + 1) * (2**64 // 200) for number in range(100)]
    assert sum(is_in_ratio(trace_id, ratio) for trace_id in ids) == expected


def test_workers_agree_on_the_span_of_a_delivery() -> None:
    assert delivery_span_id("d", 1) == delivery_span_id("d", 1)
    assert len({delivery_span_id(*key) for key in (("d", 1), ("d", 4), ("e", 1))}) == 3
