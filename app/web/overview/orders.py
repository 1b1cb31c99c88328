"""The orders of breakdowns, in the URL of the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from flask import request, url_for

from app.web.common.filters import Params

# The columns of each breakdown by its name in the URL; `-` before one: descending.
COLUMNS = {
    "responses": ("name", "number"),
    "reasons": ("name", "number"),
    "types": ("name", "number", "failed"),
}
LARGEST = "-number"


@dataclass(frozen=True, slots=True)
class Total:
    """A row before it is laid out. failed: of `number`. key: as stored, if `words` are not."""

    words: str
    number: int
    failed: int = 0
    key: str = ""

    def of(self, column: str) -> str | int:
        if column == "name":
            return self.words.lower()
        return self.failed if column == "failed" else self.number


@dataclass(frozen=True, slots=True)
class Head:
    """A column that sorts. url: of the next order. direction: `ascending` or `descending` if the
    rows are sorted by it, else None."""

    words: str
    url: str
    direction: str | None


@dataclass(frozen=True, slots=True)
class Orders:
    """params: {breakdown: order} of those that the URL sets. range: in the URL. problem: what of it
    cannot be read, or "". webhook_id: of the page with the breakdowns; None: the overview."""

    params: dict[str, str]
    range: str = ""
    problem: str = ""
    webhook_id: str | None = None

    @classmethod
    def of_url(cls, webhook_id: str | None = None) -> Self:
        texts = {name: request.args.get(name, "") for name in COLUMNS}
        unknown = [
            name for name, text in texts.items() if text and text.lstrip("-") not in COLUMNS[name]
        ]
        params = {name: text for name, text in texts.items() if text and name not in unknown}
        problems = [f"Unknown order of {name}. Use {_choices(name)}." for name in unknown]
        return cls(params, request.args.get("range", ""), " ".join(problems), webhook_id)

    def sorted(self, name: str, totals: list[Total]) -> list[Total]:
        """totals: of the breakdown `name`, the largest first."""
        order = self.params.get(name, LARGEST)
        column = order.lstrip("-")
        return sorted(totals, key=lambda total: total.of(column), reverse=order.startswith("-"))

    def heads(self, name: str, titles: Sequence[str]) -> tuple[Head, ...]:
        """titles: of the breakdown's columns."""
        order = self.params.get(name, LARGEST)
        return tuple(
            Head(words, self._url(name, _next(order, column)), _direction(order, column))
            for column, words in zip(COLUMNS[name], titles, strict=True)
        )

    def _url(self, name: str, order: str) -> str:
        params: Params = {**self.params, name: order}
        if self.range:
            params["range"] = self.range
        # Not the request's: the page is also the response to a form of it.
        if self.webhook_id is None:
            return url_for("overview.show", **params)
        return url_for("webhooks.show", webhook_id=self.webhook_id, **params)


def _choices(name: str) -> str:
    return ", ".join(f"{column}, -{column}" for column in COLUMNS[name])


def _next(order: str, column: str) -> str:
    """Turned around; names begin with A, numbers with the largest."""
    first = column if column == "name" else f"-{column}"
    other = f"-{column}" if column == "name" else column
    return other if order == first else first


def _direction(order: str, column: str) -> str | None:
    if order.lstrip("-") != column:
        return None
    return "descending" if order.startswith("-") else "ascending"
