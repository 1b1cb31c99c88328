from typing import Any

import pytest

from app.domain.common.errors import Invalid, Malformed
from app.http import parameters
from app.http.parameters import choices, flag, identifier, integer, moment, text

ID = "0198c7a2-7c1e-7000-8000-2f6b1f9d3c11"
DECLARED = (
    integer("limit", 1, 200, "How many.", 50),
    identifier("webhook_id", "The webhook."),
    moment("since", "From then on."),
    choices("state", ("failed", "pending"), "The state."),
    flag("all", "All."),
    text("q", "Text."),
)


def read(query: str) -> dict[str, Any]:
    return parameters.read(DECLARED, query.encode())


def test_missing_parameters_have_their_default() -> None:
    assert read("") == {
        "limit": 50,
        "webhook_id": None,
        "since": None,
        "state": None,
        "all": False,
        "q": None,
    }


@pytest.mark.parametrize(
    ("query", "name", "value"),
    [
        ("limit=1", "limit", 1),
        ("limit=200", "limit", 200),
        (f"webhook_id={ID}", "webhook_id", ID),
        (f"webhook_id={ID.upper()}", "webhook_id", ID),
        ("since=1970-01-01T00:00:01Z", "since", 1000),
        ("since=1970-01-01T01:00:01%2B01:00", "since", 1000),
        ("since=1970-01-02", "since", 86_400_000),
        ("state=failed", "state", ("failed",)),
        ("state=failed,pending", "state", ("failed", "pending")),
        ("all=true", "all", True),
        ("q=a%20b", "q", "a b"),
        ("q=%E2%82%AC", "q", "€"),
    ],
)
def test_a_parameter_is_parsed(query: str, name: str, value: Any) -> None:
    assert read(query)[name] == value


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=",
        "limit=%202",
        "limit=2%20",
        "limit=%D9%A3",
        "limit=1_0",
        "limit=1.0",
        "limit=0x10",
        "limit=1e1",
        "limit=99999999999999999999999999",
        "limit=%2B5",
        "limit=1&limit=2",
        "webhook_id=7",
        f"webhook_id={{{ID}}}",
        "since=yesterday",
        "since=1970-01-01T01:00:01+01:00",
        "since=1970-01-01%00",
        "since=1700000000",
        "since=",
        "state=sent",
        "state=",
        "state=failed,",
        "all=1",
        "all=True",
        "q=",
        "q=%00",
        "q=" + 513 * "x",
        "Limit=1",
        "offset=0",
        "limit[]=1",
        "=1",
    ],
)
def test_ambiguous_values_are_rejected(query: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(query)
    (error,) = caught.value.errors
    assert error.problem
    assert error.remedy


@pytest.mark.parametrize("query", ["q=%ff", "q=%ed%a0%80", "q=\xff", "&".join(101 * ["a=1"])])
def test_a_query_that_is_not_utf8_is_malformed(query: str) -> None:
    with pytest.raises(Malformed):
        parameters.read(DECLARED, query.encode("latin-1"))


def test_an_unknown_parameter_is_rejected_with_the_known_ones() -> None:
    with pytest.raises(Invalid) as caught:
        read("page=2")
    assert (
        caught.value.errors[0].remedy
        == "Known parameters: all, limit, q, since, state, webhook_id."
    )


def test_all_errors_are_reported_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        read("page=2&limit=x&since=y")
    assert [error.field for error in caught.value.errors] == ["page", "limit", "since"]


@pytest.mark.parametrize(
    ("document", "name", "value"),
    [
        ({"limit": 7}, "limit", 7),
        ({"limit": None}, "limit", 50),
        ({"state": ["failed", "pending"]}, "state", ("failed", "pending")),
        ({"state": "failed"}, "state", ("failed",)),
        ({"all": True}, "all", True),
    ],
)
def test_the_same_parameters_are_parsed_from_a_document(
    document: dict[str, Any], name: str, value: Any
) -> None:
    assert parameters.read_document(DECLARED, document)[name] == value


@pytest.mark.parametrize(
    "document", [{"limit": 1.5}, {"state": []}, {"state": [1]}, {"q": {}}, {"limit": True}]
)
def test_a_document_with_wrong_types_is_rejected(document: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        parameters.read_document(DECLARED, document)
