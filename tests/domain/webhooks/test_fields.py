import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.common.errors import Invalid
from app.domain.webhooks.fields import RULES
from app.domain.webhooks.signing import new_secret

NESTED: list = []
for _ in range(100_000):
    NESTED = [NESTED]


@pytest.mark.parametrize(
    ("field", "given", "stored"),
    [
        ("url", "HTTPS://Bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("name", "", ""),
        ("name", "n" * 200, "n" * 200),
        ("description", "two\r\nlines\tü", "two\r\nlines\tü"),
        ("once", True, True),
        ("preset", "render", "render"),
        ("method", "patch", "PATCH"),
        ("method", "X-My_Method!", "X-MY_METHOD!"),
        ("body_format", "encoding", "encoding"),
        ("body_expression", "{a: payload.b}", "{a: payload.b}"),
        ("body_encoding", "form", "form"),
        ("event_types", ["b", "a.b", "b"], ["b", "a.b"]),
        ("event_types", ("a",), ["a"]),
        ("sources", ["video 1/ü"], ["video 1/ü"]),
        ("filter", "payload.a > `1`", "payload.a > `1`"),
        ("headers", {"X-A": "1"}, [["X-A", "1"]]),
        ("api_key", "", ""),
        ("api_key", "k & ü", "k & ü"),
        ("secret_token", "t", "t"),
        ("secret_header", "X-Token", "X-Token"),
        ("success_statuses", [204, "2xx", "404"], ["200-299", "404"]),
        ("timeout_seconds", 0.1, 0.1),
        ("timeout_seconds", 60, 60.0),
        ("rate_limit_per_second", 0.01, 0.01),
        ("rate_limit_per_second", 10_000, 10_000.0),
        ("max_in_flight", 1, 1),
        ("max_in_flight", 1000, 1000),
        ("ordered", False, False),
        ("signing", "none", "none"),
        ("is_active", False, False),
        ("metadata", {}, {}),
        ("metadata", {"a": [1, 1.5, None, {"b": "ü😀"}]}, {"a": [1, 1.5, None, {"b": "ü😀"}]}),
    ],
)
def test_what_is_right_is_stored_in_one_form(field, given, stored):
    made = RULES[field](given, field)
    assert made == stored
    assert type(made) is type(stored)


def test_a_retry_policy_is_stored_in_full():
    made = RULES["retry_policy"]({"kind": "cubic", "max_attempts": 3}, "retry_policy")
    assert made == {"kind": "cubic", "max_attempts": 3, "cap_seconds": 900}


def test_a_secret_of_ones_own_is_taken():
    for secret in (new_secret("v1"), new_secret("v1a")):
        assert RULES["secret"](secret, "secret") == secret


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("url", ["", "nonsense", "http://a b", "http://0x7f.1/", 5]),
        ("name", ["n" * 201, "a\nb", "a\x00", "\ud800", 5, ["a"]]),
        ("description", ["d" * 4001, "a\x00", "a\x1b", "\udfff", True]),
        ("once", ["true", 1, 0, "", []]),
        ("preset", ["", "Standard", "svix", 5, ["render"], {}]),
        ("method", ["", "GET /", "PO\nST", "PÖST", "A" * 41, 5, ["POST"]]),
        ("body_format", ["", "xml", 5, None]),
        ("body_expression", ["", "a[", "(" * 200, "a" * 10_000, 5]),
        ("body_encoding", ["", "xml", 5]),
        ("event_types", [[], "a", {"a": 1}, [5], [""], ["a b"], ["*"], ["a"] * 501, [["a"]]]),
        ("sources", [[], "a", [5], [""], ["a\x00"], ["a" * 513], ["\ud800"]]),
        ("filter", ["", "a ==", 5, ["a"], "nonsense(@)"]),
        ("headers", ["X-A: 1", {"Host": "x"}, {"X-A": "a\r\nb"}, [["X-A"]]]),
        ("api_key", ["k" * 1025, "a\x00b", "\ud800", 5]),
        ("secret_token", ["", "a\r\nb", " a", "€", "t" * 4000, 5]),
        ("secret_header", ["", "X Token", "Host", "webhook-id", "X" * 201, 5]),
        ("success_statuses", [[], ["1xx"], ["nonsense"], [True], 99, [600], {}]),
        ("timeout_seconds", [0, 0.09, 60.1, -1, 1e300, 10**400, True, "10", None, [5]]),
        ("timeout_seconds", [float("nan"), float("inf")]),
        ("retry_policy", [{}, {"kind": "x"}, {"kind": "fixed"}, "fixed", []]),
        ("rate_limit_per_second", [0, 0.001, 10_001, -5, True, "5", float("nan")]),
        ("max_in_flight", [0, 1001, -1, 1.0, True, "5", 10**30]),
        ("ordered", ["yes", 1]),
        ("signing", ["", "V1", "hmac", 5, True]),
        ("secret", ["", "nonsense", "whsec_", "whsec_AAAA", "whsec_!!!!", 5]),
        ("is_active", ["on", 1]),
        ("metadata", [[], "x", 5, {"a": float("nan")}, {"a": "\x00"}, {"a": "\ud800"}]),
        ("metadata", [{"a": "x" * 16_384}, {"a": NESTED}, {"a": b"x"}, {"a": 2**63}]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_refused_with_what_would_be_right(field, wrong):
    for value in wrong:
        with pytest.raises(Invalid) as caught:
            RULES[field](value, field)
        for error in caught.value.errors:
            assert error.field.startswith(field), value
            assert error.problem, value
            assert error.remedy, value


@pytest.mark.parametrize(
    ("field", "wrong", "said"),
    [
        ("timeout_seconds", 0, "0.1 to 60"),
        ("max_in_flight", 0, "1 to 1000"),
        ("rate_limit_per_second", 0, "0.01 to 10000"),
        ("name", "n" * 201, "200"),
        ("signing", "x", "v1, v1a, none"),
        ("preset", "x", "form_callback"),
        ("event_types", [], "null"),
    ],
)
def test_a_remedy_names_the_range(field, wrong, said):
    with pytest.raises(Invalid) as caught:
        RULES[field](wrong, field)
    assert said in caught.value.errors[0].remedy


def test_each_wrong_entry_of_a_list_is_named():
    with pytest.raises(Invalid) as caught:
        RULES["event_types"](["a", "b c", 5], "event_types")
    assert [e.field for e in caught.value.errors] == ["event_types[1]", "event_types[2]"]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)
@given(st.sampled_from(sorted(RULES)), values)
def test_no_value_raises_anything_but_invalid_or_gives_what_json_cannot_hold(field, value):
    try:
        stored = RULES[field](value, field)
    except Invalid:
        return
    json.dumps(stored, allow_nan=False).encode("utf-8")
