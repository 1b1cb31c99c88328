"""Pages that can be turned both ways, by the id of a row at an edge of the last one."""

from dataclasses import dataclass
from typing import Any

from app.queries.common.pages import taken
from app.queries.common.scans import Scan


@dataclass(frozen=True, slots=True)
class Turn:
    """start: the id after which the page begins in the order of the list, or, backwards, before
    which it ends; None: at the beginning. ascending: oldest first."""

    start: str | None = None
    backwards: bool = False
    ascending: bool = False


@dataclass(frozen=True, slots=True)
class Turned:
    """rows: in the order of the list. first, last: ids from which to turn back and on; None for an
    empty page that examined nothing. done: the list has no more in the direction of the turn."""

    rows: list[Any]
    first: str | None
    last: str | None
    done: bool


def turn(scan: Scan, direction: Turn, limit: int) -> Turned:
    """scan: with bounded work. A page may have fewer rows than asked for and still not be done."""
    upwards = direction.ascending != direction.backwards
    stretch = taken(scan.look(direction.start, limit, upwards), limit)
    rows = stretch.rows[::-1] if direction.backwards else stretch.rows
    return turned(rows, [row.id for row in rows], stretch.edge, direction)


def turned(rows: list[Any], keys: list[str], edge: str | None, direction: Turn) -> Turned:
    """keys: of the rows. edge: the last key that was examined; None: it reached the end."""
    first, last = (keys[0], keys[-1]) if keys else (direction.start, direction.start)
    if edge is not None:
        first, last = (edge, last) if direction.backwards else (first, edge)
    return Turned(rows, first, last, edge is None)
