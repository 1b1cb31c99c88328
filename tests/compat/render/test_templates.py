"""Templates of the render dialect: stored edits, and renders that are started from them."""

from typing import Any

import pytest

from app.queries.events import listing as events
from app.services.events import render_templates
from tests.compat.caller import UNKNOWN_ID, Caller
from tests.compat.rendering import EDIT, callbacks

TEMPLATES = "/edit/v1/templates"
CALLBACK = "https://receiver.example.com/done?id={{ID}}&lang={{LANG}}"


def created(render: Caller, name: str = "Intro", **more: Any) -> str:
    response = render("POST", TEMPLATES, {"name": name, "template": EDIT | more})
    assert response.status_code == 201, response.text
    assert response.json["success"], response.text
    id_: str = response.json["response"]["id"]
    return id_


def published(organization: Any, response: Any) -> Any:
    assert response.status_code == 201, response.text
    [event] = events.of_source(organization.id, response.json["response"]["id"], 5)
    return event


def test_a_template_is_created_read_changed_and_deleted(render: Caller, organization: Any) -> None:
    id_ = created(render)
    shown = render("GET", f"{TEMPLATES}/{id_}").json["response"]
    assert shown == {"id": id_, "name": "Intro", "owner": organization.id, "template": EDIT}
    changed = {"name": "Outro", "template": EDIT | {"output": {"format": "gif"}}}
    response = render("PUT", f"{TEMPLATES}/{id_}", changed)
    message = {"message": "Template Successfully Updated", "id": id_}
    assert response.json == {"success": True, "message": "OK", "response": message}
    [listed] = render("GET", TEMPLATES).json["response"]["templates"]
    assert (listed["id"], listed["name"]) == (id_, "Outro")
    assert render("GET", f"{TEMPLATES}/{id_}").json["response"]["template"] == changed["template"]
    deleted = render("DELETE", f"{TEMPLATES}/{id_}")
    assert (deleted.status_code, deleted.data) == (204, b"")
    assert render("GET", f"{TEMPLATES}/{id_}").status_code == 404
    assert render("GET", TEMPLATES).json["response"]["templates"] == []


def test_a_render_from_a_template_is_called_back(render: Caller, organization: Any) -> None:
    defaults = [{"find": "ID", "replace": "none"}, {"find": "LANG", "replace": "en"}]
    id_ = created(render, callback=CALLBACK, merge=defaults)
    asked = {"id": id_, "merge": [{"find": "ID", "replace": "7"}]}
    response = render("POST", f"{TEMPLATES}/render", asked)
    assert response.json["response"]["message"] == "Render Successfully Queued"
    event = published(organization, response)
    assert event.type == "render.queued"
    [webhook] = callbacks(organization)
    assert webhook.url == "https://receiver.example.com/done?id=7&lang=en"


def test_what_is_not_merged_keeps_its_bytes(render: Caller, organization: Any) -> None:
    edit = b'{ "timeline":{"a":1.10},  "output": {}, "extra": 12345678901234567890123 }'
    body = b'{"name": "Exact", "template": %s}' % edit
    response = render("POST", TEMPLATES, data=body, content_type="application/json")
    asked = {"id": response.json["response"]["id"]}
    response = render("POST", f"{TEMPLATES}/render", asked)
    assert published(organization, response).payload == edit
    asked["merge"] = [{"find": "A", "replace": 1}]
    payload = published(organization, render("POST", f"{TEMPLATES}/render", asked)).payload
    assert payload == (
        b'{"timeline":{"a":1.10},"output":{},"extra":12345678901234567890123,'
        b'"merge":[{"find":"A","replace":1}]}'
    )


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("", {"template": EDIT}, "name"),
        ("", {"name": "", "template": EDIT}, "name"),
        ("", {"name": "a" * 201, "template": EDIT}, "name"),
        ("", {"name": "a"}, "template"),
        ("", {"name": "a", "template": {"timeline": {}}}, "template.output"),
        ("", {"name": "a", "template": EDIT | {"merge": 5}}, "template.merge"),
        ("/render", {}, "id"),
        ("/render", {"id": UNKNOWN_ID, "merge": [5]}, "merge[0]"),
    ],
)
def test_a_body_that_cannot_be_used_is_refused_with_the_field(
    render: Caller, path: str, body: Any, field: str
) -> None:
    response = render("POST", f"{TEMPLATES}{path}", body)
    assert response.status_code == 400
    details = response.json["response"]["error"]["details"]
    assert [".".join(each["path"]) for each in details] == [field]


def test_a_callback_of_a_template_that_lacks_a_value_is_refused(render: Caller) -> None:
    id_ = created(render, callback=CALLBACK)
    response = render("POST", f"{TEMPLATES}/render", {"id": id_})
    assert response.status_code == 400
    details = response.json["response"]["error"]["details"]
    assert [detail["path"] for detail in details] == [["template", "callback"]] * 2


@pytest.mark.parametrize("id_", [UNKNOWN_ID, "no-id"])
def test_an_unknown_template_is_not_rendered(render: Caller, id_: str) -> None:
    response = render("POST", f"{TEMPLATES}/render", {"id": id_})
    assert response.status_code == 404
    assert response.json["response"]["message"] == "Template not found."


def test_an_organization_has_a_bounded_number_of_templates(
    render: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render_templates, "MAX_TEMPLATES", 1)
    created(render)
    response = render("POST", TEMPLATES, {"name": "b", "template": EDIT})
    assert response.status_code == 409
    assert "Delete one first" in response.json["response"]["message"]
