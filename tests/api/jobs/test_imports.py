"""Imports in the API."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.queries.event_types import catalogue
from app.services.accounts import api_keys
from app.services.accounts.actor import SYSTEM
from app.services.jobs import running
from tests.api.conftest import Caller
from tests.web.records import event

URL = "https://example.com/hook"


@pytest.fixture
def call(sqlite_app: Any, api_key: Any) -> Caller:
    client: FlaskClient = sqlite_app.test_client()
    return Caller(client, {"Authorization": f"Bearer {api_key.key}"})


def test_what_the_api_shows_is_imported(call: Caller, organization: Any) -> None:
    shown = call.post("/webhooks", {"url": URL, "uid": "own", "name": "Media"})
    type_ = call("PUT", "/event-types/a.b", {"sample": {"n": 1}}).json
    call("DELETE", f"/webhooks/{shown['id']}")
    call("DELETE", "/event-types/a.b")
    items = [{"webhook": shown}, {"event_type": type_}, {"webhook": {"url": "x"}}]
    job = call.post("/imports", {"items": items, "paused": False})
    assert (job["kind"], job["state"], job["total"]) == ("import", "queued", 3)
    running.run_all()
    job = call("GET", f"/jobs/{job['id']}").json
    imported = job["imported"]
    assert [imported[name] for name in ("created", "updated", "skipped", "refused")] == [2, 0, 0, 1]
    assert [note["line"] for note in imported["notes"]] == [3]
    [webhook] = call("GET", "/webhooks").json["data"]
    assert (webhook["uid"], webhook["state"]) == ("own", "active")
    assert catalogue.get(organization.id, "a.b") is not None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "items"),
        ({"items": {}}, "items"),
        ({"items": []}, "items"),
        ({"items": [3]}, "items"),
        ({"items": [{"webhook": {"url": URL}}], "paused": "no"}, "paused"),
        ({"items": [{"webhook": {"url": URL}}], "mode": 1}, "mode"),
    ],
)
def test_a_wrong_body_names_the_field(call: Caller, body: Any, field: str) -> None:
    response = call("POST", "/imports", body)
    assert response.status_code == 422
    assert [error["field"] for error in response.json["errors"]] == [field]


def test_a_key_without_the_scope_cannot_import(call: Caller, organization: Any) -> None:
    key = api_keys.create(organization.id, "k", scopes=["deliveries:resend"], actor=SYSTEM).key
    call.headers["Authorization"] = f"Bearer {key}"
    body = {"items": [{"webhook": {"url": URL}}]}
    assert call("POST", "/imports", body).status_code == 403


def test_who_may_import_may_read_and_stop_imports_alone(call: Caller, organization: Any) -> None:
    def with_scopes(*scopes: str) -> Caller:
        key = api_keys.create(organization.id, "k", scopes=list(scopes), actor=SYSTEM).key
        return Caller(call.client, {"Authorization": f"Bearer {key}"})

    other = call.post("/jobs", {"kind": "export_csv"})["id"]
    importer, operator = with_scopes("webhooks:manage"), with_scopes("deliveries:resend")
    job = importer.post("/imports", {"items": [{"webhook": {"url": URL}}]})["id"]
    assert operator("GET", f"/jobs/{job}").status_code == 403
    assert operator("POST", f"/jobs/{job}/stop").status_code == 403
    assert with_scopes("deliveries:read")("GET", f"/jobs/{job}").json["kind"] == "import"
    assert importer("GET", f"/jobs/{job}").json["state"] == "queued"
    assert importer("POST", f"/jobs/{job}/stop").json["state"] == "stopped"
    unknown = "00000000-0000-7000-8000-000000000000"
    for job_id in (other, unknown):
        assert importer("GET", f"/jobs/{job_id}").status_code == 403
        assert importer("POST", f"/jobs/{job_id}/stop").status_code == 403
    assert operator("POST", f"/jobs/{other}/stop").json["state"] == "stopped"


def test_events_are_exported_by_a_filter(call: Caller, organization: Any) -> None:
    event(organization.id, b'{"asset": "x"}')
    event(organization.id, type="other")
    body = {"kind": "export_events_ndjson", "event_type": "encoding.finished"}
    job = call.post("/jobs", body)
    running.run_all()
    job = call("GET", f"/jobs/{job['id']}").json
    assert (job["state"], job["count"], job["filter"]["event_type"]) == (
        "completed",
        1,
        "encoding.finished",
    )
    file = call.client.get(f"/api/v1/jobs/{job['id']}/file", headers=call.headers)
    assert file.text.endswith('"payload":{"asset":"x"}}\n')
    refused = call("POST", "/jobs", {"kind": "export_events_csv", "webhook_id": "x"})
    assert [error["field"] for error in refused.json["errors"]] == ["webhook_id"]
