"""Event type names, the built-in types and their samples."""

import re

from app.domain.common.errors import Invalid, invalid
from app.domain.common.json_text import compact_json
from app.domain.event_types.samples import PRESET_SAMPLES, PRODUCT_SAMPLES, SampleEvent
from app.domain.webhooks.presets import PRESETS

__all__ = [
    "NOTICE_TYPES",
    "PRODUCT_TYPES",
    "SAMPLES",
    "TEST_TYPE",
    "SampleEvent",
    "check_name",
    "is_name",
    "sample_for",
]

MAX_NAME_LENGTH = 128
NAME_PATTERN = r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$"
TEST_TYPE = "callboard.test"

# Published by Callboard itself; a webhook gets these only if it selects them by name.
PRODUCT_TYPES = frozenset(PRODUCT_SAMPLES)
# System events about a webhook; their source is the webhook's id.
NOTICE_TYPES = frozenset(
    (
        "webhook.disabled",
        "webhook.failing",
        "webhook.recovered",
        "delivery.failed",
        "webhook.digest",
    )
)
SAMPLES: dict[str, SampleEvent] = PRESET_SAMPLES | PRODUCT_SAMPLES

_NAME = re.compile(NAME_PATTERN.removeprefix("^").removesuffix("$"))
_REMEDY = (
    f"Use at most {MAX_NAME_LENGTH} letters, digits, underscores and hyphens, with dots between"
    " words, such as encoding.finished."
)


def check_name(value: object, field: str = "type") -> str:
    """Return the name unchanged. Raises Invalid."""
    if not isinstance(value, str):
        raise _bad(field, "type", "Not a string.")
    if not value:
        raise _bad(field, "required", "The name is empty.")
    if len(value) > MAX_NAME_LENGTH:
        raise _bad(field, "length", f"The name has {len(value)} characters.")
    if _NAME.fullmatch(value) is None:
        raise _bad(field, "format", f"{value[:40]!r} is not a valid event type name.")
    return value


def is_name(text: str) -> bool:
    return len(text) <= MAX_NAME_LENGTH and _NAME.fullmatch(text) is not None


def _bad(field: str, code: str, problem: str) -> Invalid:
    return invalid(field, code, problem, _REMEDY)


def description_of(name: str) -> str:
    sample = SAMPLES.get(name)
    return sample.description if sample else ""


def sample_for(type_: str, preset: str) -> bytes:
    """Return the payload of a sample event as JSON bytes. An unknown type gets a payload that the
    preset's body format can represent."""
    sample = SAMPLES.get(type_)
    if sample is None or _lacks(sample, preset):
        own = PRESETS[preset].event_types if preset in PRESETS else ()
        sample = SAMPLES[own[0] if own else TEST_TYPE]
    return compact_json(sample.payload)


def _lacks(sample: SampleEvent, preset: str) -> bool:
    required = PRESETS[preset].requires if preset in PRESETS else ()
    return any(name not in sample.payload for name in required)
