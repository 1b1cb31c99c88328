"""The seven presets, as the table of the contract has them."""

import pytest

from app.domain.bodies.formats import FORMATS
from app.domain.event_types.names import SAMPLES
from app.domain.webhooks.presets import CALLBACK_PRESET, DEFAULT_PRESET, PRESETS
from app.domain.webhooks.success import parse_statuses


@pytest.mark.parametrize(
    ("name", "body", "values"),
    [
        ("form_callback", ("form_callback", "form"), ("200-299", 10, 10, False)),
        ("live_channel", ("live_channel", "json"), ("200-299", 10, 10, False)),
        ("asset", ("asset", "json"), ("200-299", 10, 10, False)),
        ("render", ("render", "json"), ("200-399", 10, 10, False)),
        ("encoding", ("encoding", "json"), ("200-299", 10, 4, False)),
        ("standard", ("standard", "json"), ("200-299", 15, 10, True)),
        ("cloudevents", ("cloudevents", "json"), ("200-299", 15, 10, True)),
        ("cloudevents_binary", ("cloudevents_binary", "json"), ("200-299", 15, 10, True)),
        ("custom", ("custom", "json"), ("200-299", 15, 10, True)),
    ],
)
def test_each_preset_has_the_documented_defaults(name, body, values):
    success, timeout, attempts, honors_retry_after = values
    preset = PRESETS[name]
    assert (preset.name, preset.method) == (name, "POST")
    assert (preset.body_format, preset.body_encoding) == body
    assert preset.success_statuses == (success,)
    assert preset.timeout_seconds == timeout
    assert preset.retry_policy.max_attempts == attempts
    assert preset.honors_retry_after is honors_retry_after


def test_only_the_standard_preset_is_disabled_by_410():
    assert [name for name, preset in PRESETS.items() if preset.disables_on_410] == ["standard"]


def test_only_the_form_callback_requires_payload_fields():
    needing = {name: preset.requires for name, preset in PRESETS.items() if preset.requires}
    assert needing == {"form_callback": ("callback_value", "callback_format")}


def test_the_token_of_the_asset_preset_has_its_original_header():
    assert PRESETS["asset"].secret_header == "x-streams-token"


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
def test_everything_that_a_preset_refers_to_exists(preset):
    assert preset.body_format in FORMATS
    assert set(preset.event_types) <= set(SAMPLES)
    assert parse_statuses(preset.success_statuses) == list(preset.success_statuses)
    assert preset.title
    assert preset.description


def test_the_default_preset_is_standard_and_render_for_one_off_callbacks():
    assert (DEFAULT_PRESET, CALLBACK_PRESET) == ("standard", "render")
