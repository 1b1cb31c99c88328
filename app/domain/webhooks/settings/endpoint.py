"""Settings: where requests go, and what people call the webhook."""

from app.domain.addresses.urls import MAX_URL
from app.domain.webhooks.presets import DEFAULT_PRESET, PRESETS
from app.domain.webhooks.settings import checks
from app.domain.webhooks.settings.setting import REQUIRED, Section, Setting
from app.domain.webhooks.settings.types import Choice, Custom, Flag, Text

SECTION = Section(
    "Endpoint",
    (
        Setting(
            name="url",
            type=Custom(
                checks.url,
                {"type": "string", "format": "uri", "pattern": "^https?://", "maxLength": MAX_URL},
                widget="url",
            ),
            default=REQUIRED,
            label="URL",
            help="http or https. Private networks are blocked unless the operator allows them.",
            example="https://example.com/hook",
            placeholder="https://example.com/webhooks",
            monospace=True,
        ),
        Setting(
            name="name",
            type=Text(200),
            default="",
            label="Name",
            help="Shown in lists.",
            when_empty="the URL",
            example="Production ingest",
        ),
        Setting(
            name="preset",
            type=Choice({preset.name: preset.title for preset in PRESETS.values()}, "preset"),
            default=DEFAULT_PRESET,
            label="Preset",
            help="Named defaults. Changing it changes the settings that still have its values.",
            example="encoding",
        ),
        Setting(
            name="is_active",
            type=Flag(),
            default=True,
            label="Active",
            help="While paused, events create skipped deliveries, which can be sent later.",
            example=False,
            create_only=True,
        ),
    ),
)
