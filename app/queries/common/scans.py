"""Reading along an index, to older rows or to newer ones, with bounded work."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, TextClause, select
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from app.domain.common.ids import first_id_of, id_after
from app.models.base import db
from app.queries.common.pages import Stretch, cut

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

    def above(self, other: str | None) -> "Span":
        return self if other is None else self.down_to(id_after(other))

    def up_to(self, other: str | None) -> "Span":
        return self if other is None else self.below(id_after(other))

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
    when there is any, no more than `examined` rows of the base are. ids_only: of each row only the
    id is read.
    """

    model: Any
    base: tuple[Condition | TextClause, ...]
    rest: tuple[Condition, ...]
    span: Span
    examined: int
    options: tuple[Any, ...] = ()
    ids_only: bool = False

    def look(self, start: str | None, limit: int, upwards: bool = False) -> Stretch:
        """A source of a page (pages.Source)."""
        ids = self.model.id
        span = self.span.above(start) if upwards else self.span.below(start)
        edge = self._edge(span, upwards) if self.rest else None
        span = span.up_to(edge) if upwards else span.down_to(edge)
        found = select(ids) if self.ids_only else select(self.model).options(*self.options)
        rows = found.where(*self.base, *self.rest, *span.of(ids))
        return cut(
            read_rows(rows.order_by(_order(ids, upwards)), limit, self.ids_only), edge, limit
        )

    def _edge(self, span: Span, upwards: bool) -> str | None:
        """The last of the rows that may be examined; None when there are fewer."""
        ids = self.model.id
        window = select(ids).where(*self.base, *span.of(ids)).order_by(_order(ids, upwards))
        found: str | None = db.session.scalar(window.offset(self.examined - 1).limit(1))
        return found


def _order(ids: Any, upwards: bool) -> Any:
    return ids.asc() if upwards else ids.desc()


def read_rows(found: Select[Any], limit: int, ids_only: bool) -> list[Any]:
    """One more than `limit`, as `pages.cut` takes them."""
    fresh = found.limit(limit + 1)
    return list(db.session.execute(fresh) if ids_only else db.session.scalars(fresh))


def is_sqlite() -> bool:
    return bool(db.engine.dialect.name == "sqlite")


def unindexed(column: Any) -> Any:
    """The column as SQLite looks up in no index: it knows no statistics, and would read all rows
    of an organization where a few of an event are meant."""
    return UnaryExpression(column, operator=custom_op("+")) if is_sqlite() else column
