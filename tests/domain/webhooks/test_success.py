"""Which statuses count as success."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.common.errors import Invalid
from app.domain.webhooks.success import StatusRule, parse_statuses


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ([204], ["204"]),
        (["204"], ["204"]),
        (["200-299"], ["200-299"]),
        (["2xx"], ["200-299"]),
        (["2XX", "3xx"], ["200-399"]),
        (["200-204", 205, 207], ["200-205", "207"]),
        ([404, "200-299", "250-260"], ["200-299", "404"]),
        (("200-200",), ["200"]),
        ("200-299, 404", ["200-299", "404"]),
        (201, ["201"]),
        ([" 201 "], ["201"]),
    ],
)
def test_statuses_are_normalized(text, normal):
    assert parse_statuses(text) == normal


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "type"),
        (True, "type"),
        ({"a": 1}, "type"),
        ([], "required"),
        ("", "range"),
        ([199], "range"),
        (["600"], "range"),
        (["1xx"], "range"),
        (["299-200"], "range"),
        (["200-"], "range"),
        (["٢٠٠"], "range"),
        ([True], "range"),
        ([200.5], "range"),
        ([None], "range"),
        ([["200"]], "range"),
        ([10**5000], "range"),
    ],
)
def test_an_invalid_rule_is_rejected(text, code):
    with pytest.raises(Invalid) as refusal:
        parse_statuses(text, "success_statuses")
    error = refusal.value.errors[0]
    assert (error.field, error.code) == ("success_statuses", code)


@pytest.mark.parametrize(
    ("statuses", "accepted", "refused"),
    [
        (["200-299"], [200, 204, 299], [199, 300, 404, 100, 999]),
        (["200-399"], [200, 302, 399], [400, 500]),
        (["200-299", "404"], [404], [403, 405]),
    ],
)
def test_a_rule_accepts_what_it_lists(statuses, accepted, refused):
    rule = StatusRule(statuses)
    assert all(map(rule.accepts, accepted))
    assert not any(map(rule.accepts, refused))


@given(
    st.lists(
        st.tuples(st.integers(200, 599), st.integers(200, 599)).map(sorted), min_size=1, max_size=9
    )
)
def test_the_normal_form_accepts_the_same_statuses(pairs):
    rule = StatusRule(parse_statuses([f"{low}-{high}" for low, high in pairs]))
    for status in range(200, 600):
        assert rule.accepts(status) == any(low <= status <= high for low, high in pairs)
