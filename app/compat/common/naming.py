"""Narrow event types in dialects that have no list for "all"."""

from collections.abc import Collection, Iterable

from app.domain.event_types.patterns import is_pattern, selected
from app.domain.webhooks.presets import PRESETS


def listed(event_types: list[str] | None, preset: str, known: Iterable[str]) -> list[str]:
    """The event types of a webhook; for one that matches all: those of its preset, then those that
    the dialect knows."""
    if event_types is not None:
        return list(event_types)
    own = PRESETS[preset].event_types if preset in PRESETS else ()
    return list(dict.fromkeys((*own, *known)))


def without(
    event_types: list[str] | None, preset: str, known: Iterable[str], removed: Collection[str]
) -> list[str]:
    """The event types that remain. Removing one type from "all", or from a pattern, leaves the
    others that the dialect knows."""
    remaining: dict[str, None] = {}
    for selector in listed(event_types, preset, known):
        if is_pattern(selector) and selected([selector], removed):
            others = [
                n for n in selected([selector], listed(None, preset, known)) if n not in removed
            ]
            remaining.update(dict.fromkeys(others))
        elif selector not in removed:
            remaining[selector] = None
    return list(remaining)
