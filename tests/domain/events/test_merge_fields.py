"""Merge fields in callback URLs."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.common.errors import Invalid
from app.domain.events.merge_fields import merge_callback

BASE = "https://my-application.com/status.php"


@pytest.mark.parametrize(
    ("url", "merge", "merged"),
    [
        (f"{BASE}?var={{{{PARAM}}}}}}}}", [("PARAM", "foo")], f"{BASE}?var=foo%7D%7D"),
        (f"{BASE}?var1=foo&var2=bar", [("PARAM", "foo")], f"{BASE}?var1=foo&var2=bar"),
        (f"{BASE}?a=%7e%2F+{{x}}&&=", [], f"{BASE}?a=%7e%2F+{{x}}&&="),
        (f"{BASE}/{{{{A}}}}/{{{{B}}}}", [("B", "2"), ("A", "1")], f"{BASE}/1/2"),
        (f"{BASE}?v={{{{A}}}}", [("A", "a b&c=é/?#")], f"{BASE}?v=a%20b%26c%3D%C3%A9%2F%3F%23"),
        (f"{BASE}?v={{{{A}}}}", [("A", "{{B}}"), ("B", "x")], f"{BASE}?v=%7B%7BB%7D%7D"),
        (f"{BASE}?v={{{{A}}}}", [("A", "1"), ("A", "2")], f"{BASE}?v=2"),
        (f"{BASE}?v={{{{A}}}}", [("A", "")], f"{BASE}?v="),
        (f"{BASE}?v={{{{ A }}}}&w={{{{A\t}}}}", [("A", "1")], f"{BASE}?v=1&w=1"),
        (f"{BASE}?v={{{{A}}}}", [(" A ", "1")], f"{BASE}?v=1"),
        (f"{BASE}?v={{{{A", [], f"{BASE}?v=%7B%7BA"),
        (f"{BASE}?v=}}}}", [], f"{BASE}?v=%7D%7D"),
    ],
)
def test_a_merge_field_is_replaced_by_its_value_and_nothing_else_changes(url, merge, merged):
    assert merge_callback(url, merge) == merged


@pytest.mark.parametrize(
    ("url", "problems"),
    [
        (f"{BASE}?v={{{{A}}}}", ["{{A}}"]),
        (f"{BASE}?v={{{{A}}}}&w={{{{C}}}}&x={{{{A}}}}", ["{{A}}", "{{C}}"]),
        (f"{BASE}?v={{{{}}}}", ["{{}}"]),
        ("https://{{B}}/x", ["host"]),
        ("https://a.{{B}}:80/x", ["host"]),
        ("https://h{{B}}", ["host"]),
        ("{{B}}://h/", ["host"]),
        ("{{B}}", ["host"]),
        ("https:/{{B}}/x", ["host"]),
        ("https://{{A}}/", ["{{A}}", "host"]),
    ],
)
def test_an_unknown_merge_field_or_one_in_the_host_is_rejected(url, problems):
    with pytest.raises(Invalid) as refusal:
        merge_callback(url, [("B", "evil.example")])
    errors = refusal.value.errors
    assert [error.field for error in errors] == ["callback"] * len(problems)
    assert all(problem in error.problem for problem, error in zip(problems, errors, strict=True))


@given(value=st.text(st.characters(exclude_categories=["Cs"])))
def test_a_receiver_decodes_the_original_value(value):
    merged = merge_callback(f"{BASE}?v={{{{A}}}}", [("A", value)])
    assert unquote(merged.removeprefix(f"{BASE}?v=")) == value
    assert merged.isascii()
    assert not set(merged.removeprefix(BASE)) & set(" #&/\\{}\r\n")
