"""Event types as dialects narrow them: "all" is no list that one could be taken from."""

from collections.abc import Collection, Iterable

from app.domain.webhooks.presets import PRESETS


def listed(event_types: list[str] | None, preset: str, known: Iterable[str]) -> list[str]:
    """The event types that a webhook names; for one that takes all: those of its own preset, then
    those that the dialect knows."""
    if event_types is not None:
        return list(event_types)
    own = PRESETS[preset].event_types if preset in PRESETS else ()
    return list(dict.fromkeys((*own, *known)))


def without(
    event_types: list[str] | None, preset: str, known: Iterable[str], gone: Collection[str]
) -> list[str]:
    """What is left when `gone` are taken away. Taking one away from "all" leaves the others."""
    return [name for name in listed(event_types, preset, known) if name not in gone]
