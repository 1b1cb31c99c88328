"""/webhooks.json in the browser of a signed-in person."""

from typing import Any

from flask import Flask

from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.webhooks import service as webhook_service
from tests.services.publishing import webhook
from tests.web.visitor import Visitor

PATH = "/webhooks.json"


def test_a_member_reads_the_list_and_an_item(owner: Visitor, organization: Any) -> None:
    settings = {"url": "https://example.com/", "preset": "form_callback", "api_key": "k-1"}
    created = webhook_service.create(organization.id, settings, SYSTEM)
    webhook(organizations.create("Other").id)
    response = owner.get(PATH)
    assert response.status_code == 200
    [document] = response.get_json()
    assert (document["id"], document["api_key"]) == (created.id, "k-1")
    assert response.headers["Cache-Control"] == "no-store"
    assert owner.get(f"/webhooks/{created.id}.json").get_json() == document


def test_nothing_is_changed_with_the_session(owner: Visitor, organization: Any) -> None:
    id_ = webhook(organization.id)
    url = "https://example.com/"
    assert owner.client.post(PATH, json={"webhook": {"url": url}}).status_code == 401
    for method in ("PUT", "PATCH", "DELETE"):
        response = owner.client.open(f"/webhooks/{id_}.json", method=method, json={"webhook": {}})
        assert response.status_code == 401, method


def test_a_viewer_may_not_read_api_keys(viewer: Visitor, organization: Any) -> None:
    webhook(organization.id)
    assert viewer.get(PATH).status_code == 403


def test_without_a_session_credentials_are_missing(sqlite_app: Flask) -> None:
    assert Visitor(sqlite_app).get(PATH).status_code == 401


def test_a_wrong_key_is_refused_although_a_person_is_signed_in(owner: Visitor) -> None:
    assert owner.get(PATH, headers={"Authorization": "Bearer wrong"}).status_code == 401
