"""Read along an index, to older or newer rows, with bounded work."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, TextClause, select
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from app.domain.common.ids import first_id_of, id_after
from app.models.common.base import db
from app.queries.common.pages import Stretch, cut

Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Span:
    """Ids from `lowest` to below `end`; None: no bound. At most one bound on each side, because
    SQLite seeks with one condition and filters by the others."""

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
        conditions = [] if self.lowest is None else [ids >= self.lowest]
        return conditions if self.end is None else [*conditions, ids < self.end]


def span_of(since: int | None, until: int | None) -> Span:
    """Ids contain their time in milliseconds. until: excluded."""
    return Span(
        None if since is None else first_id_of(since), None if until is None else first_id_of(until)
    )


@dataclass(frozen=True, slots=True)
class Scan:
    """Rows of `model` within `span`.

    base: conditions that an index serves together with the order by id. rest: conditions checked
    row by row; with any, at most `examined` rows of the base are read. ids_only: rows have only an
    id.
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
        columns = select(ids) if self.ids_only else select(self.model).options(*self.options)
        rows = columns.where(*self.base, *self.rest, *span.of(ids))
        return cut(
            read_rows(rows.order_by(_order(ids, upwards)), limit, self.ids_only), edge, limit
        )

    def _edge(self, span: Span, upwards: bool) -> str | None:
        """The last row that may be examined; None if there are fewer."""
        ids = self.model.id
        window = select(ids).where(*self.base, *span.of(ids)).order_by(_order(ids, upwards))
        edge: str | None = db.session.scalar(window.offset(self.examined - 1).limit(1))
        return edge


def _order(ids: Any, upwards: bool) -> Any:
    return ids.asc() if upwards else ids.desc()


def read_rows(statement: Select[Any], limit: int, ids_only: bool) -> list[Any]:
    """One more than `limit`, for `pages.cut`."""
    fresh = statement.limit(limit + 1)
    return list(db.session.execute(fresh) if ids_only else db.session.scalars(fresh))


def is_sqlite() -> bool:
    return bool(db.engine.dialect.name == "sqlite")


def unindexed(column: Any) -> Any:
    """Keep SQLite from using an index on this column: without statistics it would read all rows of
    an organization instead of the few of an event."""
    return UnaryExpression(column, operator=custom_op("+")) if is_sqlite() else column
