"""Reading secrets and taking data away is recorded, too, with who and from where."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from app.domain.deliveries.sealing import sealed_headers
from app.models import Attempt, AuditEntry
from app.models.common.base import db
from app.runtime.context import runtime
from app.services.accounts import api_keys
from app.services.accounts.actor import SYSTEM
from app.services.webhooks import service as webhooks
from app.store.transaction import write_transaction
from tests.web.records import delivery
from tests.web.visitor import Visitor

URL = "https://example.com/hook"
BROWSER = "Mozilla/5.0 (test)"


def entries(action: str) -> list[AuditEntry]:
    rows = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
    return list(db.session.scalars(rows.execution_options(populate_existing=True)))


def caller(app: Flask, organization: Any, *scopes: str) -> Any:
    """GET with a key of these scopes; the response."""
    key = api_keys.create(organization.id, "Archive", list(scopes) or None, actor=SYSTEM).key
    client = app.test_client()

    def get(path: str, method: str = "GET") -> Any:
        headers = {"Authorization": f"Bearer {key}", "User-Agent": "archiver/1.0"}
        with app.app_context():
            response = client.open(f"/api/v1{path}", method=method, headers=headers)
        db.session.rollback()
        return response

    return get


def test_revealing_a_secret_is_recorded_with_name_and_browser(
    owner: Visitor, organization: Any
) -> None:
    webhook = webhooks.create(organization.id, {"url": URL, "name": "Player"}, SYSTEM)
    owner.client.environ_base["HTTP_USER_AGENT"] = BROWSER
    owner.post(f"/webhooks/{webhook.id}", f"/webhooks/{webhook.id}/secret")
    (entry,) = entries("webhook.reveal_secret")
    assert (entry.actor_name, entry.agent) == ("owner@example.com", BROWSER)
    assert (entry.subject_id, entry.subject_name) == (webhook.id, "Player")
    assert entry.address == "127.0.0.1"


def test_revealing_a_single_attempt_is_recorded(owner: Visitor, organization: Any) -> None:
    webhook = webhooks.create(organization.id, {"url": URL}, SYSTEM)
    id_ = delivery(organization.id, webhook.id, body=b'{"a": 1}')
    owner.post(f"/webhooks/{webhook.id}/edit", f"/deliveries/{id_}/reveal", attempt="1")
    (entry,) = entries("delivery.reveal_secret")
    assert (entry.subject_id, entry.after) == (id_, {"attempt": 1})


def test_a_program_that_reads_a_secret_again_and_again_is_recorded_once(
    sqlite_app: Flask, organization: Any
) -> None:
    webhook = webhooks.create(organization.id, {"url": URL, "secret_token": "t"}, SYSTEM)
    plain = webhooks.create(organization.id, {"url": URL}, SYSTEM)
    get = caller(sqlite_app, organization)
    get(f"/webhooks/{webhook.id}", "HEAD")
    assert entries("webhook.reveal_secret") == []
    for _ in range(3):
        get(f"/webhooks/{webhook.id}")
        get(f"/webhooks/{plain.id}")
    (entry,) = entries("webhook.reveal_secret")
    assert (entry.actor_name, entry.agent) == ("Archive", "archiver/1.0")
    get(f"/webhooks/{webhook.id}/secret")
    get(f"/webhooks/{webhook.id}/secret")
    assert len(entries("webhook.reveal_secret")) == 3


@pytest.mark.parametrize(("scopes", "number"), [((), 1), (("deliveries:read",), 0)])
def test_an_attempt_with_secrets_that_a_key_reads_is_recorded(
    sqlite_app: Flask, organization: Any, scopes: tuple[str, ...], number: int
) -> None:
    webhook = webhooks.create(organization.id, {"url": URL}, SYSTEM)
    id_ = delivery(organization.id, webhook.id, body=b'{"a": 1}')
    head = b"POST / HTTP/1.1\r\nAuthorization: Bearer s3cret\r\n\r\n"
    sealed = sealed_headers(head, frozenset({"authorization"}), runtime().vault.seal)
    with write_transaction() as session:
        session.execute(update(Attempt).values(request_head=sealed))
    response = caller(sqlite_app, organization, *scopes)(f"/deliveries/{id_}")
    assert ("s3cret" in response.text) is bool(number)
    assert len(entries("delivery.reveal_secret")) == number


@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_an_export_of_deliveries_is_recorded_with_its_filter(owner: Visitor, kind: str) -> None:
    owner.get(f"/deliveries/export.{kind}?status=503").get_data()
    (entry,) = entries("delivery.export")
    assert entry.after == {"format": kind, "filter": {"status": "503"}}


def test_the_page_exports_what_the_filters_match_as_ndjson(
    owner: Visitor, organization: Any
) -> None:
    webhook = webhooks.create(organization.id, {"url": URL, "name": "Player"}, SYSTEM)
    webhooks.delete(organization.id, webhook.id, SYSTEM)
    response = owner.get("/settings/audit/export.ndjson?action=webhook.&subject=player")
    assert response.mimetype == "application/x-ndjson"
    assert ".ndjson" in response.headers["Content-Disposition"]
    lines = [json.loads(line) for line in response.text.splitlines()]
    assert [line["action"] for line in lines] == ["webhook.delete", "webhook.create"]
    assert lines[0]["object"] == {"id": webhook.id, "name": "Player"}
    assert lines[0]["actor"]["name"] == "Callboard"
    (entry,) = entries("audit_log.export")
    assert entry.after == {"filter": {"action": "webhook.", "subject": "player"}}


def test_viewers_cannot_export_the_audit_log(viewer: Visitor) -> None:
    assert viewer.get("/settings/audit/export.ndjson").status_code == 403


def test_an_export_is_read_in_batches(
    owner: Visitor, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.queries.audit.EXPORTED", 2)
    for number in range(5):
        webhooks.create(organization.id, {"url": URL, "name": str(number)}, SYSTEM)
    response = owner.get("/settings/audit/export.ndjson?action=webhook.create")
    names = [json.loads(line)["object"]["name"] for line in response.text.splitlines()]
    assert names == ["4", "3", "2", "1", "0"]


def test_the_api_lists_entries_page_by_page(sqlite_app: Flask, organization: Any) -> None:
    for number in range(3):
        webhooks.create(organization.id, {"url": URL, "name": str(number)}, SYSTEM)
    get = caller(sqlite_app, organization, "audit:read")
    first = get("/audit-log?action=webhook.create&limit=2").json
    rest = get(f"/audit-log?action=webhook.create&cursor={first['next_cursor']}").json
    names = [entry["object"]["name"] for page in (first, rest) for entry in page["data"]]
    assert names == ["2", "1", "0"]
    assert rest["next_cursor"] is None
    lines = get("/audit-log.ndjson?action=webhook.create&limit=2")
    assert lines.mimetype == "application/x-ndjson"
    assert [json.loads(line)["object"]["name"] for line in lines.text.splitlines()] == ["2", "1"]
    assert lines.headers["Next-Cursor"] == first["next_cursor"]
    assert len(entries("audit_log.export")) == 1


def test_a_key_without_the_scope_cannot_read_the_audit_log(
    sqlite_app: Flask, organization: Any
) -> None:
    get = caller(sqlite_app, organization, "webhooks:manage", "deliveries:read")
    assert get("/audit-log").status_code == get("/audit-log.ndjson").status_code == 403


def test_the_api_streams_all_entries_in_batches(
    sqlite_app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.queries.audit.EXPORTED", 2)
    for number in range(5):
        webhooks.create(organization.id, {"url": URL, "name": str(number)}, SYSTEM)
    get = caller(sqlite_app, organization, "audit:read")
    response = get("/audit-log.ndjson?action=webhook.create")
    assert response.mimetype == "application/x-ndjson"
    assert "Content-Length" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"
    names = [json.loads(line)["object"]["name"] for line in response.text.splitlines()]
    assert names == ["4", "3", "2", "1", "0"]
    (entry,) = entries("audit_log.export")
    assert entry.after == {"filter": {"action": "webhook.create"}}


def test_the_api_streams_what_follows_a_cursor(sqlite_app: Flask, organization: Any) -> None:
    for number in range(3):
        webhooks.create(organization.id, {"url": URL, "name": str(number)}, SYSTEM)
    get = caller(sqlite_app, organization, "audit:read")
    cursor = get("/audit-log.ndjson?action=webhook.create&limit=1").headers["Next-Cursor"]
    rest = get(f"/audit-log.ndjson?action=webhook.create&cursor={cursor}")
    names = [json.loads(line)["object"]["name"] for line in rest.text.splitlines()]
    assert names == ["1", "0"]


def test_the_api_refuses_a_second_export_of_an_organization_until_the_first_has_ended(
    sqlite_app: Flask, organization: Any
) -> None:
    get = caller(sqlite_app, organization, "audit:read")
    first = get("/audit-log.ndjson")
    second = get("/audit-log.ndjson")
    assert second.status_code == 429
    assert second.headers["Retry-After"] == "10"
    first.close()
    assert get("/audit-log.ndjson").status_code == 200


def test_a_refused_export_occupies_nothing(sqlite_app: Flask, organization: Any) -> None:
    get = caller(sqlite_app, organization, "audit:read")
    refused = get("/audit-log.ndjson?cursor=nonsense")
    assert refused.status_code == 422
    assert refused.json["errors"][0]["field"] == "cursor"
    assert get("/audit-log.ndjson").status_code == 200


@pytest.mark.parametrize("path", ["/settings/audit/export.ndjson", "/deliveries/export.csv"])
def test_an_export_that_cannot_be_recorded_occupies_nothing(
    owner: Visitor, organization: Any, path: str
) -> None:
    when, then = "BEFORE INSERT ON audit_entries", "SELECT RAISE(ABORT, 'no')"
    with write_transaction() as session:
        session.execute(text(f"CREATE TRIGGER refuse {when} BEGIN {then}; END"))
    assert owner.get(path).status_code == 500
    assert runtime().exports.acquire(organization.id) is not None
