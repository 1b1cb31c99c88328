"""Errors of the render dialect."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.queries.events import listing as events
from tests.compat.caller import UNKNOWN_ID, URL, Caller, every_error, rate_limited
from tests.compat.rendering import EDIT, RENDER, callbacks, report, submit


def assert_rejected(response: TestResponse, field: str) -> None:
    assert response.status_code == 400, response.text
    assert (response.json["success"], response.json["message"]) == (False, "Bad Request")
    [detail, *_] = response.json["response"]["error"]["details"]
    assert ".".join(detail["path"]) == field


@pytest.mark.parametrize(
    ("fields", "field"),
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
def test_an_invalid_edit_is_rejected_and_creates_nothing(
    render: Caller, organization: Any, fields: dict[str, Any], field: str
) -> None:
    assert_rejected(render("POST", RENDER, EDIT | fields), field)
    assert callbacks(organization) == []
    assert events.page(organization.id, events.EventFilter()).rows == []


@pytest.mark.parametrize("render_id", [UNKNOWN_ID, "7", "%00"])
def test_an_unknown_render_is_404(render: Caller, render_id: str) -> None:
    response = render("GET", f"{RENDER}/{render_id}")
    assert (response.status_code, response.json["success"]) == (404, False)
    assert response.json["message"] == "Not Found"


def test_the_older_base_path_works_in_the_same_shape(render: Caller) -> None:
    edit = {"timeline": {"tracks": []}, "output": {"format": "mp4"}}
    id_ = render("POST", "/v1/render", edit).json["response"]["id"]
    assert render("GET", f"/v1/render/{id_}").json == render("GET", f"{RENDER}/{id_}").json
    for method, path in (("GET", f"/v1/render/{UNKNOWN_ID}"), ("GET", "/v1/render/a/b")):
        response = render(method, path)
        assert (response.status_code, response.json["success"]) == (404, False)
    assert render("DELETE", "/v1/render").json["success"] is False


def test_a_source_without_a_render_is_404(render: Caller, organization: Any) -> None:
    report(organization, UNKNOWN_ID, "file.received")
    assert render("GET", f"{RENDER}/{UNKNOWN_ID}").status_code == 404


def test_another_organization_gets_a_404(render: Caller, stranger: Caller) -> None:
    assert stranger("GET", f"{RENDER}/{submit(render)}").status_code == 404


def test_submitting_and_polling_need_their_own_scopes(reader: Caller, render: Caller) -> None:
    render_id = submit(render)
    assert reader("GET", f"{RENDER}/{render_id}").status_code == 200
    response = reader("POST", RENDER, EDIT)
    assert (response.status_code, response.json["message"]) == (403, "Forbidden")


def test_every_other_error_has_the_same_shape(render: Caller) -> None:
    item = f"{RENDER}/{submit(render)}"
    for fault, status, response in every_error(render, RENDER, item, "/edit/v1/widgets"):
        assert response.status_code == status, fault
        assert list(response.json) == ["success", "message", "response"], fault
        assert response.json["success"] is False, fault
        assert response.json["response"]["message"], fault


def test_too_many_requests_are_429(render: Caller) -> None:
    response = rate_limited(render, f"{RENDER}/{UNKNOWN_ID}")
    assert (response.status_code, response.json["message"]) == (429, "Too Many Requests")
    assert int(response.headers["Retry-After"]) >= 1
