"""How an operation or a field of the API is declared as deprecated.

The description marks it, the documentation lists it, and each response of a deprecated operation
says so (RFC 9745, RFC 8594). docs/versioning.md has the policy.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import format_datetime

from msgspec import Meta

from app.http.messages import Headers


@dataclass(frozen=True, slots=True)
class Deprecation:
    """since: of the release that announced it. sunset: when it stops to work at the earliest; None:
    not decided. instead: what to use, as a part of a sentence, such as `createJob`."""

    since: date
    instead: str
    sunset: date | None = None

    def __post_init__(self) -> None:
        if self.sunset is not None and self.sunset < self.since:
            raise ValueError("What is deprecated works for a while.")

    @property
    def headers(self) -> Headers:
        """Of each response of a deprecated operation, errors included."""
        since = ("Deprecation", f"@{int(_midnight(self.since).timestamp())}")
        if self.sunset is None:
            return (since,)
        return (since, ("Sunset", format_datetime(_midnight(self.sunset), usegmt=True)))

    @property
    def sentence(self) -> str:
        until = "" if self.sunset is None else f", works until {self.sunset} at least"
        return f"Deprecated since {self.since}{until}: use {self.instead}."

    @property
    def meta(self) -> Meta:
        """For the type of a field: `Annotated[str, deprecation.meta]`."""
        return Meta(description=self.sentence, extra_json_schema={"deprecated": True})


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
