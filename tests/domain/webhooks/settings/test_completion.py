import pytest

from app.domain.common.errors import Invalid
from app.domain.webhooks.presets import PRESETS
from app.domain.webhooks.settings.completion import FIELDS, complete, defaults
from app.domain.webhooks.signing import new_secret
from tests.support.faults import faults

URL = "https://example.com/hook"


def created(**values):
    return complete({"url": URL} | values, existing=None, mode="create")


def patched(existing, **values):
    return complete(values, existing=existing, mode="patch")


@pytest.mark.parametrize("preset", PRESETS)
def test_everything_but_the_url_has_a_default(preset):
    settings = created(preset=preset)
    expected = PRESETS[preset]
    assert settings["url"] == URL
    assert settings["preset"] == preset
    assert settings["method"] == expected.method
    assert settings["body_format"] == expected.body_format
    assert settings["body_encoding"] == expected.body_encoding
    assert settings["success_statuses"] == list(expected.success_statuses)
    assert settings["timeout_seconds"] == expected.timeout_seconds
    assert settings["retry_policy"] == expected.retry_policy.document()
    assert settings["secret_header"] == expected.secret_header


def test_a_url_alone_gives_the_standard_preset_and_all_event_types():
    settings = created()
    assert settings == {
        "url": URL,
        "name": "",
        "description": "",
        "once": False,
        "once_source": None,
        "preset": "standard",
        "method": "POST",
        "body_format": "standard",
        "body_expression": None,
        "body_encoding": "json",
        "event_types": None,
        "sources": None,
        "filter": None,
        "headers": [],
        **dict.fromkeys(("secret_headers", "authentication")),
        **dict.fromkeys(("client_certificate", "ca_certificates")),
        "api_key": None,
        "secret_token": None,
        "secret_header": None,
        "success_statuses": ["200-299"],
        "timeout_seconds": 15.0,
        "retry_policy": {
            "kind": "schedule",
            "delays_seconds": [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400],
        },
        "honors_retry_after": True,
        "rate_limit_per_second": None,
        "max_in_flight": 32,
        "ordered": False,
        "signing": "v1",
        "signature_scheme": "standard",
        "signature_header": None,
        "is_active": True,
        "meta": {},
    }


def test_explicit_values_override_the_preset():
    settings = created(
        preset="render",
        method="put",
        success_statuses=[204],
        timeout_seconds=3,
        retry_policy={"kind": "fixed", "interval_seconds": 1, "max_attempts": 2},
        metadata={"team": "video"},
        headers={"X-A": "1"},
    )
    assert settings["method"] == "put"
    assert settings["success_statuses"] == ["204"]
    assert settings["timeout_seconds"] == 3
    assert settings["retry_policy"]["kind"] == "fixed"
    assert settings["meta"] == {"team": "video"}
    assert settings["headers"] == [["X-A", "1"]]
    assert settings["body_format"] == "render"


def test_null_sets_the_default():
    nulls = dict.fromkeys(set(FIELDS) - {"url", "preset"})
    assert created(preset="encoding", **nulls) == created(preset="encoding")
    changed = created(preset="encoding", timeout_seconds=3, api_key="k", name="n", sources=["s"])
    nulls.pop("is_active")
    assert patched(changed, **nulls) == created(preset="encoding")


def test_all_errors_are_reported_at_once():
    values = {
        "url": "nonsense",
        "timeout_seconds": 0,
        "event_types": [],
        "retry_policy": {"kind": "fixed", "interval_seconds": 0, "max_attempts": 0},
        "headers": {"Host": "x"},
        "colour": "red",
    }
    reported = faults(complete, values, existing=None, mode="create")
    assert sorted(reported) == [
        ("colour", "unknown"),
        ("event_types", "empty"),
        ("headers.Host", "reserved"),
        ("retry_policy.interval_seconds", "range"),
        ("retry_policy.max_attempts", "range"),
        ("timeout_seconds", "range"),
        ("url", "url"),
    ]


@pytest.mark.parametrize(
    ("values", "mode"),
    [({}, "create"), ({"url": None}, "create"), ({}, "replace"), ({"url": None}, "patch")],
)
def test_a_webhook_needs_a_url(values, mode):
    existing = None if mode == "create" else created()
    assert faults(complete, values, existing=existing, mode=mode) == [("url", "required")]


def test_an_unknown_field_is_rejected_with_the_closest_name():
    with pytest.raises(Invalid) as caught:
        created(event_type=["a"])
    assert "event_types" in caught.value.errors[0].remedy
    settings = complete(
        {"url": URL, "event_type": 5}, existing=None, mode="create", allow_unknown=True
    )
    assert settings == created()


def test_a_patch_changes_only_the_settings_in_it():
    before = created(preset="asset", name="a", secret_token="t", metadata={"a": 1})
    after = patched(before, name="b", is_active=False)
    assert after == before | {"name": "b", "is_active": False}


def test_a_replacement_resets_everything_but_the_secrets():
    before = created(preset="asset", name="a", secret_token="t", api_key="k", sources=["s"])
    after = complete({"url": URL + "2"}, existing=before, mode="replace")
    assert after == created() | {"url": URL + "2", "secret_token": "t", "api_key": "k"}


def test_unknown_secrets_are_in_the_result_only_if_they_are_set():
    before = created(secret_token="t", api_key="k")
    del before["secret_token"], before["api_key"]
    for mode in ("patch", "replace"):
        after = complete({"url": URL}, existing=before, mode=mode)
        assert not {"secret_token", "api_key", "secret"} & after.keys()
        after = complete({"url": URL, "api_key": None}, existing=before, mode=mode)
        assert after["api_key"] is None


def test_a_new_preset_replaces_the_defaults_of_the_old_one():
    before = created(preset="encoding", timeout_seconds=3, name="n")
    after = patched(before, preset="form_callback")
    expected = created(preset="form_callback", timeout_seconds=3, name="n")
    assert after == expected


def test_a_new_preset_keeps_chosen_values():
    before = created(method="PUT", success_statuses=["200"], secret_header="X-T")
    after = patched(before, preset="asset")
    assert (after["method"], after["success_statuses"]) == ("PUT", ["200"])
    assert after["secret_header"] == "X-T"
    assert (after["body_format"], after["timeout_seconds"]) == ("asset", 10)


def test_the_same_preset_again_changes_nothing():
    before = created(preset="render", method="PUT")
    assert patched(before, preset="render") == before


@pytest.mark.parametrize(
    ("values", "reported"),
    [
        ({"body_expression": "payload"}, [("body_expression", "conflict")]),
        ({"body_encoding": "form"}, [("body_encoding", "conflict")]),
        (
            {"preset": "form_callback", "body_encoding": "json"},
            [("body_encoding", "conflict")],
        ),
    ],
)
def test_only_a_custom_body_has_an_expression_and_a_choice_of_encoding(values, reported):
    assert faults(created, **values) == reported


def test_a_custom_body_may_be_a_form():
    settings = created(preset="custom", body_expression="{a: id}", body_encoding="form")
    assert (settings["body_expression"], settings["body_encoding"]) == ("{a: id}", "form")
    after = patched(settings, body_format="render")
    assert (after["body_expression"], after["body_encoding"]) == (None, "json")


def test_a_form_body_under_another_preset_is_still_a_form():
    assert created(body_format="form_callback")["body_encoding"] == "form"


@pytest.mark.parametrize(
    ("values", "kind", "signing"),
    [
        ({}, "v1", "v1"),
        ({}, "v1a", "v1a"),
        ({"signing": "v1a"}, "v1a", "v1a"),
        ({"signing": "none"}, "v1a", "none"),
    ],
)
def test_a_secret_selects_the_signature_scheme(values, kind, signing):
    secret = new_secret(kind)
    settings = created(secret=secret, **values)
    assert (settings["secret"], settings["signing"]) == (secret, signing)


def test_a_secret_of_another_scheme_is_rejected():
    values = {"signing": "v1", "secret": new_secret("v1a")}
    assert faults(created, **values) == [("secret", "conflict")]


@pytest.mark.parametrize(
    ("values", "source"),
    [
        ({"once": True, "sources": ["a"]}, "a"),
        ({"once": True, "sources": ["a", "b"]}, None),
        ({"once": True}, None),
        ({"sources": ["a"]}, None),
    ],
)
def test_a_one_time_webhook_for_one_source_is_indexed_by_it(values, source):
    assert created(**values)["once_source"] == source


def test_defaults_are_fresh_each_time():
    defaults("standard")["headers"].append(["X", "y"])
    assert defaults("standard")["headers"] == []


def test_an_invalid_preset_is_reported_with_the_other_errors():
    reported = faults(created, preset="nonsense", timeout_seconds=0)
    assert reported == [("preset", "choice"), ("timeout_seconds", "range")]
