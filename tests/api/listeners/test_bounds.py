"""Who may use listeners, how many there may be, and when they end."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.domain.listeners.urls import HEADER
from app.models import AuditEntry, Delivery, Due, Listener
from app.models.common.base import db
from app.runtime.context import runtime
from app.runtime.limits.bytes_held import BytesHeld
from app.runtime.wakeup import client as redis_client
from app.services.accounts import api_keys
from app.services.accounts.actor import SYSTEM
from app.services.listeners import service as listener_service
from tests.api.conftest import Caller, problem
from tests.api.listeners.scene import PATH, respond, take, token_of

pytestmark = pytest.mark.usefixtures("sqlite_app")


@pytest.fixture
def listener(api: Caller) -> Any:
    return api.post(PATH, {"event_types": ["encoding.*"]})


def test_a_listeners_url_needs_the_workers_secret(client: FlaskClient, api: Caller, listener: Any):
    path = f"/listen/{listener['id']}"
    assert client.post(path, data=b"{}").status_code == 401
    assert client.post(path, headers={HEADER: "wrong"}).status_code == 401
    assert client.post(path, headers=api.headers).status_code == 401
    other = api.post(PATH, {})
    assert client.post(path, headers={HEADER: token_of(other["id"])}).status_code == 401


def test_other_organizations_and_smaller_scopes_reach_no_listener(
    api: Caller, stranger: Caller, listener: Any, client: FlaskClient, organization: Any
):
    path = f"{PATH}/{listener['id']}"
    for method, more in (("DELETE", ""), ("GET", "/callbacks?wait=0")):
        problem(stranger(method, path + more), 404, "not_found")
    callback = {"id": listener["id"]}
    problem(respond(stranger, listener, callback, {"status": 200}), 404, "not_found")
    assert stranger("GET", PATH).json["data"] == []
    key = api_keys.create(organization.id, "r", ["deliveries:read", "events:write"], actor=SYSTEM)
    reader = Caller(client, {"Authorization": f"Bearer {key.key}"})
    problem(reader("GET", path + "/callbacks?wait=0"), 403, "forbidden")
    problem(reader("POST", PATH, {}), 403, "forbidden")


def test_the_number_of_listeners_is_bounded(api: Caller, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(listener_service, "MAX_LISTENERS", 2)
    for _ in range(2):
        api.post(PATH, {})
    detail = problem(api("POST", PATH, {}), 409, "conflict")["detail"]
    assert "already 2 listeners" in detail


def test_the_bytes_that_wait_for_an_organizations_listeners_are_bounded(
    client: FlaskClient, listener: Any
):
    runtime().listener_bytes = BytesHeld(10, 10)
    headers = {HEADER: token_of(listener["id"])}
    response = client.post(f"/listen/{listener['id']}", data=b"x" * 11, headers=headers)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "1")


def test_deleting_a_listener_cancels_its_deliveries(api: Caller, listener: Any):
    api.post("/events", {"type": "encoding.finished", "payload": {}})
    assert api("DELETE", f"{PATH}/{listener['id']}").status_code == 204
    db.session.expire_all()
    assert (db.session.query(Due).count(), db.session.query(Listener).count()) == (0, 0)
    assert db.session.query(Delivery).one().state == "cancelled"
    assert api.post("/events", {"type": "encoding.finished", "payload": {}})["deliveries"] == []
    problem(api("DELETE", f"{PATH}/{listener['id']}"), 404, "not_found")
    actions = {row.action for row in db.session.query(AuditEntry)}
    assert {"listener.create", "listener.delete"} <= actions


def test_a_silent_listener_expires_and_one_that_asks_does_not(api: Caller, listener: Any):
    asking = api.post(PATH, {})
    for row in db.session.query(Listener):
        row.seen_at -= (listener_service.SILENT_SECONDS + 1) * 1000
    db.session.commit()
    take(api, asking, wait=0)
    runtime().listener_sightings.write()
    listener_service.expire(float("inf"))
    db.session.expire_all()
    assert [row.id for row in db.session.query(Listener)] == [asking["id"]]
    problem(api("GET", f"{PATH}/{listener['id']}/callbacks?wait=0"), 404, "not_found")


def test_without_redis_both_sides_are_told_to_retry(
    api: Caller, client: FlaskClient, listener: Any
):
    runtime().redis = redis_client("redis://127.0.0.1:1/0")
    problem(api("GET", f"{PATH}/{listener['id']}/callbacks?wait=0"), 503, "unavailable")
    headers = {HEADER: token_of(listener["id"])}
    response = client.post(f"/listen/{listener['id']}", data=b"{}", headers=headers)
    assert response.status_code == 503
    assert runtime().listener_bytes.take("any", 16 << 20)


def test_the_secret_of_a_listeners_url_is_in_no_response_of_the_api(api: Caller, listener: Any):
    token = token_of(listener["id"])
    assert token not in json.dumps(api("GET", PATH).json)
