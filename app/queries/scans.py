"""Reading along an index, newest first, with bounded work."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from app.domain.ids import first_id_of
from app.extensions import db
from app.queries.pages import Stretch, cut

Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Span:
    """Ids from `lowest` on and below `end`; None: no bound. One bound each, since SQLite seeks
    with one of several and reads on to the others."""

    lowest: str | None = None
    end: str | None = None

    def below(self, other: str | None) -> "Span":
        ends = [end for end in (self.end, other) if end is not None]
        return Span(self.lowest, min(ends, default=None))

    def down_to(self, other: str | None) -> "Span":
        lowest = [bound for bound in (self.lowest, other) if bound is not None]
        return Span(max(lowest, default=None), self.end)

    def of(self, ids: Any) -> list[Condition]:
        """ids: the column."""
        found = [] if self.lowest is None else [ids >= self.lowest]
        return found if self.end is None else [*found, ids < self.end]


def span_of(since: int | None, until: int | None) -> Span:
    """Of times, until excluded: an id holds its own to the millisecond."""
    return Span(
        None if since is None else first_id_of(since), None if until is None else first_id_of(until)
    )


@dataclass(frozen=True, slots=True)
class Scan:
    """Rows of `model` within `span`.

    base: what an index serves together with the order by id. rest: what is looked at row by row;
    when there is any, no more than `examined` rows of the base are.
    """

    model: Any
    base: tuple[Condition, ...]
    rest: tuple[Condition, ...]
    span: Span
    examined: int
    options: tuple[Any, ...] = ()

    def look(self, below: str | None, limit: int) -> Stretch:
        """A source of a page (pages.Source)."""
        ids, span = self.model.id, self.span.below(below)
        floor = self._floor(span) if self.rest else None
        span = span.down_to(floor)
        found = select(self.model).options(*self.options).where(*self.base, *self.rest)
        rows = found.where(*span.of(ids)).order_by(ids.desc()).limit(limit + 1)
        fresh = rows.execution_options(populate_existing=True)
        return cut(list(db.session.scalars(fresh)), floor, limit)

    def _floor(self, span: Span) -> str | None:
        """The last of the rows that may be examined; None when there are fewer."""
        ids = self.model.id
        window = select(ids).where(*self.base, *span.of(ids)).order_by(ids.desc())
        found: str | None = db.session.scalar(window.offset(self.examined - 1).limit(1))
        return found


def is_sqlite() -> bool:
    return bool(db.engine.dialect.name == "sqlite")


def unindexed(column: Any) -> Any:
    """The column as SQLite looks up in no index: it knows no statistics, and would read all rows
    of an organization where a few of an event are meant."""
    return UnaryExpression(column, operator=custom_op("+")) if is_sqlite() else column
