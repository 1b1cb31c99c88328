from dataclasses import dataclass

import pytest

from app.domain.common.errors import Invalid
from app.domain.common.ids import new_id
from app.queries.common.pages import Source, Stretch, cut, decode_cursor, encode_cursor, merged


@dataclass
class Row:
    id: str


def test_a_cursor_round_trips() -> None:
    id_ = new_id()
    assert decode_cursor(encode_cursor(id_)) == id_
    assert decode_cursor(None) is None


@pytest.mark.parametrize("cursor", ["x", "=", "é", "MTo0Mg", encode_cursor("1"), "a" * 500])
def test_an_invalid_cursor_is_rejected(cursor: str) -> None:
    with pytest.raises(Invalid):
        decode_cursor(cursor)


def source(names: str, edge: str | None = None) -> Source:
    def look(start: str | None, limit: int, upwards: bool) -> Stretch:
        ordered = [n for n in sorted(names, reverse=not upwards) if start is None or n != start]
        rows = [Row(n) for n in ordered if start is None or (n > start) == upwards]
        return cut(rows[: limit + 1], edge, limit)

    return look


def names(stretch: Stretch) -> str:
    return "".join(row.id for row in stretch.rows)


def test_sources_are_merged_newest_first_without_duplicates() -> None:
    assert names(merged([source("adf"), source("bdg")], None, 10)) == "gfdba"


def test_rows_below_what_one_source_has_examined_wait_for_the_next_page() -> None:
    stretch = merged([source("adf"), source("g", edge="c")], None, 10)
    assert (names(stretch), stretch.edge) == ("gfd", "c")


@pytest.mark.parametrize(("upwards", "expected"), [(False, "zyxqfdcba"), (True, "abcdfqxyz")])
def test_pages_have_no_gaps(upwards: bool, expected: str) -> None:
    sources = [source("abcxyz"), source("bdf"), source("q")]
    letters, start = "", None
    for _ in range(20):
        stretch = merged(sources, start, 2, upwards=upwards)
        letters, start = letters + names(stretch), stretch.edge
        if start is None:
            break
    assert letters == expected


def test_reading_upwards_stops_at_the_lowest_edge() -> None:
    stretch = merged([source("adf"), source("e", edge="d")], None, 10, upwards=True)
    assert (names(stretch), stretch.edge) == ("ad", "d")
