"""Attempts, test inboxes, members, invitations and notifications: resources and commands."""

import json

import pytest

from callboard import Callboard
from callboard.cli.main import run

TIMINGS = {"dns_ms": None, "connect_ms": 1.0, "tls_ms": None, "first_byte_ms": 2.0, "total_ms": 3.0}
LISTED = {
    "delivery_id": "d", "number": 2, "event_id": "e", "event_type": "a.b", "webhook_id": "w",
    "started_at": "t", "url": "http://x", "status": 503, "cause": "status",
    "explanation": "HTTP 503.", "timings": TIMINGS, "remote_address": None, "is_test": False,
}  # fmt: skip
ATTEMPT = LISTED | {
    "what_to_do": "Look.",
    "request": {"request_line": "POST / HTTP/1.1", "headers": [], "body": None},
    "response": None,
}
INBOX = {
    "id": "i", "url": "http://x/catch/t", "name": "Test inbox", "status": 200,
    "delay_seconds": 0, "failure_percent": 0, "received": 0, "last_received_at": None,
    "created_at": "t",
}  # fmt: skip


@pytest.fixture
def client(server, Response):
    server.responds_with(Response(200, {"to": "a@example.com"}))
    return Callboard(server.url, "k")


@pytest.fixture
def logged_in(server, monkeypatch):
    monkeypatch.setenv("CALLBOARD_URL", server.url)
    monkeypatch.setenv("CALLBOARD_API_KEY", "k")


def page(*rows):
    return {"data": list(rows), "next_cursor": None}


def test_attempts_are_listed_with_filters(client, server, Response):
    server.responds_with(Response(200, page(LISTED) | {"searched_to": None}))
    attempts = list(client.attempts.list(webhook_id="w", outcome="failed", status_code="5xx"))
    assert attempts == [LISTED]
    assert server.requests[0].path == "/api/v1/attempts"
    expected = {"webhook_id": "w", "outcome": "failed", "status_code": "5xx", "limit": "200"}
    assert server.requests[0].query == expected


OF_MEMBER = "/organizations/o/members/u"
CALLS = [
    (lambda c: c.attempts.get("d", 2), "GET /deliveries/d/attempts/2", None),
    (lambda c: c.test_inboxes.create(status=500), "POST /test-inboxes", {"status": 500}),
    (lambda c: c.test_inboxes.get("i"), "GET /test-inboxes/i", None),
    (lambda c: c.test_inboxes.update("i", name="n"), "PATCH /test-inboxes/i", {"name": "n"}),
    (lambda c: c.test_inboxes.delete("i"), "DELETE /test-inboxes/i", None),
    (lambda c: c.test_inboxes.request("i", "r"), "GET /test-inboxes/i/requests/r", None),
    (lambda c: c.test_inboxes.clear("i"), "DELETE /test-inboxes/i/requests", None),
    (lambda c: c.members.get("o", "u"), f"GET {OF_MEMBER}", None),
    (lambda c: c.members.change_role("o", "u", "viewer"), f"PATCH {OF_MEMBER}", {"role": "viewer"}),
    (lambda c: c.members.remove("o", "u"), f"DELETE {OF_MEMBER}", None),
    (
        lambda c: c.invitations.create("o", "a@example.com", "owner"),
        "POST /organizations/o/invitations",
        {"email": "a@example.com", "role": "owner"},
    ),
    (lambda c: c.invitations.resend("o", "v"), "POST /organizations/o/invitations/v/resend", None),
    (lambda c: c.invitations.revoke("o", "v"), "DELETE /organizations/o/invitations/v", None),
    (lambda c: c.notifications.get("o", "u"), f"GET {OF_MEMBER}/notifications", None),
    (
        lambda c: c.notifications.update("o", "u", ["delivery.failed"]),
        f"PATCH {OF_MEMBER}/notifications",
        {"kinds": ["delivery.failed"]},
    ),
    (lambda c: c.notifications.send_test("o", "u"), f"POST {OF_MEMBER}/notifications/test", None),
    (lambda c: c.organizations.quotas("o"), "GET /organizations/o/quotas", None),
    (
        lambda c: c.organizations.change_quotas("o", webhooks=5, requests_per_host=None),
        "PATCH /organizations/o/quotas",
        {"webhooks": 5, "requests_per_host": None},
    ),
]


@pytest.mark.parametrize(("call", "expected", "document"), CALLS)
def test_each_method_makes_its_request(client, server, call, expected, document):
    call(client)
    (request,) = server.requests
    assert f"{request.method} {request.path.removeprefix('/api/v1')}" == expected
    assert (request.json() if request.body else None) == document


@pytest.mark.parametrize(
    ("listing", "path"),
    [
        (lambda c: c.test_inboxes.list(), "/test-inboxes"),
        (lambda c: c.test_inboxes.requests("i"), "/test-inboxes/i/requests"),
        (lambda c: c.members.list("o"), "/organizations/o/members"),
        (lambda c: c.audit_log.list(action="webhook."), "/audit-log"),
        (lambda c: c.invitations.list("o"), "/organizations/o/invitations"),
    ],
)
def test_each_list_is_read(client, server, Response, listing, path):
    server.responds_with(Response(200, page({"id": "1"})))
    assert list(listing(client)) == [{"id": "1"}]
    assert server.requests[0].path == f"/api/v1{path}"


def test_an_organization_is_deleted_by_its_name(client, server):
    client.organizations.delete("o", name="Acme & Sons")
    (request,) = server.requests
    assert (request.method, request.path) == ("DELETE", "/api/v1/organizations/o")
    assert request.query == {"confirm": "Acme & Sons"}


def test_the_audit_log_is_exported_as_lines(client, server, Response, tmp_path):
    server.responds_with(Response(200, b'{"id": "a"}\n{"id": "b"}\n'))
    target = tmp_path / "audit.ndjson"
    assert client.audit_log.export(target, actor="ada", since="2026-02-24T00:00:00Z") == 24
    assert target.read_text().count("\n") == 2
    (request,) = server.requests
    assert request.path == "/api/v1/audit-log.ndjson"
    assert request.query == {"actor": "ada", "since": "2026-02-24T00:00:00Z"}


def test_the_catalogue_is_exported_whole(client, server, Response):
    first = {"openapi": "3.1.0", "webhooks": {"a": {"post": {}}}, "x-next-cursor": "c"}
    second = {"openapi": "3.1.0", "webhooks": {"b": {"post": {}}}, "x-next-cursor": None}
    server.responds_with(Response(200, first), Response(200, second))
    exported = client.event_types.export(body="standard")
    assert exported == {"openapi": "3.1.0", "webhooks": {"a": {"post": {}}, "b": {"post": {}}}}
    assert [request.query for request in server.requests] == [
        {"body": "standard"},
        {"body": "standard", "cursor": "c"},
    ]


def test_events_are_exported_and_webhooks_imported(client, server, Response):
    server.responds_with(Response(202, {}))
    client.jobs.export_events("csv", event_type="a.b", since="2026-02-24T00:00:00Z")
    client.jobs.import_items([{"event_type": {"name": "a.b"}}], replace_existing=True)
    exported, imported = server.requests
    assert exported.json() == {
        "kind": "export_events_csv", "event_type": "a.b", "since": "2026-02-24T00:00:00Z",
    }  # fmt: skip
    assert imported.path == "/api/v1/imports"
    assert imported.json() == {
        "items": [{"event_type": {"name": "a.b"}}], "replace_existing": True, "paused": True,
    }  # fmt: skip


def test_the_first_rows_of_a_list_without_pages_need_no_limit(client, server, Response):
    server.responds_with(Response(200, page({"id": "1"}, {"id": "2"})))
    assert client.members.list("o").first(1) == [{"id": "1"}]
    assert server.requests[0].query == {}


@pytest.mark.usefixtures("logged_in")
def test_the_command_lists_attempts(server, Response, capsys):
    server.responds_with(Response(200, page(LISTED)))
    assert run(["attempts", "list", "--outcome", "failed", "--webhook", "w"]) == 0
    assert "HTTP 503." in capsys.readouterr().out
    assert server.requests[0].query["outcome"] == "failed"


@pytest.mark.usefixtures("logged_in")
def test_the_command_shows_an_attempt(server, Response, capsys):
    server.responds_with(Response(200, ATTEMPT))
    assert run(["attempts", "show", "d", "2"]) == 0
    assert "POST / HTTP/1.1" in capsys.readouterr().out
    assert run(["attempts", "show", "d", "0"]) == 2


@pytest.mark.usefixtures("logged_in")
def test_the_command_creates_an_inbox_and_prints_its_url(server, Response, capsys):
    server.responds_with(Response(201, INBOX))
    assert run(["test-inboxes", "create", "--status", "500", "--failures", "10"]) == 0
    assert "http://x/catch/t" in capsys.readouterr().out
    assert server.requests[0].json() == {"status": 500, "failure_percent": 10}


@pytest.mark.usefixtures("logged_in")
def test_the_commands_for_inboxes_list_requests_and_delete(server, Response, capsys):
    server.responds_with(Response(200, page({"id": "r", "method": "POST", "signature": "valid"})))
    assert run(["test-inboxes", "requests", "i", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["signature"] == "valid"
    server.responds_with(Response(200, page(INBOX)))
    assert run(["test-inboxes", "list"]) == 0
    server.responds_with(Response(204))
    assert run(["test-inboxes", "delete", "i"]) == 0
    assert server.requests[-1].method == "DELETE"
