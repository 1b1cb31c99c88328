"""JMESPath expressions: what they let through, and what they may cost."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.common.errors import Invalid
from app.domain.events.document import event_document
from app.domain.webhooks.filters import CannotEvaluate, compile_filter, evaluate, matches
from tests.domain.facts import event

DOCUMENT = event_document(event('{"n":0,"s":"done","l":[1,2],"e":{},"big":9007199254740993}'))


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("payload.s == 'done'", True),
        ("payload.s == 'failed'", False),
        ("payload.n", True),
        ("payload.e", False),
        ("payload.none", False),
        ("payload.big == `9007199254740993`", True),
        ("payload.big == `9007199254740992`", False),
        ("contains(payload.l, `2`)", True),
        ("starts_with(type, 'encoding.')", True),
        ("occurred_at > '2016-10-17'", True),
        ("!source && length(payload.l) == `2`", True),
        ("payload.l[?@ > `1`]", True),
        ("payload.l[?@ > `2`]", False),
        ("length(payload.none)", False),
        ("payload.l[", False),
    ],
)
def test_a_filter_matches_if_its_result_is_true(text, passes):
    assert matches(text, DOCUMENT) is passes


def test_a_filter_sees_five_fields_of_an_event():
    assert list(DOCUMENT) == ["id", "type", "source", "occurred_at", "payload"]
    assert DOCUMENT["occurred_at"] == "2016-10-17T09:44:33.034Z"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "type"),
        (5, "type"),
        ("", "required"),
        ("  ", "required"),
        ("a" * 4001, "length"),
        ("payload.[", "syntax"),
        ("a b", "syntax"),
        ("'abc", "syntax"),
        ("payload.s == `done`", "syntax"),
        ("payload.s == `", "syntax"),
        ("\x00", "syntax"),
        ("a.b(c)", "syntax"),
        ("nothing_such(a)", "syntax"),
        ("length(a, b)", "syntax"),
        ("not_null()", "syntax"),
        ("(" * 2000, "depth"),
        ("!" * 2000 + "a", "depth"),
        ("a||" * 1300 + "a", "depth"),
    ],
)
def test_an_invalid_expression_is_rejected(text, code):
    with pytest.raises(Invalid) as refusal:
        compile_filter(text, "filter")
    error = refusal.value.errors[0]
    assert (error.field, error.code) == ("filter", code)


def test_a_bare_word_in_backticks_is_rejected_with_the_correct_syntax():
    with pytest.raises(Invalid) as refusal:
        compile_filter("payload.s == `done`", "body_expression")
    error = refusal.value.errors[0]
    assert error.problem == "Backticks enclose JSON; write a string as 'done'."


@pytest.mark.parametrize(
    "text",
    [
        "payload.a.b.c.d.e.f.g[0].h",
        "{" + ",".join(f"a{i}: payload.x{i}" for i in range(100)) + "}",
        "payload.items[*].{id: id, urls: files[*].url} | [?id]",
        "not_null(a, b, c)",
        "join(',', payload.l[].to_string(@))",
        " || ".join(f"type == 't{i}'" for i in range(50)),
        "contains(`" + str([f"type.number.{i}" for i in range(40)]).replace("'", '"') + "`, type)",
    ],
)
def test_common_expressions_are_well_within_the_bounds(text):
    assert compile_filter(text).text == text


def test_an_expression_that_takes_too_long_is_stopped():
    document = {"l": [[0] * 400] * 400}
    began = time.process_time()
    with pytest.raises(CannotEvaluate, match="CPU"):
        evaluate("l[*][?@ == `1`]", document)
    assert time.process_time() - began < 5


def test_a_join_with_too_long_a_result_is_stopped():
    document = {"glue": "x" * 100_000, "l": ["a"] * 1000}
    with pytest.raises(CannotEvaluate, match="1 MiB"):
        evaluate("join(glue, l)", document)


@pytest.mark.parametrize(
    "text", ["sum(payload.l[].to_string(@))", "avg(payload.s)", "max(payload)"]
)
def test_an_expression_that_fails_on_an_event_has_a_reason(text):
    with pytest.raises(CannotEvaluate) as failure:
        evaluate(text, DOCUMENT)
    assert str(failure.value)


@given(text=st.text(alphabet="ab.[]{}()&|!?@*:,'`\"\\ <>=012-", max_size=40))
def test_arbitrary_text_raises_only_declared_errors(text):
    try:
        compile_filter(text)
    except Invalid:
        return
    matches(text, DOCUMENT)
