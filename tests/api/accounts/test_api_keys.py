from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event

from app.models.common.base import db
from app.runtime.context import runtime
from app.services.accounts import api_keys
from app.services.accounts.actor import SYSTEM
from tests.api.conftest import Caller, problem

UNKNOWN = "0198c7a2-7c1e-7000-8000-2f6b1f9d3c11"


def path(organization_id: str) -> str:
    return f"/organizations/{organization_id}/api-keys"


def test_keys_are_listed_without_their_secrets(platform: Caller, organization: Any):
    created = platform.post(path(organization.id), {"name": "all"})
    shown = platform("GET", path(organization.id))
    newest = shown.json["data"][0]
    assert {name: newest[name] for name in ("name", "prefix", "scopes")} == {
        name: created[name] for name in ("name", "prefix", "scopes")
    }
    assert created["secret"] not in shown.text


def test_a_revoked_key_is_rejected_and_stays_in_the_list(
    platform: Caller, organization: Any, client: FlaskClient
):
    created = platform.post(path(organization.id), {"name": "leaked"})
    caller = Caller(client, {"Authorization": f"Bearer {created['key']}"})
    assert caller("GET", "/webhooks").status_code == 200
    for _ in range(2):
        assert platform("DELETE", f"{path(organization.id)}/{created['id']}").status_code == 204
    assert caller("GET", "/webhooks").status_code == 401
    [shown] = [
        key
        for key in platform("GET", path(organization.id)).json["data"]
        if key["id"] == created["id"]
    ]
    assert shown["revoked_at"] is not None


def test_a_key_works_in_its_networks_only(platform: Caller, organization: Any, client: FlaskClient):
    document = {"name": "site", "allowed_networks": ["203.0.113.7", "2001:db8::/32"]}
    created = platform.post(path(organization.id), document)
    assert created["allowed_networks"] == ["203.0.113.7/32", "2001:db8::/32"]
    caller = Caller(client, {"Authorization": f"Bearer {created['key']}"})
    inside, outside = ({"REMOTE_ADDR": address} for address in ("203.0.113.7", "203.0.113.8"))
    assert caller("GET", "/webhooks", environ_base=inside).status_code == 200
    refused = caller("GET", "/webhooks", environ_base=outside)
    assert "may not be used from 203.0.113.8" in problem(refused, 403, "forbidden")["detail"]
    document = {"type": "a", "payload": {}}
    assert caller("POST", "/events", document, environ_base=outside).status_code == 403


def test_the_networks_cost_no_query_of_their_own(organization: Any, client: FlaskClient):
    statements: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        statements.append(statement)

    networks = ["127.0.0.0/8"]
    keys = [
        api_keys.create(organization.id, "a", actor=SYSTEM),
        api_keys.create(organization.id, "b", allowed_networks=networks, actor=SYSTEM),
    ]
    counts = []
    for key in keys:
        caller = Caller(client, {"Authorization": f"Bearer {key.key}"})
        caller("GET", "/webhooks")
        statements.clear()
        event.listen(db.engine, "before_cursor_execute", note)
        runtime().caches.principals.clear()
        assert caller("GET", "/webhooks").status_code == 200
        event.remove(db.engine, "before_cursor_execute", note)
        counts.append(len(statements))
    assert counts[0] == counts[1] > 0


def test_the_networks_of_a_key_are_changed(
    platform: Caller, organization: Any, client: FlaskClient
):
    created = platform.post(path(organization.id), {"name": "site"})
    item = f"{path(organization.id)}/{created['id']}"
    caller = Caller(client, {"Authorization": f"Bearer {created['key']}"})
    for networks, status in ((["203.0.113.0/24"], 403), (["127.0.0.0/8"], 200), (None, 200)):
        changed = platform("PATCH", item, {"allowed_networks": networks})
        assert changed.json["allowed_networks"] == networks
        assert caller("GET", "/webhooks").status_code == status
    problem(platform("PATCH", item, {}), 422, "invalid")
    problem(platform("PATCH", item, {"allowed_networks": []}), 422, "invalid")
    problem(caller("PATCH", item, {"allowed_networks": None}), 403, "forbidden")
    platform("DELETE", item)
    problem(platform("PATCH", item, {"allowed_networks": None}), 404, "not_found")


def test_a_wrong_network_is_named_by_its_place(platform: Caller, organization: Any):
    document = {"name": "site", "allowed_networks": ["203.0.113.0/24", "10.0.0.1/8", "nope"]}
    refused = problem(platform("POST", path(organization.id), document), 422, "invalid")
    assert [(error["field"], error["problem"]) for error in refused["errors"]] == [
        ("allowed_networks[1]", "10.0.0.1/8 has bits after the prefix. Use 10.0.0.0/8."),
        ("allowed_networks[2]", "nope is not a network."),
    ]


def test_a_key_can_be_revoked_only_under_its_own_organization(platform: Caller, organization: Any):
    other = platform.post("/organizations", {"name": "Other"})
    created = platform.post(path(organization.id), {"name": "a"})
    for organization_id in (other["id"], UNKNOWN):
        response = platform("DELETE", f"{path(organization_id)}/{created['id']}")
        problem(response, 404, "not_found")
    problem(platform("GET", path(UNKNOWN)), 404, "not_found")


def test_an_organization_key_can_neither_list_nor_revoke_keys(
    api: Caller, organization: Any, api_key: Any
):
    problem(api("GET", path(organization.id)), 403, "forbidden")
    problem(api("DELETE", f"{path(organization.id)}/{api_key.id}"), 403, "forbidden")
