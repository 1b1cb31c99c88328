"""Webhooks, deliveries, verification, export and import."""

import json
import stat
import time

import pytest

from callboard.cli.main import run
from callboard.verification import sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture(autouse=True)
def logged_in(server, monkeypatch, tmp_path):
    monkeypatch.setenv("CALLBOARD_URL", server.url)
    monkeypatch.setenv("CALLBOARD_API_KEY", "k")
    monkeypatch.chdir(tmp_path)


def test_options_become_settings(server, Response):
    server.responds_with(Response(201, {"id": "w"}))
    options = ["--name", "Player", "--event-types", "a, b", "--header", "X-A: 1", "--timeout", "5"]
    fields = ["--set", "max_in_flight=4", "--set", 'metadata={"a":1}', "--set", "method=PUT"]
    data = ["--data", '{"name": "Other", "ordered": true}']
    assert run(["webhooks", "create", "https://example.com", *options, *fields, *data]) == 0
    assert server.requests[0].json() == {
        "url": "https://example.com", "name": "Player", "ordered": True,
        "event_types": ["a", "b"], "headers": {"X-A": "1"}, "timeout_seconds": 5.0,
        "max_in_flight": 4, "metadata": {"a": 1}, "method": "PUT",
    }  # fmt: skip


def test_all_event_types_are_sent_as_null(server, Response):
    server.responds_with(Response(200, {"id": "w"}))
    assert run(["webhooks", "update", "w", "--event-types", "all"]) == 0
    assert server.requests[0].json() == {"event_types": None}


def test_an_update_without_options_says_what_to_add(server, capsys):
    assert run(["webhooks", "update", "w"]) == 2
    assert "add an option, such as --url" in capsys.readouterr().err
    assert server.requests == []


@pytest.mark.parametrize(("command", "is_active"), [("pause", False), ("resume", True)])
def test_a_webhook_is_paused_and_resumed(server, command, is_active):
    assert run(["webhooks", command, "w"]) == 0
    assert server.requests[0].json() == {"is_active": is_active}


def test_a_rotated_secret_is_printed(server, Response, capsys):
    server.responds_with(Response(200, {"secret": SECRET}))
    assert run(["webhooks", "rotate-secret", "w", "--overlap", "60"]) == 0
    assert server.requests[0].json() == {"overlap_seconds": 60}
    assert capsys.readouterr().out == f"{SECRET}\n"


def test_the_previous_secret_is_revoked(server, Response, capsys):
    server.responds_with(Response(204))
    assert run(["webhooks", "end-secret-overlap", "w"]) == 0
    assert server.requests[-1].path == "/api/v1/webhooks/w/end-secret-overlap"
    assert "Previous secret revoked." in capsys.readouterr().err


def test_the_yes_option_deletes_a_webhook_without_confirmation(server, Response):
    server.responds_with(Response(204))
    assert run(["webhooks", "delete", "w", "--yes"]) == 0
    assert [request.method for request in server.requests] == ["DELETE"]


def test_a_failed_test_send_exits_with_1(server, Response, capsys):
    attempt = {
        "number": 1, "started_at": "t", "cause": "status", "explanation": "It answered 500.",
        "what_to_do": "Look.", "timings": {"total_ms": 3.0}, "response": None,
        "request": {"request_line": "POST / HTTP/1.1", "headers": [], "body": None},
    }  # fmt: skip
    server.responds_with(Response(200, {"succeeded": False, "attempt": attempt}))
    assert run(["webhooks", "test", "w"]) == 1
    assert "It answered 500." in capsys.readouterr().out


def test_deliveries_are_resent_by_filter(server, Response, capsys):
    server.responds_with(Response(202, {"count": 3, "dry_run": False}))
    assert run(["deliveries", "resend", "--webhook", "w", "--state", "failed"]) == 0
    document = {"webhook_id": "w", "state": ["failed"], "dry_run": False}
    assert server.requests[0].json() == document
    assert "3" in capsys.readouterr().err


def test_deliveries_are_cancelled_by_id(server, Response):
    server.responds_with(Response(200, {"id": "d", "state": "cancelled"}))
    assert run(["deliveries", "cancel", "d-1", "d-2"]) == 0
    assert [request.path for request in server.requests] == [
        "/api/v1/deliveries/d-1/cancel",
        "/api/v1/deliveries/d-2/cancel",
    ]


@pytest.mark.parametrize("arguments", [[], ["d", "--state", "failed"], ["d", "--dry-run"]])
def test_ids_and_filters_exclude_each_other(server, arguments):
    assert run(["deliveries", "resend", *arguments]) == 2
    assert server.requests == []


@pytest.fixture
def received(tmp_path):
    """A callback as it was written down: the head and the body in a file each."""
    now = int(time.time())
    signature = sign(SECRET, "msg_1", now, b"{}")
    (tmp_path / "body").write_bytes(b"{}")
    (tmp_path / "head").write_text(
        "POST /hook HTTP/1.1\nHost: localhost:3000\nWebhook-Id: msg_1\n"
        f"webhook-timestamp: {now}\nwebhook-signature: {signature}\n"
    )
    return ["body", "--headers", "head", "--check-age"]


def test_a_received_callback_is_verified(received, capsys):
    assert run(["verify", *received, "--secret", SECRET, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "msg_1"


def test_an_invalid_callback_exits_with_1(received, tmp_path, capsys):
    (tmp_path / "body").write_bytes(b"{ }")
    assert run(["verify", *received, "--secret", SECRET]) == 1
    assert "Not valid: No signature matches" in capsys.readouterr().err


class Organization:
    """Webhooks and event types as the API keeps them."""

    def __init__(self, Response):
        self.webhooks = {}
        self.types = {}
        self._response = Response

    def respond(self, request):
        name = request.path.rsplit("/", 1)[1]
        if request.path.endswith("/secret"):
            return self._response(200, {"secret": SECRET})
        if name == "webhooks" and request.method == "POST":
            name = f"w-{len(self.webhooks)}"
            self.webhooks[name] = DEFAULTS | request.json() | {"id": name}
        elif request.method in ("PATCH", "PUT"):
            table = self.webhooks if "/webhooks/" in request.path else self.types
            table[name] = table.get(name, {"name": name}) | request.json()
        elif name in ("webhooks", "event-types"):
            table = self.webhooks if name == "webhooks" else self.types
            rows = list(table.values())[::-1]
            return self._response(200, {"data": rows, "next_cursor": None})
        return self._response(200, self.webhooks.get(name) or self.types.get(name))


DEFAULTS = {
    "name": "", "description": "", "once": False, "preset": "standard", "method": "POST",
    "body_format": "standard", "body_expression": None, "body_encoding": "json",
    "event_types": None, "sources": None, "filter": None, "headers": {}, "api_key": None,
    "secret_token": "t", "secret_header": None, "success_statuses": ["200-299"],
    "timeout_seconds": 15.0, "retry_policy": {}, "rate_limit_per_second": None,
    "honors_retry_after": True, "max_in_flight": 32, "ordered": False, "signing": "v1",
    "is_active": True, "metadata": {},
}  # fmt: skip


@pytest.fixture
def organization(server, Response):
    organization = Organization(Response)
    server.respond = organization.respond
    return organization


def exported(organization, *options):
    organization.webhooks = {
        f"w-{n}": DEFAULTS | {"id": f"w-{n}", "url": f"https://{n}.example"} for n in range(2)
    }
    organization.types = {"a": {"name": "a", "description": "A", "sample": {}, "schema": None}}
    assert run(["export", "all.json", *options]) == 0


def test_an_export_excludes_secrets(organization, tmp_path):
    exported(organization)
    [first, second] = json.loads((tmp_path / "all.json").read_text())["webhooks"]
    assert (first["url"], second["url"]) == ("https://0.example", "https://1.example")
    assert not {"secret", "api_key", "secret_token", "id"} & first.keys()


def test_an_export_with_secrets_is_readable_by_its_owner_only(organization, tmp_path):
    (tmp_path / "all.json").touch(0o644)
    exported(organization, "--with-secrets")
    assert stat.S_IMODE((tmp_path / "all.json").stat().st_mode) == 0o600
    assert json.loads((tmp_path / "all.json").read_text())["webhooks"][0]["secret"] == SECRET


def test_an_import_creates_what_is_missing_once(organization, server, capsys):
    exported(organization)
    organization.webhooks, organization.types = {}, {}
    assert run(["import", "all.json"]) == 0
    assert len(organization.webhooks) == 2
    assert list(organization.types) == ["a"]
    capsys.readouterr()
    assert run(["import", "all.json"]) == 0
    assert capsys.readouterr().err == "0 created, 0 updated, 3 unchanged.\n"


def test_an_import_updates_what_differs(organization, server):
    exported(organization)
    organization.webhooks["w-0"]["timeout_seconds"] = 1
    organization.types["a"]["description"] = "B"
    assert run(["import", "all.json"]) == 0
    changes = [r.json() for r in server.requests if r.method == "PATCH"]
    assert changes == [{"timeout_seconds": 15.0}]
    assert organization.types["a"]["description"] == "A"


def test_a_dry_run_changes_nothing(organization, server):
    exported(organization)
    organization.webhooks, organization.types = {}, {}
    assert run(["import", "all.json", "--dry-run"]) == 0
    assert run(["import", "--dry-run", "all.json"]) == 0
    assert organization.webhooks == organization.types == {}


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"format":"callboard-export","version":9}',
             '{"format":"callboard-export","version":1,"event_types":[1],"webhooks":[]}'],
)  # fmt: skip
def test_an_invalid_export_is_not_imported(server, tmp_path, text):
    (tmp_path / "f").write_text(text)
    assert run(["import", "f"]) == 1
    assert server.requests == []
