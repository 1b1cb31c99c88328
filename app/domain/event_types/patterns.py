"""Patterns of event types: `encoding.*` stands for all that begin with `encoding.`, and `*.failed`
for all that end with `.failed`. A system event is selected only by
its name."""

from collections.abc import Collection, Iterable
from functools import lru_cache

from app.domain.common.errors import invalid
from app.domain.event_types.names import PRODUCT_TYPES, SAMPLES, TEST_TYPE, check_name, is_name
from app.domain.webhooks.presets import PRESETS

# A name, or a pattern.
SELECTOR_PATTERN = (
    r"^(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$|^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.\*$"
)


def is_pattern(selector: str) -> bool:
    return "*" in selector


def check_selector(value: object, field: str) -> str:
    """Return a name or a pattern unchanged. Raises Invalid."""
    if not isinstance(value, str) or "*" not in value:
        return check_name(value, field)
    if not is_name(value.removeprefix("*.") if value[:1] == "*" else value.removesuffix(".*")):
        problem = f"{value[:40]!r} is not a pattern of event types."
        remedy = "Put the asterisk first or last, as a whole word: encoding.* or *.failed."
        raise invalid(field, "format", problem, remedy)
    return value


# Tenants choose the names: 1,024 of the longest, with all their patterns, take about 8 MB.
@lru_cache(maxsize=1024)
def patterns_of(event_type: str) -> tuple[str, ...]:
    """Return every pattern that matches the event type, so that a webhook is found by looking each
    of them up, however many patterns there are. A name has two for each of its dots."""
    if event_type in PRODUCT_TYPES:
        return ()
    words = event_type.split(".")
    cuts = range(1, len(words))
    return (
        *(".".join(words[:cut]) + ".*" for cut in cuts),
        *("*." + ".".join(words[cut:]) for cut in cuts),
    )


def selector_of(selectors: Collection[str], event_type: str) -> str | None:
    """Return the name or the first pattern that selects the event type, or None."""
    if event_type in selectors:
        return event_type
    return next((pattern for pattern in patterns_of(event_type) if pattern in selectors), None)


def selected(selectors: Collection[str], event_types: Iterable[str]) -> list[str]:
    """Return those of the event types that a name or a pattern selects."""
    return [name for name in event_types if selector_of(selectors, name) is not None]


def example_of(selector: str) -> str:
    """Return an event type that it selects, one with a sample if there is any."""
    samples = (name for name in SAMPLES if selector in patterns_of(name))
    return next(samples, selector.replace("*", "test"))


def sample_type(preset: str, event_types: frozenset[str] | None) -> str:
    """Return the event type to test a webhook with: the first matching one of its preset, else the
    first selected one, else Callboard's test type."""
    own = PRESETS[preset].event_types if preset in PRESETS else ()
    matching = own if event_types is None else selected(event_types, own)
    examples = map(example_of, sorted(event_types or ()))
    return next(iter((*matching, *examples)), TEST_TYPE)
