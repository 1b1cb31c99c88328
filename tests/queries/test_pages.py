from dataclasses import dataclass

import pytest

from app.domain.errors import Invalid
from app.domain.ids import new_id
from app.queries.pages import Source, Stretch, cut, decode_cursor, encode_cursor, merged


@dataclass
class Row:
    id: str


def test_a_cursor_comes_back_as_it_was() -> None:
    made = new_id()
    assert decode_cursor(encode_cursor(made)) == made
    assert decode_cursor(None) is None


@pytest.mark.parametrize("cursor", ["x", "=", "é", "MTo0Mg", encode_cursor("1"), "a" * 500])
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        decode_cursor(cursor)


def source(names: str, floor: str | None = None) -> Source:
    def look(below: str | None, limit: int) -> Stretch:
        rows = [Row(n) for n in sorted(names, reverse=True) if below is None or n < below]
        return cut(rows[: limit + 1], floor, limit)

    return look


def names(stretch: Stretch) -> str:
    return "".join(row.id for row in stretch.rows)


def test_sources_are_merged_newest_first_and_none_twice() -> None:
    assert names(merged([source("adf"), source("bdg")], None, 10)) == "gfdba"


def test_rows_below_what_one_source_has_examined_wait_for_the_next_page() -> None:
    stretch = merged([source("adf"), source("g", floor="c")], None, 10)
    assert (names(stretch), stretch.floor) == ("gfd", "c")


def test_pages_follow_each_other_without_a_gap() -> None:
    sources = [source("abcxyz"), source("bdf"), source("q")]
    found, below = "", None
    for _ in range(20):
        stretch = merged(sources, below, 2)
        found, below = found + names(stretch), stretch.floor
        if below is None:
            break
    assert found == "zyxqfdcba"
