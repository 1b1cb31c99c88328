"""The parameters of the list of webhooks: search, states and order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import request, url_for

from app.domain.webhooks.states import BY_STATE, SORTS, STATES
from app.web.common.filters import TEXT_LIMIT, Params

FIELDS = ("q", "state", "sort", "cursor")
# A cursor holds the start of a name, in JSON and Base64: a character takes up to 16.
_CURSOR_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class ListValues:
    """values: as in the URL, by their names in FIELDS. problems: {name: what is wrong with it}."""

    values: dict[str, str]
    problems: dict[str, str]

    @property
    def q(self) -> str | None:
        return self.values["q"] or None

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(filter(None, self.values["state"].split(","))))

    @property
    def sort(self) -> str:
        return self.values["sort"] or BY_STATE

    @property
    def cursor(self) -> str | None:
        return self.values["cursor"] or None

    @property
    def params(self) -> Params:
        """Of the same page of the list."""
        return {name: value for name, value in self.values.items() if value}

    @property
    def link(self) -> Callable[..., str]:
        """A function that returns the URL of the first page with some parameters changed."""
        return lambda **changes: _url({**self.values, "cursor": None, **changes})


def read(source: Mapping[str, str] | None = None) -> ListValues:
    """From the URL, or from the hidden fields of a form."""
    texts = request.args if source is None else source
    values = {name: _value(texts, name) for name in FIELDS}
    problems = {}
    if not all(name in STATES for name in filter(None, values["state"].split(","))):
        problems["state"] = f"Unknown state. Use {', '.join(STATES)}."
    if values["sort"] and values["sort"] not in SORTS:
        problems["sort"] = f"Unknown order. Use {', '.join(SORTS)}."
    return ListValues(values, problems)


def _value(texts: Mapping[str, str], name: str) -> str:
    limit = _CURSOR_LIMIT if name == "cursor" else TEXT_LIMIT
    return texts.get(name, "").replace("\0", "").strip()[:limit]


def _url(values: Mapping[str, str | None]) -> str:
    if values.get("sort") == BY_STATE:
        values = {**values, "sort": None}
    query: Params = {name: value for name, value in values.items() if value}
    return url_for("webhooks.index", **query)
