"""The filters of a list: read from the URL, shown in the form, kept in every link."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for

from app.domain.common.clock import iso, now_ms, parse_iso
from app.domain.common.ids import canonical_id
from app.domain.deliveries.states import STATES
from app.queries.deliveries.listing import DeliveryFilter
from app.queries.events.listing import EventFilter

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
            moment = -1
        if 0 <= moment < 1 << 47:
            return moment
        self.problems[name] = "Give a time such as 2026-02-24T11:52, in UTC."
        return None

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
        chosen = self.values.get("range", "")
        if chosen in RANGES:
            return now_ms() - RANGES[chosen] * 1000
        if chosen:
            self.problems["range"] = "There is no such range of time."
        return self.moment("since")

    def states(self) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(filter(None, self.values.get("state", "").split(","))))
        if all(name in STATES for name in names):
            return names
        self.problems["state"] = "There is no such state."
        return ()

    @property
    def held(self) -> dict[str, str]:
        """Those that hold, as they stand in a URL."""
        return {name: value for name, value in self.values.items() if value}

    @property
    def is_empty(self) -> bool:
        return not self.held


def given(names: tuple[str, ...]) -> Given:
    """From the URL. Several states may stand there, each by itself or with commas."""
    found = {name: request.args.get(name, "").strip() for name in names}
    if "state" in found:
        found["state"] = ",".join(filter(None, request.args.getlist("state")[: len(STATES)]))
    return Given(found)


DELIVERY_FIELDS = (
    "state", "webhook_id", "event_type", "source", "status", "cause", "range", "since", "until",
    "event_id", "q",
)  # fmt: skip
EVENT_FIELDS = ("type", "source", "range", "since", "until", "q")


def delivery_filter(form: Given) -> DeliveryFilter:
    code, group = form.status()
    return DeliveryFilter(
        states=form.states(),
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


def kept(form: Given) -> dict[str, str]:
    """What the address of a list holds, for the addresses of what is opened from it."""
    cursor = request.args.get("cursor", "")[:TEXT_LIMIT]
    return form.held | ({"cursor": cursor} if cursor else {})


def fixed(form: Given, now: int) -> dict[str, str]:
    """The filters that hold, such that they mean the same later on: a range that ends now becomes
    two times, and what is made after `now` is not among it."""
    held = form.held
    since, until = form.since(), form.moment("until")
    if held.pop("range", None) and since is not None:
        held["since"] = iso(since)
    held["until"] = iso(now if until is None else min(now, until))
    return held


def url_with(form: Given, endpoint: str, changes: Mapping[str, str | None]) -> str:
    """The list's address with some filters changed; None or "" takes one away."""
    values = {**form.values, **changes}
    query: Any = {name: value for name, value in values.items() if value}
    return url_for(endpoint, **query)
