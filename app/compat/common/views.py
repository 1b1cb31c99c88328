"""A webhook as translators see it: plain data, without the database row behind it."""

from dataclasses import dataclass
from typing import Any, Protocol

Document = dict[str, Any]


class Outline(Protocol):
    """The columns that lists are filtered and sorted by. event_types: None means all."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def url(self) -> str: ...

    @property
    def event_types(self) -> list[str] | None: ...

    @property
    def created_at(self) -> int: ...


@dataclass(frozen=True, slots=True)
class WebhookView:
    """secret: the plain text of the dialect's secret field, where its document shows one.
    created_at, updated_at, last_attempt_at: milliseconds since the epoch; the last only where
    the dialect shows it, and None before the first attempt."""

    id: str
    organization_id: str
    name: str
    url: str
    method: str
    preset: str
    event_types: list[str] | None
    is_active: bool
    created_at: int
    updated_at: int
    secret: str | None
    last_attempt_at: int | None = None
