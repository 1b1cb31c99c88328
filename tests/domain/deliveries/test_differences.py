"""What differs between two requests or responses, bounded in work and size."""

import json

import pytest

from app.domain.deliveries.differences import (
    SHOWN,
    VALUE_SHOWN,
    Difference,
    Line,
    of_lines,
    of_pairs,
)
from app.domain.deliveries.json_differences import ROOT, of_json


def pairs(before, after):
    return of_pairs(before, after, before, after)


def marks(before, after):
    return [line.mark + line.text for line in of_lines(before, after)]


def test_headers_are_compared_by_name_without_case_and_order():
    before = [("Date", "Mon"), ("X-Gone", "1"), ("ETag", "a")]
    after = [("etag", "a"), ("date", "Tue"), ("X-New", "2")]
    differences = pairs(before, after)
    assert differences.listed == (
        Difference("Date", "Mon", "Tue"),
        Difference("X-Gone", "1", None),
        Difference("X-New", None, "2"),
    )
    assert (differences.total, differences.same, differences.more) == (3, 1, 0)


def test_a_repeated_header_is_compared_value_by_value():
    differences = pairs([("Via", "a"), ("Via", "b")], [("Via", "a")])
    assert differences.listed == (Difference("Via", "b", None),)


def test_hidden_values_are_compared_but_not_shown():
    hidden = [("Authorization", "********")]
    differences = of_pairs([("Authorization", "a")], [("Authorization", "b")], hidden, hidden)
    assert differences.listed == (Difference("Authorization", "********", "********"),)


def test_only_so_many_differences_are_listed():
    after = [(f"X-{number}", "1") for number in range(SHOWN + 5)]
    differences = pairs([], after)
    assert (len(differences.listed), differences.more) == (SHOWN, 5)


def test_a_long_value_is_cut_to_where_it_differs():
    same = "s" * 5000
    differences = pairs([("A", f"{same}1")], [("A", f"{same}2")])
    (difference,) = differences.listed
    assert difference.before is not None
    assert difference.before.startswith("…sss")
    assert difference.before.endswith("s1")
    assert len(difference.before) < VALUE_SHOWN


@pytest.mark.parametrize(
    ("before", "after", "listed"),
    [
        ('{"a":1,"b":2}', '{"b":2,"a":1}', []),
        ('{"a":1.10}', '{"a":1.1}', [("a", "1.10", "1.1")]),
        ('{"a":1}', '{"a":"1"}', [("a", "1", '"1"')]),
        ('{"a":null}', "{}", [("a", "null", None)]),
        ('{"a":{"b c":[true]}}', '{"a":{"b c":[false]}}', [('a["b c"][0]', "true", "false")]),
        ("[1,2,3]", "[0,1,2,3]", [("[0]", None, "0")]),
        ("[1,2,3]", "[1,3]", [("[1]", "2", None)]),
        ('[{"id":1},{"id":2}]', '[{"id":1},{"id":3}]', [("[1].id", "2", "3")]),
        ('{"a":[1]}', '{"a":{"b":1}}', [("a", "[1]", '{"b": 1}')]),
        ("{}", "[]", [(ROOT, "{}", "[]")]),
        ('{"a":"ä"}', '{"a":"\\ud800"}', [("a", '"ä"', '"\\ud800"')]),
        ("[NaN]", "[1e999]", [("[0]", "NaN", "1e999")]),
    ],
)
def test_json_is_compared_field_by_field(before, after, listed):
    differences = of_json(before, after)
    assert differences is not None
    assert differences.listed == tuple(Difference(*each) for each in listed)
    assert differences.total == len(listed)


@pytest.mark.parametrize(
    "text", ["", "{", "1", '"text"', "null", "[" * 30_000, "[" * 30_000 + "]" * 30_000]
)
def test_what_is_no_object_or_array_is_not_compared_by_field(text):
    assert of_json(text, '{"a":1}') is None


def test_deep_and_long_documents_have_short_results():
    deep = '{"kkkkkkkkkk":[1,' * 60 + "%d" + "]}" * 60
    differences = of_json(deep % 1, deep % 2)
    assert differences is not None
    (difference,) = differences.listed
    assert difference.before is not None
    assert len(difference.before) < VALUE_SHOWN + 3
    wide = [json.dumps([{"n" * 500: number * 2 + odd} for number in range(120)]) for odd in (0, 1)]
    differences = of_json(*wide)
    assert differences is not None
    assert (len(differences.listed), differences.more) == (SHOWN, 20)
    assert max(len(each.name) for each in differences.listed) < 120


def test_lines_show_what_changed_and_what_is_around_it():
    before = "\n".join("abcdefghij")
    after = before.replace("f", "F\nG")
    assert marks(before, after) == [
        "…2 equal lines",
        *(" c", " d", " e"),
        *("-f", "+F", "+G"),
        *(" g", " h", " i"),
        "…1 equal lines",
    ]


def test_lines_between_two_changes_are_aligned():
    assert marks("a\nsame\nb", "A\nsame\nB") == ["-a", "+A", " same", "-b", "+B"]


def test_many_different_lines_are_not_aligned_with_each_other():
    before = "\n".join(f"a{number}" for number in range(5000))
    after = "\n".join(f"b{number}" for number in range(4000))
    lines = of_lines(before, after)
    assert len(lines) <= SHOWN + 2
    assert Line("…", "4950 more lines removed") in lines


def test_long_lines_are_cut_to_where_they_differ():
    same = "s" * 60_000
    removed, added = of_lines(f"{same}old", f"{same}new")
    assert (removed.mark, added.mark) == ("-", "+")
    assert removed.text.endswith("sold")
    assert added.text.endswith("snew")
    assert len(removed.text) < VALUE_SHOWN
