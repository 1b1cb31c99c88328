"""Jobs in the API."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.services.accounts import api_keys, organizations
from app.services.accounts.actor import SYSTEM
from app.services.jobs import running
from tests.services.publishing import due_rows, webhook
from tests.web.records import delivery, event

PATH = "/api/v1/jobs"
UNKNOWN = f"{PATH}/0198c1f0-6e1f-7c3a-9b1e-2f0c5a7d4e11"


@pytest.fixture
def client(sqlite_app: Any) -> FlaskClient:
    return sqlite_app.test_client()


@pytest.fixture
def headers(sqlite_app: Any, api_key: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {api_key.key}"}


def test_a_job_is_started_followed_and_listed(
    client: FlaskClient, headers: dict[str, str], organization: Any
) -> None:
    organization_id = organization.id
    hook = webhook(organization_id)
    for _ in range(3):
        delivery(organization_id, hook)
    body = {"kind": "resend", "webhook_id": hook}
    created = client.post(PATH, json=body, headers=headers)
    assert created.status_code == 202
    job = created.json
    assert (job["state"], job["count"], job["total"], job["started_by"]) == (
        "queued",
        0,
        None,
        "tests",
    )
    assert job["filter"]["state"] == ["failed", "cancelled", "skipped"]
    running.run_all()
    job = client.get(f"{PATH}/{job['id']}", headers=headers).json
    assert (job["state"], job["count"], job["total"]) == ("completed", 3, 3)
    assert job["deliveries"]["waiting"] == 3
    [listed] = client.get(PATH, headers=headers).json["data"]
    assert listed == {name: job[name] for name in listed}


def test_missed_events_are_sent(
    client: FlaskClient, headers: dict[str, str], organization: Any
) -> None:
    organization_id = organization.id
    hook = webhook(organization_id)
    event(organization_id)
    body = {"kind": "send_missed", "webhook_id": hook, "since": "2020-01-01T00:00:00Z"}
    assert client.post(PATH, json=body, headers=headers).status_code == 202
    running.run_all()
    assert len(due_rows(hook)) == 1


def test_a_job_is_stopped_once(client: FlaskClient, headers: dict[str, str]) -> None:
    body = {"kind": "cancel", "event_type": "a.b"}
    job = client.post(PATH, json=body, headers=headers).json
    stopped = client.post(f"{PATH}/{job['id']}/stop", headers=headers)
    assert (stopped.status_code, stopped.json["state"]) == (200, "stopped")
    again = client.post(f"{PATH}/{job['id']}/stop", headers=headers)
    assert (again.status_code, again.json["detail"]) == (409, "This job has ended already.")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "kind"),
        ({"kind": "import"}, "kind"),
        ({"kind": ["resend", "cancel"]}, "kind"),
        ({"kind": "resend"}, ""),
        ({"kind": "resend", "state": "pending"}, "state"),
        ({"kind": "resend", "job": "x"}, "job"),
        ({"kind": "cancel", "webhook_id": "x"}, "webhook_id"),
        ({"kind": "send_missed", "since": "2020-01-01T00:00:00Z"}, "webhook_id"),
        (
            {"kind": "send_missed", "webhook_id": "0198c1f0-6e1f-7c3a-9b1e-2f0c5a7d4e11"},
            "since",
        ),
    ],
)
def test_an_invalid_job_names_the_field(
    client: FlaskClient, headers: dict[str, str], body: dict[str, Any], field: str
) -> None:
    response = client.post(PATH, json=body, headers=headers)
    assert response.status_code == 422
    assert [error["field"] for error in response.json["errors"]] == [field]


def test_a_job_of_another_organization_is_not_found(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    other = organizations.create("Other")
    key = api_keys.create(other.id, "theirs", actor=SYSTEM).key
    foreign = {"Authorization": f"Bearer {key}"}
    body = {"kind": "cancel", "event_type": "a.b"}
    job = client.post(PATH, json=body, headers=foreign).json
    for path in (f"{PATH}/{job['id']}", UNKNOWN):
        response = client.get(path, headers=headers)
        assert response.status_code == 404
        assert response.json["detail"].startswith("No such job in this organization.")
    stop = client.post(f"{PATH}/{job['id']}/stop", headers=headers)
    assert stop.status_code == 404
    assert client.get(PATH, headers=headers).json["data"] == []


@pytest.mark.parametrize(
    "kind",
    [("export_csv", "text/csv", 2), ("export_ndjson", "application/x-ndjson", 1)],
    ids=["csv", "ndjson"],
)
def test_an_export_has_a_file(
    client: FlaskClient,
    headers: dict[str, str],
    organization: Any,
    kind: tuple[str, str, int],
) -> None:
    name, mimetype, lines = kind
    delivery(organization.id, webhook(organization.id))
    created = client.post(PATH, json={"kind": name}, headers=headers)
    assert created.status_code == 202
    path = f"{PATH}/{created.json['id']}"
    assert client.get(f"{path}/file", headers=headers).status_code == 409
    running.run_all()
    done = client.get(path, headers=headers).json
    assert (done["state"], done["count"], done["deliveries"]["elsewhere"]) == ("completed", 1, 0)
    response = client.get(f"{path}/file", headers=headers)
    assert response.mimetype == mimetype
    assert len(response.text.splitlines()) == lines
    assert client.head(f"{path}/file", headers=headers).status_code == 200
