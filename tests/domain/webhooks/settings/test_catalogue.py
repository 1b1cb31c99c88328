import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from app.domain.common.errors import Invalid
from app.domain.webhooks.presets import PRESETS
from app.domain.webhooks.settings.catalogue import BY_NAME, SETTINGS
from app.domain.webhooks.settings.completion import complete, defaults
from app.domain.webhooks.settings.setting import REQUIRED
from app.domain.webhooks.signing import new_secret

NESTED: list = []
for _ in range(100_000):
    NESTED = [NESTED]


def check(value: Any, name: str) -> Any:
    return BY_NAME[name].type.check(value, name)


@pytest.mark.parametrize(
    ("field", "value", "stored"),
    [
        ("url", "HTTPS://Bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("name", "", ""),
        ("name", "n" * 200, "n" * 200),
        ("description", "two\r\nlines\tü", "two\r\nlines\tü"),
        ("once", True, True),
        ("preset", "render", "render"),
        ("method", "patch", "patch"),
        ("method", "X-My_Method!", "X-My_Method!"),
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
        ("max_in_flight", 8.0, 8),
        ("max_in_flight", 1000, 1000),
        ("ordered", False, False),
        ("honors_retry_after", True, True),
        (
            "authentication",
            {"kind": "basic", "username": "ü", "password": "a:b"},
            {"kind": "basic", "username": "ü", "password": "a:b"},
        ),
        (
            "authentication",
            {"kind": "basic", "username": "k"},
            {"kind": "basic", "username": "k", "password": ""},
        ),
        (
            "authentication",
            {"kind": "bearer", "token": "t.o-k=="},
            {"kind": "bearer", "token": "t.o-k=="},
        ),
        ("signing", "none", "none"),
        ("signature_scheme", "sha256", "sha256"),
        ("signature_header", "X-Acme-Signature", "X-Acme-Signature"),
        ("is_active", False, False),
        ("metadata", {}, {}),
        ("metadata", {"a": [1, 1.5, None, {"b": "ü😀"}]}, {"a": [1, 1.5, None, {"b": "ü😀"}]}),
    ],
)
def test_a_valid_value_is_stored_in_its_normal_form(field, value, stored):
    checked = check(value, field)
    assert checked == stored
    assert type(checked) is type(stored)


def test_a_retry_policy_is_stored_in_full():
    policy = check({"kind": "cubic", "max_attempts": 3}, "retry_policy")
    assert policy == {"kind": "cubic", "max_attempts": 3, "cap_seconds": 900}


def test_a_signing_secret_can_be_chosen():
    for secret in (new_secret("v1"), new_secret("v1a")):
        assert check(secret, "secret") == secret


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("url", ["", "nonsense", "http://a b", "http://0x7f.1/", 5]),
        ("name", ["n" * 201, "a\nb", "a\x00", "\ud800", 5, ["a"]]),
        ("description", ["d" * 4001, "a\x00", "a\x1b", "\udfff", True]),
        ("once", ["true", 1, 0, "", []]),
        ("preset", ["", "Standard", "nonsense", 5, ["render"], {}]),
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
        ("max_in_flight", [0, 1001, -1, 1.5, True, "5", 10**30]),
        ("ordered", ["yes", 1]),
        ("honors_retry_after", ["yes", 0]),
        ("authentication", ["", [], {}, {"kind": "digest"}, {"kind": []}, {"kind": "basic"}]),
        ("authentication", [{"kind": "basic", "username": name} for name in ("a:b", "a\n", 5)]),
        ("authentication", [{"kind": "basic", "username": "a", "token": "t"}]),
        (
            "authentication",
            [
                {"kind": "oauth2", "token_url": url, "client_id": "c", "client_secret": "s"}
                for url in ("", "x", "ftp://a.example/", "https://u:p@a.example/", 5)
            ],
        ),
        ("authentication", [{"kind": "oauth2", "token_url": "https://a.example/"}]),
        ("authentication", [{"kind": "bearer", "token": t} for t in ("", "a b", "ü", "x" * 4097)]),
        ("signing", ["", "V1", "hmac", 5, True]),
        ("signature_scheme", ["", "stripe", 5]),
        (
            "signature_header",
            ["", "X A", "webhook-id", "Content-Type", "svix-signature", "X-Callboard-Attempt", 5],
        ),
        ("secret", ["", "nonsense", "whsec_", "whsec_AAAA", "whsec_!!!!", 5]),
        ("is_active", ["on", 1]),
        ("metadata", [[], "x", 5, {"a": float("nan")}, {"a": "\x00"}, {"a": "\ud800"}]),
        ("metadata", [{"a": "x" * 16_384}, {"a": NESTED}, {"a": b"x"}, {"a": 2**63}]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_invalid_value_is_rejected_with_a_remedy(field, wrong):
    for value in wrong:
        with pytest.raises(Invalid) as caught:
            check(value, field)
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
        ("event_types", [], "remove the list"),
    ],
)
def test_a_remedy_states_the_bounds(field, wrong, said):
    with pytest.raises(Invalid) as caught:
        check(wrong, field)
    assert said in caught.value.errors[0].remedy


def test_each_invalid_list_entry_is_reported():
    with pytest.raises(Invalid) as caught:
        check(["a", "b c", 5], "event_types")
    assert [e.field for e in caught.value.errors] == ["event_types[1]", "event_types[2]"]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)
@given(st.sampled_from(sorted(BY_NAME)), values)
def test_any_value_is_either_rejected_or_stored_as_valid_json(field, value):
    try:
        stored = check(value, field)
    except Invalid:
        return
    json.dumps(stored, allow_nan=False).encode("utf-8")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_the_example_is_valid_and_differs_from_the_default(setting):
    stored = setting.type.check(setting.example, setting.name)
    assert setting.default is REQUIRED or stored != defaults("standard").get(setting.column)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_the_schemas_accept_what_the_rule_accepts(setting):
    for schema in (setting.input_schema(with_default=True), setting.output_schema()):
        Draft202012Validator.check_schema(schema)
    Draft202012Validator(setting.input_schema(with_default=False)).validate(setting.example)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_output_schemas_accept_every_default(preset):
    settings = complete({"url": "https://example.com/"}, existing=None, mode="create")
    settings |= defaults(preset) | {"headers": {}}
    for setting in SETTINGS:
        if setting.secrecy == "public":
            Draft202012Validator(setting.output_schema()).validate(settings[setting.column])


def test_bounds_reach_the_schema():
    schema = BY_NAME["rate_limit_per_second"].input_schema(with_default=True)
    assert schema["type"] == ["number", "null"]
    assert (schema["minimum"], schema["maximum"], schema["default"]) == (0.01, 10_000, None)
    assert BY_NAME["signing"].input_schema(with_default=True)["enum"] == ["v1", "v1a", "none"]
