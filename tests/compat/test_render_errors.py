"""Section 3 of the contract: what the render dialect refuses, in the original's shape."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.queries.events import listing as events
from tests.compat.caller import NOBODY, URL, Caller, rate_limited, refusals
from tests.compat.rendering import EDIT, RENDER, callbacks, submitted, told


def refused(answer: TestResponse, field: str) -> None:
    assert answer.status_code == 400, answer.text
    assert (answer.json["success"], answer.json["message"]) == (False, "Bad Request")
    [detail, *_] = answer.json["response"]["error"]["details"]
    assert ".".join(detail["path"]) == field


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"callback": f"{URL}?a={{{{X}}}}"}, "callback"),
        ({"callback": "https://{{H}}/", "merge": [{"find": "H", "replace": "a.com"}]}, "callback"),
        ({"callback": "nonsense"}, "callback"),
        ({"callback": "https://10.0.0.1/"}, "callback"),
        ({"callback": 12}, "callback"),
        ({"merge": {}}, "merge"),
        ({"merge": [{"find": 1, "replace": "a"}]}, "merge[0]"),
        ({"merge": ["a"]}, "merge[0]"),
        ({"timeline": None}, "timeline"),
        ({"output": "mp4"}, "output"),
    ],
)
def test_what_is_wrong_is_an_error_at_acceptance_and_nothing_is_made(
    render: Caller, organization: Any, given: dict[str, Any], field: str
) -> None:
    refused(render("POST", RENDER, EDIT | given), field)
    assert callbacks(organization) == []
    assert events.page(organization.id, events.EventFilter()).rows == []


@pytest.mark.parametrize("render_id", [NOBODY, "7", "%00"])
def test_a_render_that_is_none_is_404(render: Caller, render_id: str) -> None:
    answer = render("GET", f"{RENDER}/{render_id}")
    assert (answer.status_code, answer.json["success"]) == (404, False)
    assert answer.json["message"] == "Not Found"


def test_a_source_without_a_render_is_404(render: Caller, organization: Any) -> None:
    told(organization, NOBODY, "file.received")
    assert render("GET", f"{RENDER}/{NOBODY}").status_code == 404


def test_another_organization_finds_nothing(render: Caller, stranger: Caller) -> None:
    assert stranger("GET", f"{RENDER}/{submitted(render)}").status_code == 404


def test_each_scope_opens_its_own(reader: Caller, render: Caller) -> None:
    render_id = submitted(render)
    assert reader("GET", f"{RENDER}/{render_id}").status_code == 200
    answer = reader("POST", RENDER, EDIT)
    assert (answer.status_code, answer.json["message"]) == (403, "Forbidden")


def test_every_other_refusal_is_in_the_same_shape(render: Caller) -> None:
    one = f"{RENDER}/{submitted(render)}"
    for what, status, answer in refusals(render, RENDER, one, "/edit/v1/templates"):
        assert answer.status_code == status, what
        assert list(answer.json) == ["success", "message", "response"], what
        assert answer.json["success"] is False, what
        assert answer.json["response"]["message"], what


def test_too_many_requests_are_429(render: Caller) -> None:
    answer = rate_limited(render, f"{RENDER}/{NOBODY}")
    assert (answer.status_code, answer.json["message"]) == (429, "Too Many Requests")
    assert int(answer.headers["Retry-After"]) >= 1
