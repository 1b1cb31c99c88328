"""The filters of a list: read from the URL, shown in the form, kept in every link."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for

from app.domain.clock import now_ms, parse_iso
from app.domain.ids import canonical_id
from app.domain.states import STATES
from app.queries.deliveries import DeliveryFilter
from app.queries.events import EventFilter

RANGES = {"1h": 3600, "24h": 86_400, "7d": 7 * 86_400, "30d": 30 * 86_400}
RANGE_WORDS = {
    "1h": "Last hour",
    "24h": "Last 24 hours",
    "7d": "Last 7 days",
    "30d": "Last 30 days",
}
TEXT_LIMIT = 512


@dataclass(slots=True)
class Given:
    """What stands in the URL. values: as typed, for the form and the links; problems: what is
    wrong with one, by its name, so that the list can say so instead of showing too much."""

    values: dict[str, str]
    problems: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        value = self.values.get(name, "")
        if len(value) > TEXT_LIMIT or "\0" in value:
            self.problems[name] = f"Give at most {TEXT_LIMIT} characters."
            return None
        return value or None

    def id(self, name: str) -> str | None:
        value = self.text(name)
        found = canonical_id(value) if value else None
        if value and found is None:
            self.problems[name] = "This is not an id; ids look like 0192f4c1-…"
        return found

    def moment(self, name: str) -> int | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            moment = parse_iso(value)
        except (ValueError, OverflowError):
            self.problems[name] = "Give a time such as 2026-02-24T11:52, in UTC."
            return None
        return moment if 0 <= moment < 1 << 47 else None

    def status(self) -> tuple[int | None, int | None]:
        """The code and the class (5 for 5xx); one of them at most."""
        value = (self.text("status") or "").lower()
        if not value:
            return None, None
        if len(value) == 3 and value.isascii():
            if value.isdigit() and value[0] in "12345":
                return int(value), None
            if value[0] in "12345" and value[1:] == "xx":
                return None, int(value[0])
        self.problems["status"] = "Give a status such as 503, or a class such as 5xx."
        return None, None

    def since(self) -> int | None:
        """The start of the range that was chosen, else the time that was given."""
        chosen = RANGES.get(self.values.get("range", ""))
        return now_ms() - chosen * 1000 if chosen else self.moment("since")

    @property
    def is_empty(self) -> bool:
        return not any(self.values.values())


def given(names: tuple[str, ...]) -> Given:
    return Given({name: request.args.get(name, "").strip() for name in names})


DELIVERY_FIELDS = (
    "state", "webhook_id", "event_type", "source", "status", "cause", "range", "since", "until",
    "event_id", "q",
)  # fmt: skip
EVENT_FIELDS = ("type", "source", "range", "since", "until", "q")


def delivery_filter(form: Given) -> DeliveryFilter:
    code, group = form.status()
    states = tuple(name for name in request.args.getlist("state") if name in STATES)
    if form.values.get("state") and not states:
        form.problems["state"] = "There is no such state."
    return DeliveryFilter(
        states=states,
        webhook_id=form.id("webhook_id"),
        event_id=form.id("event_id"),
        event_type=form.text("event_type"),
        source=form.text("source"),
        status_code=code,
        status_class=group,
        cause=form.text("cause"),
        since=form.since(),
        until=form.moment("until"),
        q=form.text("q"),
    )


def event_filter(form: Given) -> EventFilter:
    return EventFilter(
        type=form.text("type"),
        source=form.text("source"),
        since=form.since(),
        until=form.moment("until"),
        q=form.text("q"),
    )


def url_with(form: Given, endpoint: str, changes: Mapping[str, str | None]) -> str:
    """The list's address with some filters changed; None or "" takes one away."""
    values = {**form.values, **changes}
    query: Any = {name: value for name, value in values.items() if value}
    return url_for(endpoint, **query)
