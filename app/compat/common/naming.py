"""Narrow event types in dialects that have no list for "all"."""

from collections.abc import Collection, Iterable

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
    """The event types that remain. Removing one type from "all" leaves the others."""
    return [name for name in listed(event_types, preset, known) if name not in removed]
