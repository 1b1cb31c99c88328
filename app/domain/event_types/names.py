"""Event types: how they are named, which ones are known from the start, and samples of them."""

import re

from app.domain.common.errors import Invalid, invalid
from app.domain.common.json_text import written
from app.domain.event_types.samples import PRESET_SAMPLES, PRODUCT_SAMPLES, SampleEvent
from app.domain.webhooks.presets import PRESETS

__all__ = [
    "NEWS_TYPES",
    "PRODUCT_TYPES",
    "SAMPLES",
    "TEST_TYPE",
    "SampleEvent",
    "check_name",
    "sample_for",
]

MAX_NAME_LENGTH = 128
NAME_PATTERN = r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$"
TEST_TYPE = "callboard.test"

# What the product itself publishes: a webhook gets these only if it names them.
PRODUCT_TYPES = frozenset(PRODUCT_SAMPLES)
# News of a webhook; its source is the webhook's id.
NEWS_TYPES = frozenset(
    ("webhook.disabled", "webhook.failing", "webhook.recovered", "delivery.failed")
)
SAMPLES: dict[str, SampleEvent] = PRESET_SAMPLES | PRODUCT_SAMPLES

_NAME = re.compile(NAME_PATTERN.removeprefix("^").removesuffix("$"))
_REMEDY = (
    f"Use at most {MAX_NAME_LENGTH} letters, digits, underscores and hyphens, with dots between"
    " words, such as encoding.finished."
)


def check_name(value: object, field: str = "type") -> str:
    """The name itself. Invalid when it cannot be one."""
    if not isinstance(value, str):
        raise _bad(field, "type", "This is not a text.")
    if not value:
        raise _bad(field, "required", "The name is empty.")
    if len(value) > MAX_NAME_LENGTH:
        raise _bad(field, "length", f"The name has {len(value)} characters.")
    if _NAME.fullmatch(value) is None:
        raise _bad(field, "format", f"{value[:40]!r} is not the name of an event type.")
    return value


def _bad(field: str, code: str, problem: str) -> Invalid:
    return invalid(field, code, problem, _REMEDY)


def description_of(name: str) -> str:
    sample = SAMPLES.get(name)
    return sample.description if sample else ""


def sample_type(preset: str, event_types: frozenset[str] | None) -> str:
    """The event type to try a webhook with: the first of its preset's own that it takes, else the
    first that it names, else the product's test."""
    known = PRESETS[preset].event_types if preset in PRESETS else ()
    taken = [name for name in known if event_types is None or name in event_types]
    named = sorted(event_types or ())
    return (taken or named or [TEST_TYPE])[0]


def sample_for(type_: str, preset: str) -> bytes:
    """The payload of a sample event, as JSON bytes. For a type that is not known it is one that
    the preset can make a body of."""
    sample = SAMPLES.get(type_)
    if sample is None or _lacks(sample, preset):
        known = PRESETS[preset].event_types if preset in PRESETS else ()
        sample = SAMPLES[known[0] if known else TEST_TYPE]
    return written(sample.payload)


def _lacks(sample: SampleEvent, preset: str) -> bool:
    required = PRESETS[preset].requires if preset in PRESETS else ()
    return any(name not in sample.payload for name in required)
