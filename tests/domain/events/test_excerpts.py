import pytest

from app.domain.events.excerpts import Excerpt, excerpt_of, marked


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        ("an asset here", "ASSET", Excerpt("an ", "asset", " here")),
        ("x" * 20 + "id" + "y" * 20, "id", Excerpt("…" + "x" * 5, "id", "y" * 9 + "…")),
        ("idid", "id", Excerpt("", "id", "id")),
        ("nothing to see in this long text", "id", Excerpt("nothing to see…", "", "")),
        ("", "id", Excerpt("", "", "")),
        ("text", "", Excerpt("text", "", "")),
        ("İİİ id", "id", Excerpt("İİİ id", "", "")),
    ],
)
def test_an_excerpt_sets_the_first_match_apart(text: str, wanted: str, expected: Excerpt) -> None:
    assert excerpt_of(text, wanted, before=5, after=9) == expected


def test_a_marked_text_is_whole() -> None:
    assert marked("x" * 500 + "id" + "y" * 500, "id") == Excerpt("x" * 500, "id", "y" * 500)
