"""The filters of a list: read from the URL, shown in the form, carried in every link."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for

from app.domain.common.clock import iso, now_ms, parse_iso
from app.domain.common.ids import canonical_id, ms_of
from app.domain.deliveries.states import STATES
from app.domain.event_types.names import NOTICE_TYPES
from app.domain.events.search_values import MAX_LENGTH, searched_value
from app.queries.common.pages import decode_cursor
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

# {name: text} of URL parameters. Any, since url_for has keyword parameters of other types.
Params = dict[str, Any]


@dataclass(slots=True)
class FilterValues:
    """values: as in the URL, for the form and for links. problems: {name: what is wrong with it}. A
    list with problems shows them instead of too many rows."""

    values: dict[str, str]
    problems: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        value = self.values.get(name, "")
        if len(value) > TEXT_LIMIT or "\0" in value:
            self.problems[name] = f"Enter at most {TEXT_LIMIT} characters."
            return None
        return value or None

    def id(self, name: str) -> str | None:
        value = self.text(name)
        id_ = canonical_id(value) if value else None
        if value and id_ is None:
            self.problems[name] = "Enter an ID such as 0192f4c1-…"
        return id_

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
        self.problems[name] = "Enter a time such as 2026-02-24T11:52, in UTC."
        return None

    def payload_value(self) -> str | None:
        value = self.text("value")
        if value is not None and searched_value(value) is None:
            self.problems["value"] = f"Enter a value of at most {MAX_LENGTH} characters, no spaces."
        return value

    def status(self) -> tuple[int | None, int | None]:
        """The status code and the class (5 for 5xx); at most one is not None."""
        value = (self.text("status") or "").lower()
        if not value:
            return None, None
        if len(value) == 3 and value.isascii():
            if value.isdigit() and value[0] != "0":
                return int(value), None
            if value[0] in "12345" and value[1:] == "xx":
                return None, int(value[0])
        self.problems["status"] = "Enter a status code such as 503, or a class such as 5xx."
        return None, None

    def since(self) -> int | None:
        """The start of the selected range, else the `since` time. Milliseconds."""
        range_ = self.values.get("range", "")
        if range_ in RANGES:
            return now_ms() - RANGES[range_] * 1000
        if range_:
            self.problems["range"] = "Unknown time range."
        return self.moment("since")

    def states(self) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(filter(None, self.values.get("state", "").split(","))))
        if all(name in STATES for name in names):
            return names
        self.problems["state"] = "Unknown state."
        return ()

    @property
    def active(self) -> Params:
        """The filters that are set, as URL parameters."""
        return {name: value for name, value in self.values.items() if value}

    @property
    def is_empty(self) -> bool:
        return not self.active


def read(names: tuple[str, ...]) -> FilterValues:
    """From the URL. Several states may be given, as repeated parameters or with commas."""
    values = {name: request.args.get(name, "").strip() for name in names}
    if "state" in values:
        values["state"] = ",".join(filter(None, request.args.getlist("state")[: len(STATES)]))
    return FilterValues(values)


DELIVERY_FIELDS = (
    "state",
    "webhook_id",
    "event_type",
    "source",
    "status",
    "cause",
    "range",
    "since",
    "until",
    "event_id",
    "q",
    "value",
    "job_id",
)
# Of a list, besides its filters: where it begins, and how it looks.
LIST_FIELDS = ("cursor", "columns", "times")
EVENT_FIELDS = ("type", "source", "range", "since", "until", "q", "value", "system")


def delivery_filter(form: FilterValues) -> DeliveryFilter:
    code, class_ = form.status()
    return DeliveryFilter(
        states=form.states(),
        webhook_id=form.id("webhook_id"),
        event_id=form.id("event_id"),
        event_type=form.text("event_type"),
        source=form.text("source"),
        status_code=code,
        status_class=class_,
        cause=form.text("cause"),
        since=form.since(),
        until=form.moment("until"),
        q=form.text("q"),
        value=form.payload_value(),
        job_id=form.id("job_id"),
    )


def event_filter(form: FilterValues) -> EventFilter:
    """Callboard's own events are a list of their own, except by an ID or one of their types."""
    if form.values["system"] not in ("", "yes"):
        form.problems["system"] = "Enter yes for system events, or remove this filter."
    is_system = form.values["system"] == "yes"
    is_exact = form.values["type"] in NOTICE_TYPES or canonical_id(form.values["q"]) is not None
    return EventFilter(
        system=None if is_exact and not is_system else is_system,
        type=form.text("type"),
        source=form.text("source"),
        since=form.since(),
        until=form.moment("until"),
        q=form.text("q"),
        value=form.payload_value(),
    )


def list_params(form: FilterValues) -> Params:
    """The URL parameters of the list, carried by the pages that are opened from it."""
    more = {name: request.args.get(name, "")[:TEXT_LIMIT] for name in LIST_FIELDS}
    return form.active | {name: value for name, value in more.items() if value}


def edge_time(next_cursor: str | None) -> int | None:
    """The time down to which a page of a list has searched. Milliseconds."""
    edge_id = decode_cursor(next_cursor)
    return ms_of(edge_id) if edge_id else None


def pinned(form: FilterValues, now: int) -> Params:
    """The active filters with fixed times, so that they match the same rows later: a relative range
    becomes `since` and `until`, and rows created after `now` do not match."""
    params = form.active
    since, until = form.since(), form.moment("until")
    if params.pop("range", None) and since is not None:
        params["since"] = iso(since)
    params["until"] = iso(now if until is None else min(now, until))
    return params


def url_with(form: FilterValues, endpoint: str, changes: Mapping[str, str | None]) -> str:
    """The list's URL with some filters changed; None or "" removes one."""
    values = {**form.values, **changes}
    query: Params = {name: value for name, value in values.items() if value}
    return url_for(endpoint, **query)
