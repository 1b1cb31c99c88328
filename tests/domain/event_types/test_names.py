"""Names and samples of event types."""

import json

import pytest

from app.domain.bodies.formats import BodySpec, render
from app.domain.common.errors import Invalid
from app.domain.event_types.names import (
    PRODUCT_TYPES,
    SAMPLES,
    TEST_TYPE,
    check_name,
    sample_for,
)
from app.domain.event_types.patterns import sample_type
from app.domain.events.event import EventFacts
from app.domain.webhooks.presets import CHATS, PRESETS

EVERY = [(preset.name, type_) for preset in PRESETS.values() for type_ in preset.event_types]


@pytest.mark.parametrize(
    "name", ["a", "channel_live", "encoding.finished", "a.b.c", "A-1_b.2", "a" * 128, *SAMPLES]
)
def test_names_may_have_dots_and_underscores(name):
    assert check_name(name) == name


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (None, "type"),
        (5, "type"),
        ("", "required"),
        ("a" * 129, "length"),
        *(
            (name, "format")
            for name in (".a", "a.", "a..b", "a b", "a,b", "é", "a\n", "a\x00", "*")
        ),
    ],
)
def test_an_invalid_name_is_rejected(name, code):
    with pytest.raises(Invalid) as refusal:
        check_name(name, "events[3].type")
    assert (refusal.value.errors[0].field, refusal.value.errors[0].code) == ("events[3].type", code)


@pytest.mark.parametrize(("preset", "type_"), EVERY)
def test_every_preset_can_send_the_samples_of_its_own_types(preset, type_):
    payload = sample_for(type_, preset)
    assert json.loads(payload) == SAMPLES[type_].payload
    spec = BodySpec(PRESETS[preset].body_format, PRESETS[preset].body_encoding)
    assert render(spec, EventFacts("e", type_, None, 0, payload)).content


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("type_", ["made.up", TEST_TYPE, "encoding.finished"])
def test_every_preset_can_send_a_sample_of_any_type(preset, type_):
    spec = BodySpec(PRESETS[preset].body_format, PRESETS[preset].body_encoding)
    body = render(spec, EventFacts("e", type_, None, 0, sample_for(type_, preset)))
    assert body.content


@pytest.mark.parametrize("name", ["file.received", "partial.finished", "encoding.failed"])
def test_encoding_samples_have_the_documented_fields(name):
    fields = {"media_id", "media_type", "qualities", "title", "status", "user_id"}
    assert fields <= set(SAMPLES[name].payload)


def test_the_asset_sample_is_the_documented_object():
    payload = SAMPLES["asset.status_changed"].payload
    assert list(payload) == ["id", "title", "bytes", "type", "video"]
    assert payload["video"]["status"] == "Completed"


def test_every_sample_has_a_description():
    assert all(sample.description.endswith(".") for sample in SAMPLES.values())


@pytest.mark.parametrize(
    ("preset", "event_types", "chosen"),
    [
        ("encoding", None, "file.received"),
        ("encoding", frozenset({"encoding.failed", "x"}), "encoding.failed"),
        ("encoding", frozenset({"y", "x"}), "x"),
        ("standard", None, TEST_TYPE),
        ("standard", frozenset({"x"}), "x"),
        ("form_callback", None, "transcoding.finished"),
    ],
)
def test_a_test_send_uses_a_type_that_the_webhook_matches(preset, event_types, chosen):
    assert sample_type(preset, event_types) == chosen


def test_system_events_have_their_own_types():
    assert {"render.queued", "webhook.disabled", "webhook.failing"} < PRODUCT_TYPES
    assert {"webhook.recovered", "delivery.failed", TEST_TYPE} < PRODUCT_TYPES
    assert not PRODUCT_TYPES & {type_ for preset, type_ in EVERY if preset not in CHATS}
